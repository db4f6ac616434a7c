import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import {
  administratorVerifies,
  certificate,
  eventually,
  ifMatch,
  Person,
  signIn,
  signUp,
  someMonday,
} from './people.ts'

// Dr Okello is ill on a Monday on which five are booked. Some go to her colleague on that day, the others to her next free times; nobody is forgotten,
// and everybody is told.

const about = { gender: 'female', languages: ['en'], specialities: ['cardiology'] }
const mondays = (place: string, validFrom: string) => ({
  ...{ place, modes: ['in-person'], minutes: 30, validFrom },
  hours: [{ day: 'mon', from: '09:00', until: '11:30' }],
})

async function openColleague(house: RunningHouse, place: string, monday: string) {
  const colleague = await signUp(house, 'dr-mensah', 'Dr Kwame Mensah')
  const id = (await colleague.ask(201, 'POST', '/v1/practitioners', { ...about, name: 'Dr Kwame Mensah' })).body.id
  const paper = { number: 'TEST-2', issuer: 'Fictional Council', country: 'ZZ' }
  const days = { validFrom: '2020-01-01', validUntil: '2045-01-01' }
  const licence = (await colleague.ask(201, 'POST', `/v1/practitioners/${id}/licences`, { ...paper, ...days })).body
  const raw = { type: 'application/pdf', content: certificate }
  const shown = await house.ask('POST', `/v1/licences/${licence.id}/certificate`, { token: colleague.token, raw })
  const ada = await signIn(new Person(house), 'ada')
  await ada.ask(200, 'POST', `/v1/licences/${licence.id}/verify`, { decision: 'verified' }, ifMatch(shown))
  const hours = [{ day: 'mon', from: '09:00', until: '10:00' }]
  await colleague.ask(201, 'POST', '/v1/schedules', { ...mondays(place, monday), hours })
  return { id: id as string, ada }
}

async function patientAt(house: RunningHouse, n: number, practitioner: string, start: string) {
  const person = await signUp(house, `patient-${n}`, `Test Patient ${'abcde'[n]}`)
  const facts = { name: `Test Patient ${'abcde'[n]}`, birthDate: `199${n}-05-17`, gender: 'female', language: 'en' }
  const patient = (await person.ask(201, 'POST', '/v1/patients', { ...facts, zone: 'Africa/Accra' })).body.id
  const visit = (await person.ask(201, 'POST', '/v1/appointments', { practitioner, patient, start })).body
  return { person, patient: patient as string, visit: visit.id as string }
}

async function journey(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const monday = someMonday()
  const doctor = await signUp(house, 'dr-okello', 'Dr Amina Okello')
  const okello = (await doctor.ask(201, 'POST', '/v1/practitioners', { ...about, name: 'Dr Amina Okello' })).body.id
  const { place } = await administratorVerifies(house, doctor, okello)
  const schedule = (await doctor.ask(201, 'POST', '/v1/schedules', mondays(place, monday))).body.id
  const colleague = await openColleague(house, place, monday)
  const people = []
  for (const [n, time] of ['09:00', '09:30', '10:00', '10:30', '11:00'].entries())
    people.push(await patientAt(house, n, okello, `${monday}T${time}:00Z`))
  const visits = people.map(({ visit }) => visit)

  const ill = { kind: 'withdraw', date: monday, reason: 'Ill' }
  const asked = await doctor.ask(409, 'POST', `/v1/schedules/${schedule}/exceptions`, ill)
  assert.deepEqual(asked.body.affected, visits)
  await doctor.ask(201, 'POST', `/v1/schedules/${schedule}/exceptions?acceptAffected=true`, ill)
  const tasks = async () => (await doctor.ask(200, 'GET', '/v1/rebookings')).body.items
  assert.deepEqual(
    (await tasks()).map(({ appointment }: { appointment: string }) => appointment),
    visits,
  )

  // The doctor moves what stays with her; two of the patients would rather come on the day.
  const plan = (await doctor.ask(200, 'POST', '/v1/rebookings/plan', {})).body
  assert.equal(plan.moves.length, 5)
  assert.equal(new Set(plan.moves.map(({ start }: { start: string }) => start)).size, 5)
  const later = { moves: plan.moves.slice(2) }
  const moved = (await doctor.ask(200, 'POST', '/v1/rebookings/move', later)).body.items
  assert.deepEqual(
    moved.map(({ moved }: { moved: boolean }) => moved),
    [true, true, true],
  )
  for (const { person, visit } of people.slice(0, 2)) {
    const wish = { practitioner: okello, others: [colleague.id] }
    const { moves } = (await person.ask(200, 'POST', '/v1/rebookings/plan', wish)).body
    assert.equal(moves[0].practitioner, colleague.id)
    assert.match(moves[0].start, new RegExp(`^${monday}`))
    const [result] = (await person.ask(200, 'POST', '/v1/rebookings/move', { moves })).body.items
    assert.equal(result.moved, true, JSON.stringify(result))
    assert.equal((await person.ask(200, 'GET', `/v1/appointments/${visit}`)).body.status, 'cancelled')
  }
  assert.deepEqual(await tasks(), [])

  for (const [n, { person }] of people.entries()) {
    const said = n < 2 ? 'Appointment cancelled' : 'Appointment moved'
    await eventually(`patient ${n} is told`, async () => {
      const { items } = (await person.ask(200, 'GET', '/v1/notifications')).body
      return items.some(({ title }: { title: string }) => title === said)
    })
  }
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

describe('a doctor falls ill, and everybody who was booked has somewhere to go', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
