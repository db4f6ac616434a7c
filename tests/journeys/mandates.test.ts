import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { moveClock, movedBy } from '../moving-clock.ts'
import { type Form, forms, type RunningHouse, startHouse } from '../processes.ts'
import { administratorVerifies, eventually, ifMatch, Person, password, signIn, signUp, someMonday } from './people.ts'

// Acting for somebody else, and its end: over HTTP, against real processes.

const DAY = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'openhcs-clock-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const about = { gender: 'female', language: 'en', zone: 'Etc/UTC' }

async function patient(house: RunningHouse, userName: string, name: string) {
  const person = await signUp(house, userName, name)
  const made = await person.ask(201, 'POST', '/v1/patients', { name, birthDate: '1950-06-05', ...about })
  return Object.assign(person, { id: made.body.id as string })
}

async function caregiver(house: RunningHouse, userName: string, name: string) {
  const person = await signUp(house, userName, name)
  const made = await person.ask(201, 'POST', '/v1/caregivers', { name, language: 'en' })
  return Object.assign(person, { id: made.body.id as string, code: made.body.code as string })
}

/** A practitioner with a verified licence, and hours on a Monday to come. */
async function practitioner(house: RunningHouse) {
  const doctor = await signUp(house, 'okello', 'Amina Okello')
  const facts = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const { id } = (await doctor.ask(201, 'POST', '/v1/practitioners', facts)).body
  await administratorVerifies(house, doctor, id)
  return Object.assign(doctor, { id: id as string })
}

const administrator = (house: RunningHouse) => signIn(new Person(house), 'ada')

interface Stream {
  titles(): string[]
  leave(): void
}

/** What a telephone that is left open receives. */
async function listen(house: RunningHouse, { token }: Person): Promise<Stream> {
  const url = new URL('/v1/notifications/stream', house.origins[0])
  const request = get(url, { headers: { authorization: `Bearer ${token}` } })
  const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve))
  let text = ''
  response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  response.on('error', () => {})
  request.on('error', () => {})
  return {
    titles: () => [...text.matchAll(/"title":"([^"]+)"/g)].map(([, title]) => title as string),
    leave: () => request.destroy(),
  }
}

/** A mandate is revoked while a stream is open. */
async function revoked(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const doctor = await practitioner(house)
  const saba = await patient(house, 'saba', 'Saba Tesfaye')
  const hana = await caregiver(house, 'hana', 'Hana Bekele')
  const powers = ['book', 'see-record', 'receive-messages']
  const mandate = (await saba.ask(201, 'POST', '/v1/mandates', { patient: saba.id, caregiverCode: hana.code, powers }))
    .body
  await hana.ask(200, 'POST', `/v1/mandates/${mandate.id}/accept`)
  const monday = someMonday()
  await doctor.ask(201, 'POST', '/v1/schedules', {
    zone: 'Etc/UTC',
    minutes: 30,
    modes: ['video'],
    specialities: ['cardiology'],
    hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
    validFrom: new Date().toISOString().slice(0, 10),
  })
  const stream = await listen(house, hana)
  const wish = { practitioner: doctor.id, patient: saba.id, start: `${monday}T09:00:00Z` }
  const booked = await eventually('the hours are known', async () => {
    const answer = await house.ask('POST', '/v1/appointments', { token: saba.token, body: wish })
    return answer.status === 201 ? answer : undefined
  })
  await eventually('the caregiver hears of it', async () => stream.titles().includes('Appointment booked'))

  await saba.ask(200, 'POST', `/v1/mandates/${mandate.id}/revoke`, { reason: 'We moved apart' })

  // On the very next request, in every process.
  await hana.ask(404, 'GET', `/v1/patients/${saba.id}`)
  await hana.ask(404, 'GET', `/v1/appointments/${booked.body.id}`)
  await hana.ask(404, 'POST', '/v1/appointments', { ...wish, start: `${monday}T10:00:00Z` })
  await saba.ask(200, 'POST', `/v1/appointments/${booked.body.id}/cancel`, { reason: 'pat' }, ifMatch(booked))
  await eventually('the patient hears of it', async () => {
    const { items } = (await saba.ask(200, 'GET', '/v1/notifications')).body
    return items.some(({ title }: { title: string }) => title === 'Appointment cancelled')
  })
  await eventually('the caregiver hears of the end', async () => stream.titles().includes('A mandate has ended'))
  assert.ok(!stream.titles().includes('Appointment cancelled'), 'the open stream tells nothing more of the patient')
  const inbox = (await hana.ask(200, 'GET', '/v1/notifications')).body.items
  assert.ok(!inbox.some(({ title }: { title: string }) => title.startsWith('Appointment')), 'nor does the inbox')
  stream.leave()
}

/** A child comes of age. */
async function ofAge(form: Form): Promise<void> {
  const clock = join(folder, form)
  writeFileSync(clock, '0')
  await using house = await startHouse(form, movedBy(clock))
  const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
  assert.equal(code, 0, output)
  const [hana, ada] = [await caregiver(house, 'hana', 'Hana Bekele'), await administrator(house)]
  // In ten days, at midnight, where the child lives; the day after, where the year of birth had no such day.
  const inDays = (days: number) => new Date(Date.now() + days * DAY)
  const birthday = inDays(10).toISOString().includes('-02-29') ? inDays(11) : inDays(10)
  const birthDate = `${birthday.getUTCFullYear() - 18}${birthday.toISOString().slice(4, 10)}`
  const registered = await hana.ask(201, 'POST', '/v1/guardianships', {
    child: { name: 'Liya Bekele', birthDate, ...about },
    evidence: 'Birth certificate 77-1204, shown at the clinic',
  })
  const { id, patient: child, validUntil } = registered.body
  assert.equal(validUntil, `${birthday.toISOString().slice(0, 10)}T00:00:00.000Z`)
  await hana.ask(404, 'GET', `/v1/patients/${child}`)
  await ada.ask(200, 'POST', `/v1/mandates/${id}/verify`, undefined, ifMatch(registered))
  await hana.ask(200, 'GET', `/v1/patients/${child}`)
  const uncle = await caregiver(house, 'dawit', 'Dawit Bekele')
  const given = { patient: child, caregiverCode: uncle.code, powers: ['book'] }
  const delegated = (await hana.ask(201, 'POST', '/v1/mandates', given)).body
  await uncle.ask(200, 'POST', `/v1/mandates/${delegated.id}/accept`)
  assert.equal((await uncle.ask(200, 'GET', '/v1/patients')).body.items[0].id, child)

  const untilBirthday = Date.parse(validUntil) - Date.now()
  moveClock(clock, untilBirthday - 60_000)
  await hana.ask(200, 'GET', `/v1/patients/${child}`)
  moveClock(clock, untilBirthday + 60_000)
  await hana.ask(404, 'GET', `/v1/patients/${child}`)
  assert.deepEqual((await hana.ask(200, 'GET', '/v1/patients')).body.items, [])
  assert.deepEqual((await uncle.ask(200, 'GET', '/v1/patients')).body.items, [])
  assert.equal((await hana.ask(200, 'GET', `/v1/mandates/${id}`)).body.status, 'expired')
  await hana.ask(404, 'POST', '/v1/mandates', given)
}

/** An emergency look-up. */
async function emergency(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const doctor = await practitioner(house)
  const saba = await patient(house, 'saba', 'Saba Tesfaye')
  const ada = await administrator(house)
  const reason = 'Unconscious after an accident; allergies must be known'
  const find = { name: 'saba tesfaye', birthDate: '1950-06-05' }
  const [found] = (await doctor.ask(200, 'POST', '/v1/emergency-look-ups', find)).body.items
  await doctor.ask(404, 'GET', `/v1/patients/${found.id}`)
  const opened = (await doctor.ask(201, 'POST', '/v1/break-glass', { patient: found.id, reason })).body
  await doctor.ask(200, 'GET', `/v1/patients/${found.id}`)
  await eventually('the patient is told at once', async () => {
    const { items } = (await saba.ask(200, 'GET', '/v1/notifications')).body
    return items.some(({ title }: { title: string }) => title === 'Your record was opened in an emergency')
  })
  const log = (await saba.ask(200, 'GET', `/v1/patients/${saba.id}/access-log`)).body.items
  const texts = log.map(({ text }: { text: string }) => text)
  for (const text of [
    'Dr Amina Okello opened your record in an emergency.',
    'Dr Amina Okello read your profile in an emergency look-up.',
    'Dr Amina Okello tried to see your profile and was not let in.',
  ])
    assert.ok(texts.includes(text), text)

  const [waiting] = (await ada.ask(200, 'GET', '/v1/break-glass?reviewed=false')).body.items
  assert.equal(waiting.id, opened.id)
  const verdict = { verdict: 'unjustified', note: 'Nobody was in danger' }
  await ada.ask(200, 'POST', `/v1/break-glass/${opened.id}/review`, verdict, { 'if-match': `"${waiting.version}"` })
  await doctor.ask(404, 'GET', `/v1/patients/${found.id}`)
  assert.deepEqual((await ada.ask(200, 'GET', '/v1/break-glass?reviewed=false')).body.items, [])
  const audited = await house.command(['audit', 'verify'])
  assert.equal(audited.code, 0, audited.output)
}

for (const form of forms)
  describe(`with its rooms ${form}`, () => {
    it('a mandate is revoked while a stream is open', () => revoked(form))
    it('a child comes of age', () => ofAge(form))
    it('an emergency look-up', () => emergency(form))
  })
