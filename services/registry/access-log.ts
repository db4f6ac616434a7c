import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { inWords, type Who } from './access-log-words.ts'
import { notThere } from './caller.ts'
import type { readAccessLog as contract } from './contract/access-log.ts'
import type { Tables } from './database.ts'
import { type SeenRow, seenOf } from './queries/access-log.ts'
import { visiblePatient } from './queries/patients.ts'

type View = Static<typeof contract.response>
type Entry = View['items'][number]

/** Who treats somebody sees what they need to; who watches over that is the patient, and whom the patient lets see the record. */
const MAY_WATCH = new Set(['self', 'mandate'])

export function readAccessLog(
  ctx: Context<Tables>,
  patient: string,
  { limit = 20, cursor }: Static<typeof contract.query>,
): Promise<View> {
  const before = decodeCursor(cursor, ['number'])?.[0] as number | undefined
  return transact(ctx, async (ctx) => {
    const seen = await watching(ctx, patient)
    if (!seen) throw notThere('patient')
    const rows = await seenOf(ctx.db, { patient: seen.id, before, limit })
    return pageOf(rows, limit, ({ id }) => [id], toEntry)
  })
}

/** Whose log it is, for who may look at it, with an audit row for the look: of one that was replaced, the survivor, whose log has the rows of both. */
export async function watching(
  ctx: TransactionContext<Tables>,
  patient: string,
): Promise<{ id: string; relationship: string } | undefined> {
  const seen = await visiblePatient(ctx.db, patient, accountOf(ctx), ctx.now())
  if (!seen || !MAY_WATCH.has(seen.relationship)) return undefined
  const { id, relationship } = seen
  audit(ctx, { action: 'R', entity: 'AccessLog', subject: `Patient/${id}`, relationship })
  return { id, relationship }
}

function toEntry(row: SeenRow): Entry {
  const [who, name] = personOf(row)
  const what = row.entity.split('/')[0] ?? row.entity
  const refused = row.reason === 'refused'
  return {
    at: row.at.toISOString(),
    action: row.action as Entry['action'],
    what,
    who,
    ...(name !== undefined && { name }),
    ...(row.relationship !== null && { relationship: row.relationship }),
    refused,
    text: inWords(row, who, name, what, refused),
  }
}

export function personOf(row: SeenRow): [who: Who, name?: string] {
  if (row.own) return ['yourself']
  if (row.actor === 'system') return ['service']
  if (row.relationship === 'desk') return row.organisation === null ? ['desk'] : ['desk', row.organisation]
  if (row.relationship === 'mandate' && row.caregiver !== null) return ['caregiver', row.caregiver]
  if (row.practitioner !== null) return ['practitioner', row.practitioner]
  if (row.caregiver !== null) return ['caregiver', row.caregiver]
  return [row.administrator ? 'administrator' : 'somebody']
}
