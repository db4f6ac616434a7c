import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar } from '../../../tests/calendar.ts'
import { checked } from '../../../tests/fhir-r4.ts'

const nine = '2031-03-03T09:00:00Z'
const PATH = '/fhir/R4/Appointment'
const JSON_TYPE = { 'content-type': 'application/fhir+json' }
const version = (n: number) => ({ ...JSON_TYPE, 'if-match': `W/"${n}"` })
const called = { coding: [{ code: 'pat-cpp' }], text: 'Travelling' }

async function open() {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const practitioner = await openCalendar(house)
  const saba = await newPatient(house)
  const wanted = (more: object = {}) => ({
    ...{ resourceType: 'Appointment', status: 'booked', start: nine, description: 'Cough' },
    participant: [`Patient/${saba.patient}`, `Practitioner/${practitioner}`].map((reference) => ({
      ...{ actor: { reference }, status: 'accepted' },
    })),
    ...more,
  })
  return { house, practitioner, saba, wanted }
}

describe('POST /fhir/R4/Appointment', async () => {
  const { house, saba, wanted } = await open()

  it('books, as $book does, and says where it is', async () => {
    const { status, body, headers } = await saba.post(PATH, wanted({ status: 'proposed' }), JSON_TYPE)
    assert.equal(status, 201, JSON.stringify(body))
    checked(body)
    assert.deepEqual([body.status, body.start, body.description], ['booked', '2031-03-03T09:00:00.000Z', 'Cough'])
    assert.deepEqual([headers.location, headers.etag], [`${PATH}/${body.id}/_history/1`, 'W/"1"'])
    assert.deepEqual((await saba.get(String(headers.location))).body.id, body.id)
    assert.equal((await saba.get(`/v1/appointments/${body.id}`)).body.reason, 'Cough')
  })

  it('is once under one key, and lets one of two have a time, with proposals for the other', async () => {
    const start = '2031-03-03T10:00:00Z'
    const keyed = { ...JSON_TYPE, 'idempotency-key': 'once' }
    const answers = [await saba.post(PATH, wanted({ start }), keyed), await saba.post(PATH, wanted({ start }), keyed)]
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.id]),
      [201, 201].map((status) => [status, answers[0]?.body.id]),
    )
    const other = await newPatient(house)
    const [, giver] = wanted().participant
    const theirs = { start, participant: [{ actor: { reference: `Patient/${other.patient}` } }, giver] }
    const lost = await other.post(PATH, wanted(theirs), JSON_TYPE)
    assert.deepEqual([lost.status, lost.body.issue[0].code], [409, 'conflict'])
    checked(lost.body)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('refuses what is not to be booked, or by whom it may not', async () => {
    for (const status of ['arrived', 'cancelled', 'fulfilled'])
      assert.equal((await saba.post(PATH, wanted({ status }), JSON_TYPE)).status, 400, status)
    assert.equal((await saba.post(PATH, wanted({ participant: [] }), JSON_TYPE)).status, 400)
    const stranger = await newPatient(house)
    assert.equal((await stranger.post(PATH, wanted(), JSON_TYPE)).status, 404)
    assert.equal((await house.anonymous.post(PATH, wanted(), JSON_TYPE)).status, 401)
    const administrator = await house.signedIn({ roles: ['administrator'] })
    assert.equal((await administrator.post(PATH, wanted(), JSON_TYPE)).status, 403)
  })
})

describe('PUT /fhir/R4/Appointment/:id', async () => {
  const { house, saba, wanted } = await open()
  const { body: booked } = await saba.post(PATH, wanted(), JSON_TYPE)
  const url = `${PATH}/${booked.id}`
  const off = { ...booked, status: 'cancelled', cancelationReason: called }

  it('refuses another change, another version, and those who may not', async () => {
    const moved = await saba.put(url, { ...off, start: '2031-03-03T10:00:00.000Z' }, version(1))
    assert.deepEqual([moved.status, moved.body.issue[1].expression], [422, ['Appointment.start']])
    assert.equal((await saba.put(url, booked, version(1))).status, 400, 'only to be cancelled')
    assert.equal((await saba.put(url, off, JSON_TYPE)).status, 428)
    assert.equal((await saba.put(url, off, version(2))).status, 412)
    const unknown = { ...off, cancelationReason: { coding: [{ code: 'whim' }] } }
    assert.equal((await saba.put(url, unknown, version(1))).status, 400)
    const stranger = await newPatient(house)
    assert.equal((await stranger.put(url, off, version(1))).status, 404)
    assert.equal((await saba.put(`${PATH}/${newId()}`, off, version(1))).status, 404)
    assert.equal((await house.anonymous.put(url, off, version(1))).status, 401)
    assert.equal((await saba.get(url)).body.status, 'booked')
  })

  it('cancels, as $cancel does, and frees the time', async () => {
    const { status, body, headers } = await saba.put(url, off, version(1))
    assert.equal(status, 200, JSON.stringify(body))
    checked(body)
    assert.deepEqual([body.status, body.cancelationReason.text, headers.etag], ['cancelled', 'Travelling', 'W/"2"'])
    assert.equal((await saba.get(url)).body.status, 'cancelled')
    assert.equal((await saba.post(PATH, wanted(), JSON_TYPE)).status, 201)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})

describe('PATCH /fhir/R4/Appointment/:id', async () => {
  const { house, saba, wanted } = await open()
  const PATCH_TYPE = { 'content-type': 'application/json-patch+json' }
  const off = [
    { op: 'replace', path: '/status', value: 'cancelled' },
    { op: 'add', path: '/cancelationReason', value: called },
  ]
  const { body: booked } = await saba.post(PATH, wanted(), JSON_TYPE)
  const url = `${PATH}/${booked.id}`

  it('refuses another change, another version, and those who may not', async () => {
    const later = [...off, { op: 'replace', path: '/start', value: '2031-03-03T10:00:00.000Z' }]
    const moved = await saba.patch(url, later, PATCH_TYPE)
    assert.deepEqual([moved.status, moved.body.issue[1].expression], [422, ['Appointment.start']])
    const without = [...off, { op: 'remove', path: '/description' }]
    assert.equal((await saba.patch(url, without, PATCH_TYPE)).status, 422)
    const unasked = await saba.patch(url, off.slice(0, 1), PATCH_TYPE)
    assert.deepEqual([unasked.status, unasked.body.issue[0].code], [400, 'invalid'])
    assert.equal((await saba.patch(url, off, { ...PATCH_TYPE, 'if-match': 'W/"2"' })).status, 412)
    const stranger = await newPatient(house)
    assert.equal((await stranger.patch(url, off, PATCH_TYPE)).status, 404)
    assert.equal((await saba.patch(`${PATH}/${newId()}`, off, PATCH_TYPE)).status, 404)
    assert.equal((await house.anonymous.patch(url, off, PATCH_TYPE)).status, 401)
    assert.equal((await saba.get(url)).body.status, 'booked')
  })

  it('cancels, once, as PUT does', async () => {
    const answers = await Promise.all([1, 2].map(() => saba.patch(url, off, PATCH_TYPE)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422], JSON.stringify(answers))
    const { body, headers } = answers.find(({ status }) => status === 200) as (typeof answers)[number]
    checked(body)
    assert.deepEqual([body.status, body.cancelationReason.text, headers.etag], ['cancelled', 'Travelling', 'W/"2"'])
    assert.equal((await saba.get(`/v1/appointments/${booked.id}`)).body.status, 'cancelled')
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    const { rows } = await house.owner.query(
      `select action from platform.audit_event where entity = $1 and action = 'U'`,
      [`Appointment/${booked.id}`],
    )
    assert.equal(rows.length, 1)
  })
})

describe('a Bundle', async () => {
  const { house, saba, wanted } = await open()
  const made = async (start: string) => (await saba.post(PATH, wanted({ start }), JSON_TYPE)).body
  const [first, second] = [await made('2031-03-03T11:00:00Z'), await made('2031-03-03T12:00:00Z')]
  const entry = (visit: { id: string }, more: object = {}) => ({
    request: { method: 'PUT', url: `Appointment/${visit.id}` },
    resource: { ...visit, status: 'cancelled', cancelationReason: called, ...more },
  })
  const sent = (type: string, ...all: object[]) => saba.post('/fhir/R4', { resourceType: 'Bundle', type, entry: all })
  const statusOf = async ({ id }: { id: string }) => (await saba.get(`${PATH}/${id}`)).body.status

  it('as a transaction cancels all of its visits, or none', async () => {
    const half = await sent('transaction', entry(first), entry(second, { description: 'Other' }))
    assert.deepEqual(
      [half.status, half.body.issue[1].expression],
      [422, ['Bundle.entry[1].resource.description']],
      JSON.stringify(half.body),
    )
    assert.deepEqual([await statusOf(first), await statusOf(second)], ['booked', 'booked'])
    const whole = await sent('transaction', entry(first), entry(second))
    assert.equal(whole.status, 200, JSON.stringify(whole.body))
    assert.deepEqual([await statusOf(first), await statusOf(second)], ['cancelled', 'cancelled'])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('says where a visit is booked, and that none is deleted', async () => {
    const booking = { request: { method: 'POST', url: 'Appointment' }, resource: wanted() }
    const deleting = { request: { method: 'DELETE', url: `Appointment/${first.id}` } }
    for (const one of [booking, deleting]) {
      const answer = await sent('transaction', one)
      assert.equal(answer.status, 405, JSON.stringify(answer.body))
      assert.match(answer.body.issue[0].diagnostics, /POST .fhir.R4.Appointment/)
    }
  })
})

describe('an address that two rooms answer', async () => {
  const { saba } = await open()

  it('has the methods of both, and refuses others once', async () => {
    const found = await saba.post(`${PATH}/_search`, {}, JSON_TYPE)
    assert.deepEqual([found.status, found.body.resourceType], [200, 'Bundle'])
    const checkedAnswer = await saba.post(`${PATH}/$validate`, { resourceType: 'Appointment' }, JSON_TYPE)
    assert.equal(checkedAnswer.body.resourceType, 'OperationOutcome')
    assert.equal((await saba.delete(`${PATH}/${newId()}`)).status, 405, 'what is projected is not deleted')
    assert.equal((await saba.get(`${PATH}/$book`)).status, 405)
  })
})
