import type { Resource } from '#fhir/resource.ts'
import { clientTypes } from '#platform/access.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { groupFor, openTo } from '../queries/bulk-export.ts'
import type { RecordsTables } from '../tables.ts'
import { standingOf } from './standing.ts'

interface Group extends Resource {
  member?: { entity: { reference?: string }; inactive?: boolean; period?: { end?: string } }[]
}

const PATIENT = /^Patient\/([A-Za-z0-9.-]{1,64})$/

/**
 * The patients who are members of a Group by now, of whom the app may have something; of these `among` alone, where they are named. A Group is there for an app that may
 * have Groups, and one at least of those whom this one is about: who refuses something closes it to nobody else. Who became one with another is that one.
 */
export async function membersOf(
  ctx: Context<RecordsTables>,
  id: string,
  among: readonly string[] | null,
): Promise<string[]> {
  const [client, now, held] = [accountOf(ctx), ctx.now(), clientTypes(ctx.actor, 'r')]
  if (!held.includes('*') && !held.includes('Group'))
    throw new Problem('forbidden', 'None of the scopes of this token lets it have Groups.')
  const found = await groupFor(ctx.db, client, id, now)
  if (!found) throw new Problem('not-found', 'There is no such resource, or you may not see it.')
  const { member = [] } = JSON.parse(found.body) as Group
  const present = member.filter(({ inactive, period }) => !inactive && !isOver(period?.end, now))
  if (present.some(({ entity }) => entity.reference?.startsWith('Group/')))
    throw new Problem('business-rule', 'The Group holds other Groups. Export each of them.')
  const named = present.flatMap(({ entity }) => PATIENT.exec(entity.reference ?? '')?.[1] ?? [])
  const { as } = await standingOf(ctx, named)
  const standing = named.map((one) => ({ named: one, patient: as.get(one) ?? one }))
  const open = await openTo(ctx.db, { client, now, patients: standing.map(({ patient }) => patient) })
  const members = standing.filter(({ patient }) => open.has(patient))
  const isMember = (one: string) => members.some(({ named, patient }) => one === named || one === patient)
  if (!among) return [...new Set(members.map(({ patient }) => patient))]
  if (!among.every(isMember))
    throw new Problem('invalid', 'A parameter is wrong; see the issues.', {
      errors: [{ pointer: '/query/patient', detail: 'must be members of the Group whom the app may have' }],
    })
  return [...new Set(among.map((one) => as.get(one) ?? one))]
}

/** A date says no hour: the whole of that day, month or year is in it. */
const isOver = (end: string | undefined, now: Date): boolean =>
  end !== undefined && (end.includes('T') ? new Date(end) < now : end < now.toISOString().slice(0, end.length))
