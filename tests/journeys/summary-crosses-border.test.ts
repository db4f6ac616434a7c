import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import { seatWard } from '../ward.ts'
import { Person, signUp } from './people.ts'

// A patient moves to another country: what is known of them leaves one house as an International Patient Summary, and comes into a second one, where some of it is known already and otherwise.

interface Preview {
  id: string
  version: number
  source: string
  patient: { field: string; here?: string; there?: string }[]
  entries: { entry: number; type: string; outcome: string; differences?: { field: string }[] }[]
}

const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'Africa/Addis_Ababa' }
const what = (code: string, text: string) => ({ text, coding: [{ system: 'http://codes.example', code }] })

async function patientIn(house: RunningHouse, name: string) {
  const person = await signUp(house, 'saba', name)
  const { id } = (await person.ask(201, 'POST', '/v1/patients', { name, ...facts })).body
  const doctor = new Person(house)
  const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
  await owner.connect()
  try {
    doctor.token = (await seatWard(owner)).token
    await owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       select gen_random_uuid(), account_id, 'treatment', 'Patient', $1, '{see-record}', now() from platform.role_grant where role = 'practitioner'`,
      [id],
    )
  } finally {
    await owner.end()
  }
  return { person, doctor, path: `/v1/patients/${id}`, id: id as string }
}

async function journey(form: Form): Promise<void> {
  await using one = await startHouse(form)
  const there = await patientIn(one, 'Saba Tesfay')
  const add = (kind: string, body: object) => there.doctor.ask(201, 'POST', `${there.path}/${kind}`, body)
  await add('problems', { what: what('HT', 'Hypertension'), status: 'active', onset: '2019' })
  await add('allergies', { what: what('PEN', 'Penicillin'), status: 'active', criticality: 'high' })
  await add('medicines', { what: what('AML', 'Amlodipine 5 mg'), status: 'active', from: '2020-01' })
  await add('results', {
    ...{ what: what('HB', 'Haemoglobin'), status: 'final', at: '2025-01-02T08:00:00Z' },
    value: { number: 12.4, unit: 'g/dL' },
  })
  const summary = (await there.doctor.ask(200, 'GET', `/fhir/R4/Patient/${there.id}/$summary`)).body
  assert.equal(summary.type, 'document')

  await using two = await startHouse(form)
  const here = await patientIn(two, 'Saba Tesfaye')
  await here.doctor.ask(201, 'POST', `${here.path}/problems`, {
    what: what('HT', 'High blood pressure'),
    status: 'active',
  })
  const bring = async (): Promise<Preview> => {
    const raw = { type: 'application/fhir+json', content: Buffer.from(JSON.stringify(summary)) }
    const answer = await two.ask('POST', `${here.path}/record-imports`, { token: here.doctor.token, raw })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body
  }
  const preview = await bring()
  const outcomes = ({ entries }: Preview) =>
    Object.fromEntries(
      entries.filter(({ outcome }) => outcome !== 'not-taken').map((each) => [each.type, each.outcome]),
    )
  assert.deepEqual(preview.patient, [{ field: 'name', here: '"Saba Tesfaye"', there: '"Saba Tesfay"' }])
  assert.deepEqual(outcomes(preview), {
    ...{ Condition: 'conflict', AllergyIntolerance: 'new', MedicationStatement: 'new', Observation: 'new' },
  })
  const conflict = preview.entries.find(({ outcome }) => outcome === 'conflict')
  assert.deepEqual(
    conflict?.differences?.map(({ field }) => field),
    ['onsetDateTime'],
  )
  const decisions = preview.entries
    .filter(({ outcome }) => outcome === 'new' || outcome === 'conflict')
    .map(({ entry }) => ({ entry, decision: 'take' }))
  const decided = { decisions }
  await here.doctor.ask(200, 'POST', `${here.path}/record-imports/${preview.id}/decisions`, decided, {
    'if-match': '"1"',
  })

  const list = async (kind: string) => (await here.person.ask(200, 'GET', `${here.path}/${kind}`)).body.items
  const [problem] = await list('problems')
  assert.deepEqual([problem.onset, problem.version], ['2019', 2])
  const [allergy] = await list('allergies')
  assert.deepEqual([allergy.what.text, allergy.recorded.way], ['Penicillin', 'import'])
  const timeline = (await here.person.ask(200, 'GET', `${here.path}/timeline`)).body.items
  assert.ok(timeline.some(({ words }: { words: string }) => words === 'Haemoglobin: 12.4 g/dL'))
  assert.deepEqual(new Set(Object.values(outcomes(await bring()))), new Set(['same']))
}

describe('a summary crosses a border', () => {
  for (const form of forms)
    it(`and what it brings is looked at before it is taken, ${inWords[form]}`, () => journey(form))
})
