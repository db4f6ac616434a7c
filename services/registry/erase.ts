import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import type { Person, Trace } from '#platform/person.ts'
import { keptUntil } from '#platform/retention.ts'
import { mandateRevoked, practitionerChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { knowsPatient } from './mandates/mandates.ts'
import { projected } from './projection/projector.ts'
import * as queries from './queries/erase.ts'
import { replacedBy } from './queries/erasures.ts'
import { expireExports } from './queries/exports.ts'
import { revokeGrants } from './queries/grants.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

/** More copies than anybody can ask for before they expire. */
const ALL = 10_000

/** Names, birth, phones, numbers and photos go. Records stay as numbers, so that nothing refers to what is not there. */
export function erase(ctx: Ctx, person: Person): Promise<Trace[]> {
  return projected(ctx, async (ctx) => {
    const { account = null, patient = null, practitioner = null, caregiver = null } = person
    const now = ctx.now()
    const records = [patient, practitioner, caregiver].filter((id) => id !== null)
    const numbers = await queries.eraseIdentifiers(ctx.db, patient, practitioner)
    const grants = await queries.eraseGrants(ctx.db, account, records, now)
    const files = await queries.noteFiles(ctx.db, person, now)
    const desks = await queries.eraseDesks(ctx.db, records, now)
    const copies = await expireExports(ctx.db, { now, ...(account && { account }), ...(patient && { patient }) }, ALL)
    const traces: Trace[] = [
      { what: 'copies of everything', outcome: 'erased', count: copies },
      { what: 'national, tax and insurance numbers', outcome: 'erased', count: numbers },
      { what: 'rights on records, and of others on these', outcome: 'erased', count: grants },
      { what: 'files to which nothing else refers', outcome: 'erased', count: files },
      { what: 'care of an organisation, codes and files of its desk', outcome: 'erased', count: desks },
      await eraseMandates(ctx, patient, caregiver),
    ]
    if (account !== null) traces.push(...(await eraseAccount(ctx, account)))
    if (patient !== null) traces.push(...(await erasePatients(ctx, patient)))
    if (caregiver !== null)
      traces.push(pseudonym('caregiver profile', await queries.eraseCaregiver(ctx.db, caregiver, now)))
    if (practitioner !== null) traces.push(...(await erasePractitioner(ctx, practitioner)))
    auditAll(ctx, { patient, practitioner, caregiver })
    return traces
  })
}

const pseudonym = (what: string, count: number): Trace => ({
  what,
  outcome: 'pseudonymised',
  count,
  why: 'Its number stays, so that records that are kept still refer to something.',
})

async function eraseMandates(ctx: Tx, patient: string | null, caregiver: string | null): Promise<Trace> {
  const ended = await queries.endMandates(ctx.db, patient, caregiver, ctx.now())
  for (const { id } of ended) await revokeGrants(ctx.db, id, ctx.now())
  for (const { id, patient_id, caregiver_id } of ended.filter(knowsPatient))
    publish(ctx, mandateRevoked, { mandate: id, patient: patient_id, caregiver: caregiver_id })
  return { what: 'mandates, ended; their evidence is erased', outcome: 'pseudonymised', count: ended.length }
}

async function eraseAccount(ctx: Tx, account: string): Promise<Trace[]> {
  return [
    {
      what: 'profiles as donor or administrator',
      outcome: 'erased',
      count: await queries.eraseProfiles(ctx.db, account),
    },
    {
      what: 'work at desks, ended',
      outcome: 'pseudonymised',
      count: await queries.endMemberships(ctx.db, account, ctx.now()),
    },
  ]
}

/** The one that stands, and those that it stands for. */
async function erasePatients(ctx: Tx, patient: string): Promise<Trace[]> {
  const all = [patient, ...(await replacedBy(ctx.db, patient)).map(({ id }) => id)]
  const traces = []
  for (const one of all) {
    traces.push(...(await eraseAround(ctx, one)))
    traces.push(pseudonym('patient profile', await queries.erasePatient(ctx.db, one, ctx.now())))
  }
  return traces
}

/** What others wrote or reckoned about the patient. Answers to questions of consent hold no words, and are still honoured. */
async function eraseAround(ctx: Tx, patient: string): Promise<Trace[]> {
  const why = 'That the record was opened, and looked into, must stay known.'
  return [
    { what: 'keys to compare names by', outcome: 'erased', count: await queries.eraseMatches(ctx.db, patient) },
    {
      what: 'emergencies, without their words',
      outcome: 'pseudonymised',
      count: await queries.eraseReasons(ctx.db, patient),
      why,
    },
  ]
}

async function erasePractitioner(ctx: Tx, id: string): Promise<Trace[]> {
  const now = ctx.now()
  const until = await queries.verifiedUntil(ctx.db, id)
  const licences = await queries.eraseLicences(ctx.db, id)
  const count = await queries.erasePractitioner(ctx.db, id, until !== null, now)
  publish(ctx, practitionerChanged, { practitioner: id })
  const kept: Trace = {
    what: 'name and verified licences',
    outcome: 'kept',
    count,
    why: 'Who treated somebody must stay known for as long as records of treatment are kept.',
    ...(until && { until: keptUntil(ctx.config, 'appointments', until).toISOString() }),
  }
  return [
    { what: 'licences that were not verified', outcome: 'erased', count: licences },
    until === null ? pseudonym('practitioner profile', count) : kept,
  ]
}

function auditAll(ctx: Tx, records: Record<'patient' | 'practitioner' | 'caregiver', string | null>): void {
  for (const [kind, id] of Object.entries(records)) {
    const entity = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}/${id}`
    if (id !== null) audit(ctx, { action: 'D', entity, subject: entity, reason: 'erasure' })
  }
}
