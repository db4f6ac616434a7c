import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Answer, openTestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar } from '../../../tests/calendar.ts'
import { checked } from '../../../tests/fhir-r4.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
type Any = any

async function open(options: TestHouseOptions = {}) {
  const house = await openTestHouse(everything, options)
  after(() => house[Symbol.asyncDispose]())
  let address = 0
  /** Each time from another address: the feed is limited for each. */
  const get = async (url: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const remoteAddress = `10.2.0.${++address}`
    const answer = await house.app.inject({ url: new URL(url, 'http://openhcs.test').pathname, headers, remoteAddress })
    const { statusCode: status, headers: shown, payload } = answer
    const isLines = String(shown['content-type']).includes('ndjson')
    return {
      status,
      headers: shown as Answer['headers'],
      body: isLines || payload === '' ? payload : JSON.parse(payload),
    }
  }
  const lines = ({ body }: Answer): Any[] =>
    String(body)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  const outputs = async (type: string): Promise<string[]> =>
    (await get('/fhir/R4/$bulk-publish')).body.output.filter((one: Any) => one.type === type).map(({ url }: Any) => url)
  const all = async (type: string) => (await Promise.all((await outputs(type)).map((url) => get(url)))).flatMap(lines)
  return { house, get, all, outputs }
}

describe('GET /fhir/R4/$bulk-publish', async () => {
  const { house, get, all, outputs } = await open()
  const root = await house.signedIn({ roles: ['administrator'] })
  const facts = { name: 'Harbour Clinic', address: '3 Quay Street', city: 'Port Selam', country: 'GH', zone: 'UTC' }
  const { body: made } = await root.post('/v1/places', {
    ...facts,
    latitude: 0.34,
    longitude: 6.73,
    phone: '+233302665701',
  })
  const place = made.id as string
  await house.owner.query(
    `insert into scheduling.place (id, name, zone, latitude, longitude) values ($1, 'Harbour Clinic', 'UTC', 0.34, 6.73)`,
    [place],
  )
  const okello = await openCalendar(house, { place, from: '09:00', until: '12:00' })
  const saba = await newPatient(house)

  it('names files that are there, to everybody', async () => {
    const { status, body, headers } = await get('/fhir/R4/$bulk-publish')
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /^application\/json/)
    assert.match(String(headers['cache-control']), /max-age=300/)
    assert.equal(body.request, 'http://openhcs.test/fhir/R4/$bulk-publish')
    assert.match(body.transactionTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.deepEqual(body.error, [])
    for (const { url } of body.output) {
      const file = await get(url)
      assert.equal(file.status, 200)
      assert.match(String(file.headers['content-type']), /^application\/fhir\+ndjson/)
    }
  })

  it('publishes places, schedules and slots that belong together, and are R4', async () => {
    const [locations, schedules, slots] = [await all('Location'), await all('Schedule'), await all('Slot')]
    for (const one of [...locations, ...schedules, ...slots]) checked(one)
    const ids = new Set([...locations, ...schedules].map(({ resourceType, id }) => `${resourceType}/${id}`))
    assert.ok(schedules.length > 0 && slots.length > 0)
    for (const { actor, serviceType } of schedules) {
      assert.equal(actor.length, 1)
      assert.ok(ids.has(actor[0].reference))
      assert.ok(serviceType.length > 0)
    }
    for (const { schedule, status } of slots) {
      assert.ok(ids.has(schedule.reference))
      assert.equal(status, 'free')
    }
    const [clinic] = locations
    assert.deepEqual(clinic.address, { line: ['3 Quay Street'], city: 'Port Selam', country: 'GH' })
    assert.equal(clinic.telecom[0].value, '+233302665701')
  })

  it('shows the slots that searches show, and $book takes their ids', async () => {
    const search = await saba.get(`/fhir/R4/Slot?schedule.actor=${okello}&start=2031-03-03`)
    const ids = search.body.entry.map(({ resource }: Any) => resource.id)
    const monday = (await all('Slot')).filter(({ start }) => start.startsWith('2031-03-03')).map(({ id }) => id)
    assert.deepEqual(monday, ids)
    const parameter = [
      { name: 'appt-id', valueUri: `Appointment/${ids[0]}` },
      { name: 'patient-id', valueUri: `Patient/${saba.patient}` },
    ]
    const booked = await saba.post('/fhir/R4/Appointment/$book', { resourceType: 'Parameters', parameter })
    assert.equal(booked.status, 200)
    assert.ok(!(await all('Slot')).some(({ id }) => id === ids[0]))
  })

  it('answers 304 until something has changed', async () => {
    const [, week = ''] = await outputs('Slot')
    const urls = ['/fhir/R4/$bulk-publish', ...(await outputs('Location')), ...(await outputs('Schedule')), week]
    const marks = new Map<string, string>()
    for (const url of urls) marks.set(url, String((await get(url)).headers.etag))
    const again = (url: string) => get(url, { 'if-none-match': String(marks.get(url)) })
    for (const url of urls) assert.equal((await again(url)).status, 304, url)
    const body = { practitioner: okello, patient: saba.patient, start: '2031-03-04T09:00:00Z' }
    assert.equal((await saba.post('/v1/appointments', body)).status, 201)
    assert.equal((await again(week)).status, 200)
    await root.patch(`/v1/places/${place}`, { name: 'Harbour' }, { 'if-match': '"1"' })
    assert.equal((await again(urls[1] as string)).status, 200)
    assert.equal((await again(urls[2] as string)).status, 304)
  })

  it('names no practitioner and no patient', async () => {
    for (const type of ['Location', 'Schedule', 'Slot'])
      for (const url of await outputs(type)) {
        const { body } = await get(url)
        assert.doesNotMatch(String(body), /Practitioner|Patient|Dr Test/)
        assert.ok(!String(body).includes(saba.patient))
      }
  })

  it('has only weeks that it names', async () => {
    for (const day of ['2031-03-05', '2030-12-30', '2033-01-03'])
      assert.equal((await get(`/fhir/R4/bulk-publish/slots/${day}`)).status, 404)
    assert.equal((await get('/fhir/R4/bulk-publish/slots/today')).status, 400)
  })

  it('leaves out hours for known patients only, without a place, and without a licence', async () => {
    for (const [change, back] of [
      ['new_patients = false', 'new_patients = true'],
      ['place_id = null', `place_id = '${place}'`],
    ]) {
      await house.owner.query(`update scheduling.schedule set ${change} where practitioner_id = $1`, [okello])
      assert.deepEqual([await all('Schedule'), await all('Slot')], [[], []], change)
      await house.owner.query(`update scheduling.schedule set ${back} where practitioner_id = $1`, [okello])
    }
    await house.owner.query(`update scheduling.practitioner set licensed_until = '2031-02-01Z' where id = $1`, [okello])
    assert.deepEqual([await all('Schedule'), await all('Slot')], [[], []])
  })
})

describe('an installation that publishes nothing', async () => {
  const { get } = await open({ env: { PUBLISH_FREE_TIMES: 'false' } })

  it('has no feed', async () => {
    for (const path of [
      '$bulk-publish',
      'bulk-publish/locations.ndjson',
      'bulk-publish/schedules.ndjson',
      'bulk-publish/slots/2031-03-03',
    ])
      assert.equal((await get(`/fhir/R4/${path}`)).status, 404, path)
  })
})
