import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, withDatabase } from './database.ts'
import type { HouseMessage } from './house-server.ts'
import { type Figures, Load } from './measure.ts'
import { type Ask, type Partner, type ServerState, startPartner } from './messages.ts'
import { multiply } from './more-records.ts'
import {
  CLERKS_TOKEN,
  EACH,
  makeRecords,
  observationFor,
  observationId,
  PAGE,
  patientFor,
  patientOf,
  type Records,
  tokenFor,
  WITH_PAGE,
} from './records.ts'
import { say } from './say.ts'
import type { Bench } from './setting.ts'

/** What is asked, in the order in which it is measured: what writes comes last. */
export const kinds = {
  read: 'read of one Observation',
  search: `search of a patient's observations, ${PAGE} rows`,
  create: 'create of an Observation',
  patient: 'create of a Patient, by a desk',
  transaction: 'transaction of 100 Observations',
} as const
export type Kind = keyof typeof kinds

export interface FhirFigures {
  records: Records
  byKind: Readonly<Record<Kind, { house: Figures; floor: Figures }>>
  /** Transactions by one client alone. */
  alone: { house: Figures; floor: Figures }
}

export const ENTRIES = 100
const PATIENTS = 25_000
const CONNECTIONS = 10
const ASKS = 2_000

/** The FHIR face, and beside it the least that could answer the same. */
export async function benchFhir(
  place: Place,
  { folder, load, seconds }: Pick<Bench, 'folder' | 'load' | 'seconds'>,
  patients = PATIENTS,
): Promise<FhirFigures> {
  const records = await makeRecords(place, patients)
  say(`${records.observations.toLocaleString('en')} observations written in ${records.loadSeconds.toFixed(1)} s`)
  const env = envOf(records, folder)
  const house = startPartner<HouseMessage, ServerState>('./house-server.ts', env)
  const floor = startPartner<{ kind: 'state' }, ServerState>('./floor-fhir.ts', env)
  const measure = (server: Partner<never, ServerState>, kind: Kind, connections = CONNECTIONS) => {
    const file = join(folder, `fhir-${kind}.json`)
    const asks = asksOf(kind, records)
    writeFileSync(file, JSON.stringify(asks))
    const job = { file, connections, seconds, from: 0, until: asks.length, wrap: true }
    return load.warmThenMeasure(server, job, kind === 'create' || kind === 'patient' ? '201' : '200')
  }
  try {
    const byKind = {} as Record<Kind, { house: Figures; floor: Figures }>
    for (const kind of Object.keys(kinds) as Kind[])
      byKind[kind] = { house: await measure(house, kind), floor: await measure(floor, kind) }
    const alone = { house: await measure(house, 'transaction', 1), floor: await measure(floor, 'transaction', 1) }
    return { records, byKind, alone }
  } finally {
    await house.stop()
    await floor.stop()
  }
}

const envOf = ({ appUrl, ownerUrl }: Records, folder: string) => ({
  DATABASE_URL: appUrl,
  DATABASE_OWNER_URL: ownerUrl,
  OPENHCS_HOME: folder,
  // A process that serves this face alone.
  OPENHCS_SERVICES: 'records',
  PUBLIC_URL: 'http://openhcs.test',
  RATE_LIMIT_PER_MINUTE: '10000000',
  BODY_LIMIT_BYTES: '1048576',
})

function asksOf(kind: Kind, { patients }: Records): Ask[] {
  const count = kind === 'transaction' ? ASKS / 20 : ASKS
  return Array.from({ length: count }, (_, i) => {
    // In no order of the tables: 7,919 is a prime.
    const any = (i * 7_919) % patients
    const n = kind === 'search' ? any - (any % WITH_PAGE) : any
    return { token: kind === 'patient' ? CLERKS_TOKEN : tokenFor(n), ...requestOf(kind, n, i) }
  })
}

function requestOf(kind: Kind, n: number, i: number): Omit<Ask, 'token'> {
  const patient = patientOf(n)
  if (kind === 'read') return { method: 'GET', url: `/fhir/R4/Observation/${observationId(n, i % EACH)}` }
  if (kind === 'search') return { method: 'GET', url: `/fhir/R4/Observation?patient=${patient}&_count=${PAGE}` }
  if (kind === 'create')
    return { method: 'POST', url: '/fhir/R4/Observation', body: JSON.stringify(observationFor(patient, i)) }
  if (kind === 'patient') return { method: 'POST', url: '/fhir/R4/Patient', body: JSON.stringify(patientFor(i)) }
  const entry = Array.from({ length: ENTRIES }, (_, at) => ({
    resource: observationFor(patient, at),
    request: { method: 'POST', url: 'Observation' },
  }))
  return {
    method: 'POST',
    url: '/fhir/R4',
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
  }
}

export interface GrowthFigures {
  few: { observations: number; p50: number }
  many: { observations: number; p50: number; loadSeconds: number }
}

/** Searches of patients by one client among all there is, and among so many times as much: nothing but the number of other patients differs. */
export async function benchGrowth(
  place: Place,
  { folder, load, seconds }: Pick<Bench, 'folder' | 'load' | 'seconds'>,
  { patients, times }: { patients: number; times: number } = { patients: 5_000, times: 40 },
): Promise<GrowthFigures> {
  const few = await makeRecords(place, patients)
  const p50 = async (records: Records) => {
    const house = startPartner<HouseMessage, ServerState>('./house-server.ts', envOf(records, folder))
    const file = join(folder, 'fhir-growth.json')
    const asks = asksOf('search', few)
    writeFileSync(file, JSON.stringify(asks))
    try {
      const job = { file, connections: 1, seconds, from: 0, until: asks.length, wrap: true }
      return (await load.warmThenMeasure(house, job, '200')).p50
    } finally {
      await house.stop()
    }
  }
  const before = { observations: few.observations, p50: await p50(few) }
  const { observations, loadSeconds, ...many } = await multiply(few, times)
  return { few: before, many: { observations, loadSeconds, p50: await p50({ ...many, observations, loadSeconds }) } }
}

/** Of a measurement by itself: with fewer patients, and for so many seconds; or, with a third number, how a search grows with so many times as much. */
async function alone(place: Place): Promise<void> {
  const [patients, seconds, times] = [PATIENTS, 8, 0].map((usual, n) => Number(process.argv[n + 2] ?? usual)) as [
    number,
    number,
    number,
  ]
  const load = new Load(place.database.dataDirectory)
  try {
    if (times > 1) {
      const { few, many } = await benchGrowth(place, { folder: place.folder, load, seconds }, { patients, times })
      for (const { observations, p50 } of [few, many])
        say(`search by one client among ${observations.toLocaleString('en')} observations: p50 ${p50.toFixed(2)} ms`)
      return
    }
    const { byKind, alone } = await benchFhir(place, { folder: place.folder, load, seconds }, patients)
    for (const [kind, both] of Object.entries({ ...byKind, alone }))
      for (const [who, f] of Object.entries(both))
        say(
          `${kind} ${who}: ${f.perSecond.toFixed(0)}/s, p50 ${f.p50.toFixed(2)} ms, p99 ${f.p99.toFixed(1)} ms, ${f.cpu.toFixed(2)} CPU-ms, database ${f.databaseCpu?.toFixed(2)} CPU-ms, ${f.statements.toFixed(2)} statements, ${f.trips.toFixed(2)} trips, ${f.bytes.toFixed(0)} bytes, ${f.rss.toFixed(0)} MB`,
        )
  } finally {
    await load.stop()
  }
}

if (import.meta.main) await withDatabase(alone)
