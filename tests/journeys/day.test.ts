import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { moveClock, movedBy } from '../moving-clock.ts'
import { type Answer, type Form, forms, type RunningHouse, startHouse } from '../processes.ts'
import { certificate, eventually, ifMatch, noonZone, Person, password, signIn, signUp } from './people.ts'

// A clinic day from hours to no-show, over HTTP against real processes whose clock is moved: a doctor whose hours the desk placed, patients who are booked, one who comes
// without, and one who does not come.

const MINUTE = 60_000
const folder = mkdtempSync(join(tmpdir(), 'openhcs-clock-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const about = { gender: 'female', language: 'en' }

async function openClinic(house: RunningHouse, zone: string) {
  const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
  assert.equal(code, 0, output)
  const ada = await signIn(new Person(house), 'ada')
  const where = { city: 'Port Selam', country: 'ZZ' }
  const organisation = (await ada.ask(201, 'POST', '/v1/organisations', { name: 'Harbour Clinic', ...where })).body.id
  const spot = { address: '3 Quay Street', latitude: 0.34, longitude: 6.73, zone }
  const place = (await ada.ask(201, 'POST', '/v1/places', { name: 'Harbour Clinic', ...where, ...spot, organisation }))
    .body.id as string
  const mary = await signUp(house, 'mary', 'Mary Boateng')
  const account = (await mary.ask(200, 'GET', '/v1/account')).body.id
  await ada.ask(201, 'POST', `/v1/organisations/${organisation}/members`, { account, function: 'desk' })
  await signIn(mary, 'mary')
  return { ada, mary, place, path: `/v1/organisations/${organisation}` }
}

type Clinic = Awaited<ReturnType<typeof openClinic>>

/** Registered and verified; the desk places hours for the whole of the day. */
async function openHours(house: RunningHouse, { ada, mary, path, place }: Clinic, date: string) {
  const facts = { name: 'Dr Kwame Mensah', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await mary.ask(201, 'POST', `${path}/practitioners`, facts)).body.id as string
  const paper = { number: 'TEST-1', issuer: 'Fictional Council', country: 'ZZ' }
  const days = { validFrom: '2020-01-01', validUntil: '2045-01-01' }
  const licence = await mary.ask(201, 'POST', `/v1/practitioners/${practitioner}/licences`, { ...paper, ...days })
  const raw = { type: 'application/pdf', content: certificate }
  const shown = await house.ask('POST', `/v1/licences/${licence.body.id}/certificate`, { token: mary.token, raw })
  assert.equal(shown.status, 200)
  await ada.ask(200, 'POST', `/v1/licences/${licence.body.id}/verify`, { decision: 'verified' }, ifMatch(shown))
  const hours = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => ({ day, from: '00:00', until: '24:00' }))
  const schedule = { practitioner, place, modes: ['in-person'], minutes: 15, hours, validFrom: date }
  await mary.ask(201, 'POST', '/v1/schedules', schedule)
  return practitioner
}

interface Screen {
  text(): string
  /** What it shows now. */
  // biome-ignore lint/suspicious/noExplicitAny: journeys look into what they assert
  shown(): any
  leave(): void
}

async function openScreen(house: RunningHouse, key: string): Promise<Screen> {
  const request = get(new URL('/v1/board/stream', house.origins[0]), { headers: { 'board-key': key } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  let text = ''
  response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  response.on('error', () => {})
  request.on('error', () => {})
  const shown = () => {
    const whole = text.slice(0, text.lastIndexOf('\n\n') + 2)
    return JSON.parse([...whole.matchAll(/^data: (.*)$/gm)].at(-1)?.[1] ?? '{"queues":[]}')
  }
  return { text: () => text, shown, leave: () => request.destroy() }
}

async function journey(form: Form): Promise<void> {
  const clock = join(folder, form)
  writeFileSync(clock, '0')
  await using house = await startHouse(form, movedBy(clock))
  const zone = noonZone()
  const date = new Intl.DateTimeFormat('sv', { timeZone: zone }).format(new Date())
  const clinic = await openClinic(house, zone)
  const { mary, place, path } = clinic
  const practitioner = await openHours(house, clinic, date)
  const register = async (name: string, birthDate: string) =>
    (await mary.ask(201, 'POST', `${path}/patients`, { ...about, zone, name, birthDate })).body.id as string
  const [liya, almaz, sara] = [
    await register('Liya Bekele', '1990-02-11'),
    await register('Almaz Worku', '1931-09-12'),
    await register('Sara Haile', '1975-03-04'),
  ]

  // In half an hour, three quarters, and an hour from now.
  const soon = Math.ceil(Date.now() / (15 * MINUTE)) * 15 * MINUTE + 30 * MINUTE
  const book = async (patient: string, minutes: number) => {
    const start = new Date(soon + minutes * MINUTE).toISOString()
    return mary.ask(201, 'POST', '/v1/appointments', { practitioner, patient, start })
  }
  const [first, second, third] = [await book(liya, 0), await book(almaz, 15), await book(sara, 30)]
  const day = await mary.ask(200, 'GET', `/v1/places/${place}/day?date=${date}`)
  assert.deepEqual(
    day.body.items.map(({ id }: { id: string }) => id),
    [first, second, third].map(({ body }) => body.id),
  )

  // Almaz is early and Liya is not there yet; somebody comes who has no booking, and is not registered.
  const { entry: almazIs } = (
    await mary.ask(200, 'POST', `/v1/appointments/${second.body.id}/arrive`, {}, ifMatch(second))
  ).body
  const { key } = (await mary.ask(201, 'POST', '/v1/board-keys', { place, name: 'Ground floor', shows: 'initials' }))
    .body
  const screen = await openScreen(house, key)
  const walkIn = (await mary.ask(201, 'POST', '/v1/queue-entries', { queue: almazIs.queue, firstName: 'Sami' })).body
  assert.deepEqual([almazIs.label, walkIn.label], ['A1', 'A2'])
  const waiting = () =>
    screen
      .shown()
      .queues[0]?.waiting.map(({ label }: { label: string }) => label)
      .join()
  await eventually('the screen shows both', async () => waiting() === 'A1,A2')
  assert.deepEqual(screen.shown().queues[0].waiting[0], { label: 'A1', initials: 'AW' })
  await mary.ask(200, 'POST', `/v1/appointments/${first.body.id}/arrive`, {}, ifMatch(first))

  // They are called as they are due: Liya, Almaz, then Sami. The first two are seen; Sami is tired of waiting and leaves.
  const next = async () => (await mary.ask(200, 'POST', `/v1/queues/${almazIs.queue}/call-next`, {})).body
  const step = (entry: { id: string; version: number }, body: object) =>
    mary.ask(200, 'POST', `/v1/queue-entries/${entry.id}/steps`, body, ifMatch({ body: entry } as Answer))
  const called = []
  for (const how of [{ step: 'finish' }, { step: 'finish' }, { step: 'leave', reason: 'left-unseen' }]) {
    const entry = await next()
    called.push(entry.label)
    await step(entry, how)
  }
  assert.deepEqual(called, ['A3', 'A1', 'A2'])
  await eventually('the screen is empty', async () => waiting() === '' && screen.shown().queues[0].called.length === 0)
  assert.doesNotMatch(screen.text(), /Liya|Almaz|Sami|Bekele|Worku/)
  screen.leave()

  // Sara does not come. Half an hour after her time she is a no-show; she comes after all, and is seen.
  moveClock(clock, soon + 65 * MINUTE - Date.now())
  await signIn(mary, 'mary')
  const missed = `/v1/appointments/${third.body.id}`
  await mary.ask(200, 'POST', `${missed}/no-show`, {}, ifMatch(third))
  const noshow = await mary.ask(200, 'GET', missed)
  assert.equal(noshow.body.status, 'noshow')
  const late = await mary.ask(200, 'POST', `${missed}/arrive`, {}, ifMatch(noshow))
  assert.equal(late.body.entry.label, 'A4')
  await step(await next(), { step: 'finish' })
  const after = await mary.ask(200, 'GET', `/v1/places/${place}/day?date=${date}&status=fulfilled`)
  assert.equal(after.body.items.length, 3)
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

for (const form of forms)
  describe(`a clinic day, its rooms ${form}`, () => {
    it('goes from hours to a no-show, in an order that can be checked', () => journey(form))
  })
