import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, type Form, forms, type RunningHouse, startHouse } from '../processes.ts'
import { certificate, eventually, ifMatch, Person, password, signIn, signUp, someMonday } from './people.ts'

// A desk at work: people without phone, e-mail or account, from registration to their own sign-in, over HTTP against real processes.

const about = { gender: 'female', language: 'am', zone: 'Africa/Accra' }
const child = { ...about, name: 'Liya Bekele', birthDate: `${new Date().getUTCFullYear() - 4}-02-11` }
const old = { ...about, name: 'Almaz Worku', birthDate: '1931-09-12' }

const ids = ({ body }: Answer) => body.items.map(({ id }: { id: string }) => id)

/** An organisation with a place; Ada, who administers; Mary, who works at its desk and may be ended. */
async function openClinic(house: RunningHouse) {
  const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
  assert.equal(code, 0, output)
  const ada = await signIn(new Person(house), 'ada')
  const where = { city: 'Port Selam', country: 'ZZ' }
  const organisation = (await ada.ask(201, 'POST', '/v1/organisations', { name: 'Harbour Clinic', ...where })).body.id
  const spot = { address: '3 Quay Street', latitude: 0.34, longitude: 6.73, zone: 'Africa/Accra' }
  const at = { name: 'Harbour Clinic', ...where, ...spot, organisation }
  const place = (await ada.ask(201, 'POST', '/v1/places', at)).body.id as string
  const mary = await signUp(house, 'mary', 'Mary Boateng')
  const account = (await mary.ask(200, 'GET', '/v1/account')).body.id
  const member = { account, function: 'desk' }
  const membership = (await ada.ask(201, 'POST', `/v1/organisations/${organisation}/members`, member)).body.id
  await signIn(mary, 'mary')
  return { ada, mary, place, membership: membership as string, path: `/v1/organisations/${organisation}` }
}

type Clinic = Awaited<ReturnType<typeof openClinic>>

/** A child and somebody very old; the second time the old one comes, the desk is warned. */
async function registerPeople({ mary, path }: Clinic) {
  const register = async (facts: object) => (await mary.ask(201, 'POST', `${path}/patients`, facts)).body.id as string
  const warned = async ({ name, birthDate }: { name: string; birthDate: string }) =>
    (await mary.ask(200, 'POST', `${path}/patients/possible-duplicates`, { name, birthDate })).body.items
  assert.deepEqual(await warned(child), [])
  const [liya, almaz] = [await register(child), await register(old)]
  const [same, ...more] = await eventually('a desk is warned', async () => {
    const found = await warned({ ...old, name: 'Almaz Werku' })
    return found.length > 0 && found
  })
  assert.deepEqual([same.patient, same.name, more], [almaz, old.name, []])
  const search = await mary.ask(200, 'POST', `${path}/patients/search`, {})
  assert.deepEqual(ids(search).sort(), [liya, almaz].sort())
  return { liya, almaz }
}

/** Registered by the desk, verified by the administrator; the desk then places Monday mornings at its place. */
async function openPractice(house: RunningHouse, { ada, mary, path, place }: Clinic, monday: string) {
  const facts = { name: 'Dr Kwame Mensah', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await mary.ask(201, 'POST', `${path}/practitioners`, facts)).body.id as string
  const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
  const schedule = { practitioner, place, modes: ['in-person'], minutes: 30, hours, validFrom: monday }
  await mary.ask(422, 'POST', '/v1/schedules', schedule)
  const paper = { number: 'TEST-1', issuer: 'Fictional Council', country: 'ZZ' }
  const days = { validFrom: '2020-01-01', validUntil: '2045-01-01' }
  const licence = await mary.ask(201, 'POST', `/v1/practitioners/${practitioner}/licences`, { ...paper, ...days })
  const raw = { type: 'application/pdf', content: certificate }
  const shown = await house.ask('POST', `/v1/licences/${licence.body.id}/certificate`, { token: mary.token, raw })
  assert.equal(shown.status, 200)
  await ada.ask(200, 'POST', `/v1/licences/${licence.body.id}/verify`, { decision: 'verified' }, ifMatch(shown))
  const placed = (await mary.ask(201, 'POST', '/v1/schedules', schedule)).body
  assert.deepEqual([placed.practitioner, placed.place], [practitioner, place])
  assert.deepEqual(ids(await mary.ask(200, 'GET', `/v1/schedules?practitioner=${practitioner}`)), [placed.id])
  return { practitioner, schedule: placed.id as string }
}

/** The guardian shows a birth certificate; the administrator writes it down, and she accepts. */
async function giveMandate(house: RunningHouse, { ada }: Clinic, patient: string): Promise<Person> {
  const hana = await signUp(house, 'hana', 'Hana Bekele')
  const { code } = (await hana.ask(201, 'POST', '/v1/caregivers', { name: 'Hana Bekele', language: 'am' })).body
  const given = { patient, caregiverCode: code, powers: ['book', 'see-record'] }
  await ada.ask(422, 'POST', '/v1/mandates', given)
  const evidence = 'Birth certificate 77-1204, shown at the desk'
  const mandate = (await ada.ask(201, 'POST', '/v1/mandates', { ...given, evidence })).body
  assert.equal(mandate.basis, 'desk')
  await signIn(hana, 'hana')
  await hana.ask(404, 'GET', `/v1/patients/${patient}`)
  await hana.ask(200, 'POST', `/v1/mandates/${mandate.id}/accept`)
  return hana
}

async function journey(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const monday = someMonday()
  const clinic = await openClinic(house)
  const { ada, mary } = clinic
  const { liya, almaz } = await registerPeople(clinic)
  const { practitioner, schedule } = await openPractice(house, clinic, monday)

  // The desk books for both; the child's guardian sees the visit, and moves it herself.
  const book = (patient: string, time: string) =>
    mary.ask(201, 'POST', '/v1/appointments', { practitioner, patient, start: `${monday}T${time}:00Z` })
  const [first, second] = [await book(liya, '09:00'), await book(almaz, '09:30')]
  const hana = await giveMandate(house, clinic, liya)
  assert.deepEqual(ids(await hana.ask(200, 'GET', '/v1/appointments')), [first.body.id])
  const later = { start: `${monday}T10:00:00Z` }
  await hana.ask(200, 'POST', `/v1/appointments/${first.body.id}/reschedule`, later, ifMatch(first))
  const day = await mary.ask(200, 'GET', `/v1/appointments?practitioner=${practitioner}`)
  assert.deepEqual(ids(day), [second.body.id, first.body.id])
  const found = await hana.ask(200, 'GET', '/v1/practitioners/find?speciality=cardiology')
  assert.deepEqual(ids(found), [practitioner])

  // The old one gets an account: a slip from the desk, a birth date, and what was booked is there.
  const slip = (await mary.ask(201, 'POST', `/v1/patients/${almaz}/claim-code`)).body
  const herself = await signUp(house, 'almaz', old.name, 'am')
  await herself.ask(422, 'POST', '/v1/claims', { code: slip.code, birthDate: child.birthDate })
  const claimed = await herself.ask(200, 'POST', '/v1/claims', { code: slip.code, birthDate: old.birthDate })
  assert.equal(claimed.body.record, almaz)
  await signIn(herself, 'almaz')
  assert.deepEqual(ids(await herself.ask(200, 'GET', '/v1/appointments')), [second.body.id])
  await mary.ask(404, 'POST', `/v1/patients/${almaz}/claim-code`)

  // Mary works there no longer: the next request is refused, whichever room it is for.
  await mary.ask(200, 'GET', `/v1/patients/${liya}`)
  await mary.ask(200, 'GET', `/v1/schedules/${schedule}`)
  await ada.ask(204, 'DELETE', `/v1/members/${clinic.membership}`)
  await mary.ask(403, 'GET', `/v1/schedules/${schedule}`)
  await mary.ask(403, 'GET', `/v1/patients/${liya}`)
  await mary.ask(403, 'GET', `/v1/appointments/${first.body.id}`)
  await mary.ask(403, 'POST', `${clinic.path}/patients`, child)
  await herself.ask(200, 'GET', `/v1/appointments/${second.body.id}`)

  // She sees who was at her record, and that it was at a desk.
  const log = await eventually('the access log tells of the desk', async () => {
    const { items } = (await herself.ask(200, 'GET', `/v1/patients/${almaz}/access-log`)).body
    return items.some(({ relationship }: { relationship?: string }) => relationship === 'desk') && items
  })
  assert.ok(log.length > 0)
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

for (const form of forms)
  describe(`a desk at work, its rooms ${form}`, () => {
    it('registers, places hours, books, hands over, and is refused when the work has ended', () => journey(form))
  })
