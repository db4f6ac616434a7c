import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
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
    const relationship = (await visiblePatient(ctx.db, patient, accountOf(ctx), ctx.now()))?.relationship
    if (relationship === undefined || !MAY_WATCH.has(relationship)) throw notThere('patient')
    audit(ctx, { action: 'R', entity: 'AccessLog', subject: `Patient/${patient}`, relationship })
    const rows = await seenOf(ctx.db, { patient, before, limit })
    return pageOf(rows, limit, ({ id }) => [id], toEntry)
  })
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

function personOf(row: SeenRow): [who: Entry['who'], name?: string] {
  if (row.own) return ['yourself']
  if (row.actor === 'system') return ['service']
  if (row.relationship === 'mandate' && row.caregiver !== null) return ['caregiver', row.caregiver]
  if (row.practitioner !== null) return ['practitioner', row.practitioner]
  if (row.caregiver !== null) return ['caregiver', row.caregiver]
  return [row.administrator ? 'administrator' : 'somebody']
}

const people: Record<Entry['who'], string> = {
  yourself: 'You',
  practitioner: 'A practitioner',
  caregiver: 'A caregiver',
  administrator: 'An administrator',
  service: 'The service itself',
  somebody: 'Somebody',
}
const verbs: Record<string, string> = { C: 'added', R: 'read', U: 'changed', D: 'ended', E: 'opened' }
const things: Record<string, string> = {
  Patient: 'your profile',
  Appointment: 'an appointment',
  Mandate: 'a mandate',
  Consent: 'what you permit and refuse',
  Treatment: 'a treatment relationship',
  BreakGlass: 'your record in an emergency',
  AccessLog: 'this log',
}
const relationships: Record<string, string> = {
  treatment: ', who treats you,',
  practitioner: ', who treats you,',
  mandate: ', whom a mandate lets act for you,',
}
const reasons: Record<string, string> = {
  told: ' in a message',
  slip: ' from a slip of paper',
  'emergency look-up': ' in an emergency look-up',
}

/** For people, in plain English; whoever translates has the codes beside it. */
function inWords(row: SeenRow, who: Entry['who'], name: string | undefined, what: string, refused: boolean): string {
  const as = who === 'yourself' ? '' : (relationships[row.relationship ?? ''] ?? '')
  const thing = things[what] ?? `something of the kind ${what}`
  const did = refused ? `tried to see ${thing} and was not let in` : `${verbs[row.action] ?? 'touched'} ${thing}`
  return `${name ?? people[who]}${as} ${did}${reasons[row.reason ?? ''] ?? ''}.`
}
