import pg from 'pg'
import { pino } from 'pino'
import { checkPrescription } from '#fhir/medicines/check.ts'
import type { Resource } from '#fhir/resource.ts'
import { writeResources } from '#fhir/rooms/write.ts'
import type { Actor } from '#platform/auth.ts'
import { loadConfig } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { migrate } from '#platform/migrate.ts'
import { transact } from '#platform/transaction.ts'
import { expectSafe } from '#services/care-plans/prescriptions/speaks-against.ts'
import type { CarePlansTables } from '#services/care-plans/tables.ts'
import { everything } from '#services.ts'
import { withDatabase } from './database.ts'

type Ctx = Context<CarePlansTables>
type Spread = Record<'p50' | 'p99', number>

export interface PrescribeFigures {
  known: number
  /** Milliseconds of what checks one prescription, in its transaction: what is known is read, noted in the audit and compared. */
  checked: Spread
  /** The same rows read by the bare driver and parsed, and compared with nothing. */
  floor: Spread
  /** The comparing alone. */
  compared: Spread
}

const KNOWN = 200
const ALLERGIES = 50
const EACH = 300

const SYSTEM = 'http://codes.example'
const FLOOR = `
  select body from platform.fhir_resource where about @> array[$1::text] and type in ('AllergyIntolerance', 'MedicationRequest', 'MedicationStatement')`

/** In one process, one after another, as whoever prescribes waits for it. */
export async function benchPrescribe(
  env: Record<string, string>,
  { ownerUrl }: { ownerUrl: string },
): Promise<PrescribeFigures> {
  const config = loadConfig({ ...process.env, ...env })
  const house = openHouse({ config, services: everything, log: pino({ level: 'silent' }) })
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  try {
    const [patient, practitioner, account] = [newId(), newId(), newId()]
    await owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', now() - interval '1 day'),
         (gen_random_uuid(), $1, 'licence', 'Practitioner', $3, '{}', now() - interval '1 day')`,
      [account, patient, practitioner],
    )
    const actor: Actor = { kind: 'account', account, roles: ['practitioner'], self: { practitioner } }
    const ctx = house.context('care_plans', { actor, traceId: newId(), doing: 'bench' }) as Ctx
    const known = Array.from({ length: KNOWN }, (_, n) => knownOf(n, patient))
    await transact(ctx, (ctx) =>
      writeResources(
        ctx,
        known.map((resource) => ({ resource })),
      ),
    )
    await owner.query('vacuum (analyze) platform.fhir_resource')
    return await measured(ctx, owner, { patient, practitioner, known })
  } finally {
    await owner.end()
    await house.close()
  }
}

/** Each with codes of two systems, a text of some words, and a reaction or an ingredient. */
function knownOf(n: number, patient: string): Resource & { id: string } {
  const about = { reference: `Patient/${patient}` }
  const code = {
    text: `Fictional substance number ${n} of a long list`,
    coding: [SYSTEM, `${SYSTEM}/others`].map((system) => ({ system, code: `S${n}`, display: `Substance ${n}` })),
  }
  if (n < ALLERGIES)
    return {
      ...{ resourceType: 'AllergyIntolerance', id: newId(), patient: about, code },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
      },
      reaction: [{ substance: code, manifestation: [{ text: 'Hives' }] }],
    }
  const taken = { id: newId(), status: 'active', medicationCodeableConcept: code, subject: about }
  return n % 2 === 0
    ? { resourceType: 'MedicationStatement', ...taken }
    : { resourceType: 'MedicationRequest', intent: 'order', ...taken }
}

async function measured(
  ctx: Ctx,
  owner: pg.Client,
  { patient, practitioner, known }: { patient: string; practitioner: string; known: (Resource & { id: string })[] },
): Promise<PrescribeFigures> {
  const what = { text: 'Another one', coding: [{ system: SYSTEM, code: 'X' }] }
  const next = { id: newId(), patient, what, by: `Practitioner/${practitioner}` }
  const record = { allergies: known.slice(0, ALLERGIES), medicines: known.slice(ALLERGIES) }
  const [checked, floor, compared]: number[][] = [[], [], []]
  // By turns, so that all meet the same noise.
  for (let n = 0; n < EACH; n++) {
    await transact(ctx, (ctx) => timed(checked as number[], () => expectSafe(ctx, next, {})))
    const rows = await timed(floor as number[], async () =>
      (await owner.query(FLOOR, [patient])).rows.map(({ body }) => JSON.parse(body) as Resource),
    )
    if (rows.length !== KNOWN) throw new Error(`The floor reads ${rows.length} of ${KNOWN}`)
    await timed(compared as number[], async () => checkPrescription({ whole: what }, record, { now: new Date() }))
  }
  return { known: KNOWN, checked: spread(checked), floor: spread(floor), compared: spread(compared) }
}

async function timed<R>(into: number[], act: () => Promise<R>): Promise<R> {
  const begun = performance.now()
  const result = await act()
  into.push(performance.now() - begun)
  return result
}

function spread(times: readonly number[] = []): Spread {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

if (import.meta.main)
  await withDatabase(async ({ database: { ownerUrl, appUrl }, folder }) => {
    await migrate({ ownerUrl, appUrl, services: everything })
    const env = { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: folder }
    process.stderr.write(`${JSON.stringify(await benchPrescribe(env, { ownerUrl }), null, 2)}\n`)
  })
