import { indexOf } from '#fhir/indexing/index-of.ts'
import type { Resource } from '#fhir/resource.ts'
import { spread } from './expand-bench.ts'

export interface IndexFigures {
  /** Microseconds of processor time for one resource, at the median and the 99th of twenty rounds: others on the machine do not count. */
  patient: { p50: number; p99: number }
  observation: { p50: number; p99: number }
}

const ROUNDS = 30
/** Of each: the clock of processor time ticks every few milliseconds. */
const BATCH = 5000
const base = 'https://care.example/fhir/R4'
const LOINC = 'http://loinc.org'

/** As synthetic patients are: two names, two contacts, one address, three identifiers. */
const patient = (n: number): Resource => ({
  resourceType: 'Patient',
  id: `patient-${n}`,
  meta: { versionId: '1', lastUpdated: '2031-03-01T10:00:00.000Z' },
  identifier: [
    { system: 'https://care.example/id/patient', value: `P-${n}` },
    { system: 'https://care.example/id/insurance', value: `${10_000 + n}`, type: typed('MR') },
    { system: 'https://care.example/id/passport', value: `X${n}`, type: typed('PPN') },
  ],
  active: true,
  name: [
    { use: 'official', family: `Żółkiewska-${n}`, given: ['Anneliese', 'Maria'], prefix: ['Dr.'] },
    { use: 'maiden', family: 'Brandt', given: ['Anneliese'] },
  ],
  telecom: [
    { system: 'phone', value: `+49 30 5550 ${n}`, use: 'home' },
    { system: 'email', value: `a${n}@mail.example` },
  ],
  gender: 'female',
  birthDate: '1974-12-25',
  address: [
    { line: ['Hauptstraße 7'], city: 'Musterstadt', state: 'Beispielland', postalCode: '10115', country: 'DE' },
  ],
  communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'de' }], text: 'Deutsch' } }],
  generalPractitioner: [{ reference: 'Practitioner/7' }],
  managingOrganization: { reference: `${base}/Organization/3` },
})

const typed = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] })

const observation = (n: number): Resource => ({
  resourceType: 'Observation',
  id: `observation-${n}`,
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
  ],
  code: { coding: [{ system: LOINC, code: '2339-0', display: 'Glucose' }], text: 'Glucose' },
  subject: { reference: `Patient/patient-${n}` },
  encounter: { reference: `Encounter/encounter-${n}` },
  effectiveDateTime: '2031-03-01T10:00:00+01:00',
  issued: '2031-03-01T10:05:00.123+01:00',
  valueQuantity: { value: 80 + (n % 60), unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
})

/** By turns, so that both meet the same noise. */
export function benchIndex(): IndexFigures {
  const [patients, observations] = [batch(patient), batch(observation)]
  const times: [number[], number[]] = [[], []]
  for (let n = 0; n < ROUNDS; n++) {
    times[0].push(timed(patients))
    times[1].push(timed(observations))
  }
  // The first third is what the machine code is made in.
  const [first, second] = times.map((list) => spread(list.slice(ROUNDS / 3)))
  return { patient: first ?? { p50: 0, p99: 0 }, observation: second ?? { p50: 0, p99: 0 } }
}

const batch = (make: (n: number) => Resource) => Array.from({ length: BATCH }, (_, n) => make(n))

function timed(resources: readonly Resource[]): number {
  const before = process.threadCpuUsage()
  for (const resource of resources) indexOf(resource, { base })
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / BATCH
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(benchIndex())}\n`)
