import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addJob } from '#platform/jobs.ts'
import { openTestHouse } from '#platform/testing.ts'
import { inNotes } from '../jobs-database.ts'
import { delivered, neighbour, notes } from './rooms.ts'

const rooms = [notes, neighbour]
const key = (value: string) => ({ 'idempotency-key': value })

describe('Idempotency-Key', () => {
  it('makes a repeated request take effect once, and answers it byte for byte as before', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const inject = () =>
      house.app.inject({
        method: 'POST',
        url: '/v1/notes',
        payload: { text: 'milk' },
        headers: { authorization: `Bearer ${somebody.token}`, ...key('k1') },
      })
    const first = await inject()
    const second = await inject()
    assert.equal(first.statusCode, 201)
    assert.equal(second.statusCode, 201)
    assert.equal(second.body, first.body)
    assert.equal((await house.owner.query('select from notes.note')).rowCount, 1)
    assert.equal((await house.owner.query(`select from platform.audit_event where entity like 'Note/%'`)).rowCount, 1)
  })

  it('refuses the same key for something else', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'milk' }, key('k1'))
    assert.equal((await somebody.post('/v1/notes', { text: 'eggs' }, key('k1'))).status, 422)
  })

  it('belongs to the account that sent it', async () => {
    await using house = await openTestHouse(rooms)
    const [a, b] = [await house.signedIn(), await house.signedIn()]
    await a.post('/v1/notes', { text: 'milk' }, key('k1'))
    assert.equal((await b.post('/v1/notes', { text: 'eggs' }, key('k1'))).status, 201)
  })

  it('from 50 at once has one effect; the others get the same answer or 409', async () => {
    await using house = await openTestHouse(rooms, { env: { DATABASE_POOL_SIZE: '30' } })
    const somebody = await house.signedIn()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => somebody.post('/v1/notes', { text: 'milk' }, key('k1'))),
    )
    const made = answers.filter(({ status }) => status === 201)
    assert.ok(made.length >= 1)
    assert.equal(new Set(made.map(({ body }) => body.id)).size, 1)
    assert.deepEqual(
      [...new Set(answers.map(({ status }) => status))].filter((status) => status !== 201 && status !== 409),
      [],
    )
    assert.equal((await house.owner.query('select from notes.note')).rowCount, 1)
  })

  it('of a refused request can be used again', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'milk' })
    assert.equal((await somebody.post('/v1/notes', { text: 'milk' }, key('k1'))).status, 409)
    await house.owner.query('delete from notes.note')
    assert.equal((await somebody.post('/v1/notes', { text: 'milk' }, key('k1'))).status, 201)
  })

  it('must be visible ASCII', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    assert.equal((await somebody.post('/v1/notes', { text: 'milk' }, key('k'.repeat(201)))).status, 400)
  })
})

describe('an event', () => {
  it('is recorded with its cause or not at all', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const jobs = async () => (await house.owner.query('select from graphile_worker.jobs')).rowCount
    await somebody.post('/v1/notes', { text: 'milk' })
    assert.equal(await jobs(), 1)
    await somebody.post('/v1/notes', { text: 'milk' })
    assert.equal(await jobs(), 1)
  })

  it('that is delivered twice takes effect once', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const { body } = await somebody.post('/v1/notes', { text: 'milk' })
    const { rows } = await house.owner.query('select payload from graphile_worker._private_jobs')
    delivered.length = 0
    const deliver = house.house.tasks()['neighbour:event']
    await deliver?.(rows[0].payload, undefined as never)
    await deliver?.(rows[0].payload, undefined as never)
    await house.work()
    assert.deepEqual(delivered, [body.id, body.id, body.id])
    assert.equal((await house.owner.query('select from neighbour.secret where words = $1', [body.id])).rowCount, 1)
  })
})

describe('a job', () => {
  it('that is asked for again and again under a key uses up no numbers of the engine', async () => {
    await using house = await openTestHouse(rooms)
    const ask = () => inNotes(house, async (ctx) => addJob(ctx, 'remind', {}, { key: 'one' }))
    const numbers = async () =>
      (await house.owner.query(`select last_value from pg_sequences where sequencename like '%tasks_id_seq'`)).rows
    await ask()
    const before = await numbers()
    assert.equal(before.length, 1)
    for (let n = 0; n < 5; n++) await ask()
    assert.deepEqual(await numbers(), before)
  })
})

describe('transact', () => {
  it('costs two round trips for one write with its audit, event and stored answer', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'first, opens the connections' }, key('k0'))
    const { trips } = await house.cost(() => somebody.post('/v1/notes', { text: 'milk' }, key('k1')))
    assert.equal(trips, 3, 'the session, [begin, look-up, insert], [audit, jobs, answer, commit]')
  })
})
