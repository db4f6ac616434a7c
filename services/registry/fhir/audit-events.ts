import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { boundsOf, codesOf, isUuid, referenceOf, usedOf } from '#fhir/search.ts'
import { ownedTypes } from '#fhir/types/resource-types.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { personOf, watching } from '../access-log.ts'
import { inWords, people, words } from '../access-log-words.ts'
import { type AuditEvent, searchFhirAuditEvents } from '../contract/fhir/audit-events.ts'
import type { Tables } from '../database.ts'
import { type SeenRow, type Sought, seenOf } from '../queries/access-log.ts'

type Ctx = Context<Tables>
type Shown = Static<typeof AuditEvent>
type Query = Static<typeof searchFhirAuditEvents.query>

const MOST = 100
const nowhere = () => new Problem('not-found', 'There is no such resource, or you may not see it.')

/** Its id names the row and whose log it is in. */
export async function readAuditEvent(ctx: Ctx, id: string): Promise<Shown> {
  const [row = '', patient = '', ...more] = id.split('.')
  if (!/^[1-9]\d{0,17}$/.test(row) || !isUuid(patient) || more.length > 0) throw nowhere()
  const { rows, own } = await seen(ctx, patient, { id: row, limit: 1 })
  const [found] = rows
  if (!found) throw nowhere()
  return toFhir(found, patient, own)
}

export async function searchAuditEvents(
  ctx: Ctx,
  { _count = 20, cursor, ...query }: Query,
  prefer: string | string[] | undefined,
): Promise<Static<typeof searchFhirAuditEvents.response>> {
  const used = usedOf(searchFhirAuditEvents, { ...query, _count }, prefer)
  const base = `${ctx.config.PUBLIC_URL}${FHIR_BASE}`
  const of = (name: 'patient' | 'agent' | 'entity', types: readonly string[]) =>
    referenceOf(name, query[name], { types, base })
  const patient = of('patient', ['Patient'])?.id ?? ctx.actor.self.patient
  if (patient === undefined)
    throw new Problem('invalid', 'Say whose record it is: patient=Patient/….', {
      errors: [{ pointer: '/query/patient', detail: 'is missing' }],
    })
  const [agent, entity] = [of('agent', ['Practitioner', 'Patient']), of('entity', ownedTypes)]
  const limit = Math.min(_count, MOST)
  const before = decodeCursor(cursor, ['number'])?.[0] as number | undefined
  const { rows, own } = await seen(ctx, patient, {
    ...{ before, limit, ...boundsOf('date', query.date), actions: codesOf('action', query.action) },
    ...{ agent, entity: entity && `${entity.type}/${entity.id}` },
  })
  const { items, next } = pageOf(
    rows,
    limit,
    ({ id }) => [id],
    (row) => toFhir(row, patient, own),
  )
  return searchset({ base, path: 'AuditEvent', used }, { items, ...(next !== undefined && { next }) })
}

/** What whoever may not see the log is shown: nothing, as of a patient who is not there. */
async function seen(
  ctx: Ctx,
  patient: string,
  sought: Omit<Sought, 'patient'>,
): Promise<{ rows: SeenRow[]; own: boolean }> {
  if (!isUuid(patient)) return { rows: [], own: false }
  return transact(ctx, async (ctx) => {
    const found = await watching(ctx, patient)
    if (!found) return { rows: [], own: false }
    const own = found.relationship === 'self'
    // Others are told the kind of what was touched, and not which it was.
    if (sought.entity !== undefined && !own) return { rows: [], own }
    return { rows: await seenOf(ctx.db, { ...sought, patient: found.id }), own }
  })
}

const isType = (what: string): boolean => (ownedTypes as readonly string[]).includes(what)

function toFhir(row: SeenRow, patient: string, own: boolean): Shown {
  const [who, name] = personOf(row)
  const what = row.entity.split('/')[0] ?? row.entity
  const refused = row.reason === 'refused'
  const reference =
    who === 'yourself'
      ? `Patient/${patient}`
      : who === 'practitioner'
        ? `Practitioner/${row.practitioner_id}`
        : undefined
  return {
    resourceType: 'AuditEvent',
    id: `${row.id}.${patient}`,
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'RESTful Operation',
    },
    action: row.action as Shown['action'],
    recorded: row.at.toISOString(),
    outcome: refused ? '4' : '0',
    outcomeDesc: inWords(row, who, name, what, refused),
    agent: [
      {
        who: { ...(reference !== undefined && { reference }), display: name ?? people[who] },
        requestor: true,
        ...(row.relationship !== null && { role: [{ text: row.relationship }] }),
      },
    ],
    source: { observer: { display: 'OpenHCS' } },
    entity: [
      {
        what: { reference: `Patient/${patient}` },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1', display: 'Patient' },
      },
      {
        ...(own && isType(what) && row.entity.includes('/') && { what: { reference: row.entity } }),
        ...(isType(what) && { type: { system: 'http://hl7.org/fhir/resource-types', code: what } }),
        name: words[what]?.thing ?? 'something about you',
      },
    ],
  }
}
