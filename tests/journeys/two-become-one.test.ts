import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import { eventually } from './people.ts'

// One person was registered twice, in two scripts. The two become one, are used as one, and are parted again: over HTTP, against real processes.

const DAY = 86_400_000
const password = 'fictional and long enough'
const certificate = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')

function someMonday(): string {
  const date = new Date(Date.now() + 14 * DAY)
  while (date.getUTCDay() !== 1) date.setTime(date.getTime() + DAY)
  return date.toISOString().slice(0, 10)
}

type Ask = (status: number, method: string, path: string, body?: unknown, version?: number) => Promise<Answer>

async function signIn(house: RunningHouse, userName: string): Promise<Ask> {
  const { body } = await house.ask('POST', '/v1/sessions', { body: { userName, password } })
  return async (status, method, path, sent, version) => {
    const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` }
    const answer = await house.ask(method, path, { token: body.token, body: sent, headers })
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer
  }
}

async function signUp(house: RunningHouse, userName: string): Promise<Ask> {
  await house.ask('POST', '/v1/accounts', { body: { userName, password, name: userName, language: 'en' } })
  return signIn(house, userName)
}

/** A doctor with a verified licence and a Monday morning. */
async function openPractice(house: RunningHouse, ada: Ask, monday: string): Promise<{ doctor: Ask; id: string }> {
  const doctor = await signUp(house, 'dr-okello')
  const facts = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const { id } = (await doctor(201, 'POST', '/v1/practitioners', facts)).body
  const days = { validFrom: '2020-01-01', validUntil: '2045-01-01' }
  const of = { number: 'TEST-1', issuer: 'Fictional Council', country: 'ZZ', ...days }
  const licence = (await doctor(201, 'POST', `/v1/practitioners/${id}/licences`, of)).body
  const { body } = await house.ask('POST', '/v1/sessions', { body: { userName: 'dr-okello', password } })
  const raw = { type: 'application/pdf', content: certificate }
  await house.ask('POST', `/v1/licences/${licence.id}/certificate`, { token: body.token, raw })
  const [shown] = (await ada(200, 'GET', '/v1/licences?status=pending')).body.items
  await ada(200, 'POST', `/v1/licences/${licence.id}/verify`, { decision: 'verified' }, shown.version)
  const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
  await doctor(201, 'POST', '/v1/schedules', { modes: ['video'], zone: 'UTC', minutes: 30, hours, validFrom: monday })
  return { doctor, id }
}

async function journey(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const monday = someMonday()
  const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
  assert.equal(code, 0, output)
  const ada = await signIn(house, 'ada')
  const { doctor, id: practitioner } = await openPractice(house, ada, monday)
  const book = async (who: Ask, patient: string, time: string) =>
    (await who(201, 'POST', '/v1/appointments', { practitioner, patient, start: `${monday}T${time}:00Z` })).body.id
  const visitsOf = async (who: Ask) =>
    (await who(200, 'GET', '/v1/appointments')).body.items.map(({ id }: { id: string }) => id).join()

  // One person, two registrations: each with a visit and a caregiver.
  const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'Africa/Addis_Ababa' }
  const [saba, again] = [await signUp(house, 'saba'), await signUp(house, 'saba-again')]
  const one = (await saba(201, 'POST', '/v1/patients', { ...facts, name: 'Saba Tesfaye' })).body.id
  const other = (await again(201, 'POST', '/v1/patients', { ...facts, name: 'ሳባ ተስፋዬ' })).body.id
  const hana = await signUp(house, 'hana')
  const caregiver = (await hana(201, 'POST', '/v1/caregivers', { name: 'Hana Bekele', language: 'en' })).body
  const given = await again(201, 'POST', '/v1/mandates', {
    patient: other,
    caregiverCode: caregiver.code,
    powers: ['book', 'see-record'],
  })
  await hana(200, 'POST', `/v1/mandates/${given.body.id}/accept`)
  const mine = await book(saba, one, '09:00')
  const theirs = await book(hana, other, '09:30')

  // The two are on the review list; an administrator makes them one.
  const pair = await eventually(
    'the two are compared',
    async () => (await ada(200, 'GET', '/v1/duplicates')).body.items[0],
  )
  assert.deepEqual(pair.patients.map(({ patient }: { patient: string }) => patient).sort(), [one, other].sort())
  await saba(403, 'GET', '/v1/duplicates')
  const reason = 'Same person: passport seen'
  const merge = (await ada(201, 'POST', '/v1/merges', { survivor: one, replaced: other, reason })).body

  // Used as one: both accounts, the caregiver and the doctor see one record with both visits.
  for (const who of [saba, again, hana]) assert.equal((await who(200, 'GET', `/v1/patients/${other}`)).body.id, one)
  await eventually('the visits follow', async () => (await visitsOf(saba)) === `${mine},${theirs}`)
  assert.equal(await visitsOf(again), `${mine},${theirs}`)
  await eventually('the doctor treats the survivor', async () => {
    const { items } = (await doctor(200, 'GET', '/v1/appointments')).body
    return items.every(({ patient }: { patient: string }) => patient === one)
  })
  await doctor(200, 'GET', `/v1/patients/${one}`)
  const since = await book(hana, one, '10:00')

  // Parted again: each has what it had, and what was made since stays with the survivor.
  const undone = (await ada(200, 'POST', `/v1/merges/${merge.id}/undo`, { reason: 'Two people' }, merge.version)).body
  assert.deepEqual(undone.stays, { mandates: [], appointments: [since] })
  await hana(404, 'GET', `/v1/patients/${one}`)
  assert.equal((await hana(200, 'GET', `/v1/patients/${other}`)).body.name, 'ሳባ ተስፋዬ')
  assert.equal((await again(200, 'GET', `/v1/patients/${other}`)).body.id, other)
  await again(404, 'GET', `/v1/patients/${one}`)
  await eventually('the visits go back', async () => (await visitsOf(again)) === theirs)
  assert.equal(await visitsOf(saba), `${mine},${since}`)
  await doctor(200, 'GET', `/v1/patients/${other}`)

  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

describe('two duplicates are merged, used, and un-merged', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
