import { validate } from '#fhir/validate.ts'
import { spread } from './expand-bench.ts'

export interface ValidateFigures {
  /** Small resources (a Patient of about 1 KB, an Observation, an Appointment) in a second, on one core; the slowest type of them. */
  perSecond: number
  byType: Record<string, number>
}

const ROUNDS = 30
const BATCH = 5_000

const coding = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] })

const patient = {
  resourceType: 'Patient',
  id: '0199f6a2-7a55-7cc1-8f0e-6f1f1c3b7d21',
  meta: { versionId: '3', lastUpdated: '2031-03-04T10:11:12.345Z' },
  identifier: [
    {
      use: 'usual',
      type: coding('http://terminology.hl7.org/CodeSystem/v2-0203', 'MR', 'Medical record number'),
      system: 'https://openhcs.clinic.example/record',
      value: 'A-0000123456',
      period: { start: '2020-01-01' },
    },
  ],
  active: true,
  name: [
    { use: 'official', family: 'Adjei', given: ['Akosua', 'Serwaa'], prefix: ['Dr'] },
    { use: 'nickname', given: ['Kosi'] },
  ],
  telecom: [
    { system: 'phone', value: '+233201234567', use: 'mobile', rank: 1 },
    { system: 'email', value: 'akosua@example.org' },
  ],
  gender: 'female',
  birthDate: '1981-11-30',
  address: [{ use: 'home', line: ['12 Ring Road'], city: 'Accra', postalCode: 'GA-183', country: 'GH' }],
  maritalStatus: coding('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'M', 'Married'),
  communication: [{ language: coding('urn:ietf:bcp:47', 'en', 'English'), preferred: true }],
  managingOrganization: { reference: 'Organization/0199f6a2-7a55-7cc1-8f0e-6f1f1c3b7d22' },
}

const observation = {
  resourceType: 'Observation',
  id: '0199f6a2-7a55-7cc1-8f0e-6f1f1c3b7d23',
  status: 'final',
  category: [coding('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital signs')],
  code: coding('http://loinc.org', '29463-7', 'Body weight'),
  subject: { reference: `Patient/${patient.id}` },
  effectiveDateTime: '2031-03-04T10:11:12+01:00',
  valueQuantity: { value: 71.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
}

const appointment = {
  resourceType: 'Appointment',
  status: 'booked',
  start: '2031-03-04T10:00:00Z',
  end: '2031-03-04T10:20:00Z',
  participant: [
    { actor: { reference: `Patient/${patient.id}` }, status: 'accepted' },
    { actor: { reference: 'Practitioner/0199f6a2-7a55-7cc1-8f0e-6f1f1c3b7d24' }, status: 'accepted' },
  ],
}

/** Each text of JSON parsed anew, so that no shape of objects is better known than it would be. */
export function benchValidate(): ValidateFigures {
  const byType: Record<string, number> = {}
  const all = [patient, observation, appointment].map((resource) => ({
    resource,
    batch: Array.from({ length: BATCH }, () => JSON.parse(JSON.stringify(resource)) as unknown),
    times: [] as number[],
  }))
  for (let round = 0; round < ROUNDS; round++) for (const { batch, times } of all) times.push(timed(batch))
  for (const { resource, times } of all) byType[resource.resourceType] = Math.round((BATCH * 1000) / spread(times).p50)
  return { perSecond: Math.min(...Object.values(byType)), byType }
}

/** Of this process alone, in milliseconds: what else the machine does is not counted. */
function timed(batch: readonly unknown[]): number {
  const began = process.cpuUsage()
  for (const resource of batch)
    if (validate(resource).length > 0) throw new Error('A resource of the bench is not valid')
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(benchValidate())}\n`)
