import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aPatient, aPractitioner, nowhere, openRegistry } from '../testing.ts'

const { birthDate } = aPatient
const NOW = '2031-03-01T08:00:00Z'
const DUE = '2031-03-15T08:00:00.000Z'
const LATER = '2031-03-14T08:00:00Z'
const LATER_DUE = '2031-03-28T08:00:00.000Z'

async function openDesk() {
  const opened = await openRegistry({ SESSION_IDLE_MINUTES: '100000' })
  const { house, administrator } = opened
  const root = await administrator()
  const at = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'GH' }
  const organisation = (await root.post('/v1/organisations', at)).body.id as string
  const desk = await house.signedIn({ desk: { organisation, function: 'desk' } })
  let people = 0
  /** Somebody who signed up, so that they can be told. */
  const newcomer = async () => {
    const [userName, password] = [`newcomer-${people++}`, 'salt-harbour-lantern-7']
    await house.anonymous.post('/v1/accounts', { userName, name: 'Somebody', password })
    const { token, account } = (await house.anonymous.post('/v1/sessions', { userName, password })).body
    return { ...house.withToken(token), account: account.id as string }
  }
  /** Registered at the desk, with a slip; an administrator was asked to have the record erased. */
  const toBeErased = async (kind: 'patient' | 'practitioner' = 'patient') => {
    house.setNow(NOW)
    const facts = kind === 'patient' ? aPatient : aPractitioner
    const record = (await desk.post(`/v1/organisations/${organisation}/${kind}s`, facts)).body.id as string
    const { code } = (await desk.post(`/v1/${kind}s/${record}/claim-code`)).body
    const asked = await root.post('/v1/erasures', { [kind]: record, reason: 'asked-on-paper' })
    assert.equal(asked.status, 201, JSON.stringify(asked.body))
    assert.deepEqual([asked.body.dueAt, asked.body.of, asked.body.askedBy], [DUE, [kind], 'administrator'])
    return { record, code, erasure: asked.body.id as string }
  }
  const claim = (who: Client, code: string) => who.post('/v1/claims', { code, birthDate })
  const carryOut = (erasure: string) =>
    house.house.tasks()['registry:erase']?.({ erasure }, { job: {} } as never) as Promise<void>
  return { ...opened, root, desk, newcomer, toBeErased, claim, carryOut }
}

const statusOf = async (who: Client) =>
  (await who.get('/v1/erasures')).body.items.map(({ status }: { status: string }) => status)

describe('whoever takes over a record whose erasure waits', async () => {
  const { house, root, desk, newcomer, toBeErased, claim, carryOut, rows } = await openDesk()
  const told = async (who: Client) => {
    await house.work()
    return (await who.get('/v1/notifications')).body.items as Record<string, string>[]
  }

  for (const kind of ['patient', 'practitioner'] as const)
    it(`is told, and shown what was asked, by whom, when, and when it will be done (${kind})`, async () => {
      const { code, erasure } = await toBeErased(kind)
      house.setNow('2031-03-02T08:00:00Z')
      const who = await newcomer()
      assert.equal((await claim(who, code)).status, 200)
      const [message, ...more] = await told(who)
      assert.deepEqual(more, [])
      assert.equal(message?.title, 'Erasure of your record was asked for')
      assert.match(message?.text ?? '', /On 1 March 2031,.* an administrator .*done on 16 March 2031\./)
      assert.equal(message?.resource, `Erasure/${erasure}`)
      assert.deepEqual((await who.get('/v1/erasures')).body.items, [
        {
          id: erasure,
          status: 'waiting',
          reason: 'asked-on-paper',
          createdAt: '2031-03-01T08:00:00.000Z',
          dueAt: '2031-03-16T08:00:00.000Z',
          of: [kind],
          askedBy: 'administrator',
          claimedAt: '2031-03-02T08:00:00.000Z',
        },
      ])
    })

  it('has the whole time to call it off, however late they come', async () => {
    const { record, code, erasure } = await toBeErased()
    house.setNow(LATER)
    const who = await newcomer()
    assert.equal((await claim(who, code)).status, 200)
    house.setNow(DUE)
    await house.work()
    await carryOut(erasure)
    assert.deepEqual(await statusOf(who), ['waiting'])
    assert.equal((await who.get(`/v1/patients/${record}`)).body.name, aPatient.name)
  })

  it('calls it off; nobody else can but an administrator, and it is in the audit', async () => {
    const { record, code, erasure } = await toBeErased()
    const [who, other] = [await newcomer(), await newcomer()]
    const path = `/v1/erasures/${erasure}`
    assert.equal((await who.delete(path)).status, 404, 'before it is theirs')
    assert.equal((await claim(who, code)).status, 200)
    assert.equal((await house.anonymous.delete(path)).status, 401)
    for (const nobodys of [other, desk]) assert.equal((await nobodys.delete(path)).status, 404)
    assert.equal((await who.delete(path)).status, 204)
    assert.deepEqual(await told(who), [], 'what was called off before it was told is not told')
    house.setNow(LATER_DUE)
    await house.work()
    await carryOut(erasure)
    assert.deepEqual(await statusOf(who), ['cancelled'])
    assert.equal((await who.delete(path)).status, 422)
    assert.equal((await who.get(`/v1/patients/${record}`)).status, 200)
    const trace = await rows(
      'select account_id, operation, action, subject from platform.audit_event where entity = $1 order by id',
      [`Erasure/${erasure}`],
    )
    const subject = `Patient/${record}`
    assert.deepEqual(trace, [
      { account_id: root.account, operation: 'requestErasure', action: 'C', subject },
      { account_id: who.account, operation: 'claimRecord', action: 'U', subject },
      { account_id: who.account, operation: 'cancelErasure', action: 'D', subject },
    ])
  })

  it('confirms it; it is done when it is due, to what was asked, and the account stays', async () => {
    const { record, code, erasure } = await toBeErased()
    const [who, other] = [await newcomer(), await newcomer()]
    const confirm = `/v1/erasures/${erasure}/confirm`
    assert.equal((await claim(who, code)).status, 200)
    assert.equal((await house.anonymous.post(confirm)).status, 401)
    for (const nobodys of [other, desk, root]) assert.equal((await nobodys.post(confirm)).status, 404)
    assert.equal((await who.post(`/v1/erasures/${nowhere}/confirm`)).status, 404)
    assert.equal((await who.post('/v1/erasures/x/confirm')).status, 400)
    const { status, body } = await who.post(confirm)
    assert.deepEqual([status, body.status, body.confirmedAt, body.dueAt], [200, 'waiting', body.claimedAt, DUE])
    house.setNow('2031-03-02T08:00:00Z')
    assert.equal((await who.post(confirm)).body.confirmedAt, body.confirmedAt, 'the first time is kept')
    house.setNow(DUE)
    await house.work()
    await carryOut(erasure)
    assert.deepEqual(await statusOf(who), ['done'])
    assert.equal((await who.get(`/v1/patients/${record}`)).status, 403, 'they are no patient any more')
    assert.equal((await who.get('/v1/account')).status, 200)
    assert.equal((await who.post(confirm)).status, 422)
    const [{ name, account_id }] = await rows('select name, account_id from registry.patient where id = $1', [record])
    assert.deepEqual([name, account_id], ['Erased person', null])
  })
})

describe('taking a record over while its erasure', async () => {
  const { house, root, newcomer, toBeErased, claim, carryOut, rows, together } = await openDesk()
  const recordOf = async (id: string) =>
    (await rows('select name, account_id from registry.patient where id = $1', [id]))[0]
  type Start = () => Promise<number>
  /** Stands in line once another does. */
  const behindOne = (start: Start) => async () => {
    const waiting = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    for (let [tries, n] = [0, 0]; tries < 5_000 && n === 0; tries++) {
      await rows('select pg_stat_clear_snapshot()')
      n = (await rows(waiting))[0].n
    }
    return start()
  }

  it('is being carried out is refused', async () => {
    const { code, erasure } = await toBeErased()
    await house.owner.query(`update registry.erasure set status = 'running' where id = $1`, [erasure])
    const who = await newcomer()
    assert.equal((await claim(who, code)).status, 422)
    assert.deepEqual((await who.get('/v1/erasures')).body.items, [])
  })

  it('begins: either it was claimed in time and waits, or it is gone; never a record that vanishes untold', async () => {
    for (const claimFirst of [true, false]) {
      const { record, code, erasure } = await toBeErased()
      const who = await newcomer()
      house.setNow(DUE) // a slip lapses at this moment too, so it is good for longer
      await house.owner.query(`update registry.claim_code set expires_at = '2032-01-01Z' where subject_id = $1`, [
        record,
      ])
      const starts = [async () => (await claim(who, code)).status, () => carryOut(erasure).then(() => 0)]
      const [first, second] = (claimFirst ? starts : starts.toReversed()) as [Start, Start]
      const lock = 'select from registry.erasure where id = $1 for update'
      const answers = await together(lock, erasure, [first, behindOne(second)])
      assert.equal(answers.includes(200), claimFirst, 'who stands in line first comes first')
      const [{ status, claimed_by }] = await rows('select status, claimed_by from registry.erasure where id = $1', [
        erasure,
      ])
      const row = await recordOf(record)
      if (answers.includes(200)) {
        assert.deepEqual([status, claimed_by], ['waiting', who.account])
        assert.deepEqual(row, { name: aPatient.name, account_id: who.account })
      } else {
        assert.ok(answers.includes(422), String(answers))
        assert.deepEqual([status, claimed_by], ['done', null])
        assert.deepEqual(row, { name: 'Erased person', account_id: null })
      }
    }
  })

  it('is being asked for: whoever has it in the end is told', async () => {
    const { record, code, erasure } = await toBeErased()
    assert.equal((await root.delete(`/v1/erasures/${erasure}`)).status, 204)
    const who = await newcomer()
    const ask = async () => (await root.post('/v1/erasures', { patient: record, reason: 'asked-on-paper' })).status
    // Another such row, of which nobody knows yet whether it stays: whoever asks knows by then whose the record is, and waits.
    const lock = `insert into registry.erasure (id, patient_id, requested_by, reason, receipt_hash, due_at, created_at)
      values (gen_random_uuid(), $1, gen_random_uuid(), 'court-order', '', now(), now())`
    const starts = [ask, behindOne(async () => (await claim(who, code)).status)]
    assert.deepEqual(await together(lock, record, starts), [201, 200])
    assert.deepEqual(await statusOf(who), ['waiting'])
    await house.work()
    assert.match((await who.get('/v1/notifications')).body.items[0].title, /^Erasure/)
  })
})
