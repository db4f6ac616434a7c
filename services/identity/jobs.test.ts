import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { verifyAudit } from '#platform/audit/verify.ts'
import { openTestHouse } from '#platform/testing.ts'
import { registry } from '../registry/service.ts'
import { identity } from './service.ts'

describe('jobs', async () => {
  const house = await openTestHouse([identity, registry])
  after(() => house[Symbol.asyncDispose]())
  const run = async (name: string) => {
    await house.owner.query("select graphile_worker.add_job($1, '{}'::json)", [`identity:${name}`])
    await house.work()
  }
  const verdict = () =>
    verifyAudit((text, values) => house.owner.query(text, values), house.house.config.secretKey.reveal())
  const signUp = (userName: string) =>
    house.anonymous.post('/v1/accounts', { userName, password: 'salt-harbour-lantern', name: 'x' })

  it('seal-audit seals what was written, and a change shows', async () => {
    await signUp('one')
    await run('seal-audit')
    await signUp('two')
    assert.deepEqual(await verdict(), { seals: 1, rows: 1, unsealed: 1, elsewhere: 0, broken: [] })
    await run('seal-audit')
    await run('seal-audit')
    assert.deepEqual(await verdict(), { seals: 2, rows: 2, unsealed: 0, elsewhere: 0, broken: [] })
    await house.owner.query("update platform.audit_event set actor = 'nobody' where id = 1")
    assert.equal((await verdict()).broken.length, 1)
  })

  it('check-audit looks at the newest seals, and metrics tell what it found', async () => {
    await run('check-audit')
    const { rows } = await house.owner.query('select seals, broken from identity.audit_check')
    assert.deepEqual(rows, [{ seals: 2, broken: 1 }])
    assert.match((await house.anonymous.get('/metrics')).body, /^openhcs_audit_broken_seals 1$/m)
  })

  it('forget-once forgets what nobody will ask for any more, and keeps the rest', async () => {
    const put = (scope: string, at: string) =>
      house.owner.query('insert into platform.once (scope, key, created_at) values ($1, $2, $3)', [scope, at, at])
    await put('request', '2031-02-28T07:00:00Z')
    await put('request', '2031-02-28T09:00:00Z')
    await put('inbox:x', '2031-02-28T07:00:00Z')
    await put('inbox:x', '2031-01-28T07:00:00Z')
    for (const days of [29, 31])
      await house.owner.query(
        `insert into platform.session (id, account_id, token_hash, created_at, expires_at)
         select gen_random_uuid(), gen_random_uuid(), $1, t, t from (select $2::timestamptz - make_interval(days => $3)) x(t)`,
        [Buffer.from([days]), '2031-03-01T08:00:00Z', days],
      )
    await house.anonymous.post('/v1/sessions', { userName: 'one', password: 'wrong' })
    await run('forget-once')
    const { rows } = await house.owner.query('select scope, key from platform.once order by 1, 2')
    assert.deepEqual(
      rows.map(({ scope, key }) => `${scope} ${key}`),
      ['inbox:x 2031-02-28T07:00:00Z', 'request 2031-02-28T09:00:00Z'],
    )
    assert.equal((await house.owner.query('select 1 from platform.session')).rowCount, 1)
    assert.equal((await house.owner.query('select 1 from identity.sign_in_attempt')).rowCount, 3) // by name here, network, name
    house.setNow('2031-03-03T08:00:00Z')
    await run('forget-once')
    assert.equal((await house.owner.query('select 1 from identity.sign_in_attempt')).rowCount, 0)
  })

  it('forget-once forgets writes that every reader of the database has had long ago', async () => {
    await house.owner.query(
      `insert into platform.newest_write select gen_random_uuid(), now() - make_interval(hours => h) from unnest(array[1, 23, 25, 99]) h`,
    )
    await run('forget-once')
    assert.equal((await house.owner.query('select 1 from platform.newest_write')).rowCount, 2)
  })

  it('forget-once forgets refresh tokens, challenges and codes when they have ended', async () => {
    house.setNow('2031-04-01T08:00:00Z')
    const ends = ['2031-04-01T07:59:59Z', '2031-04-01T08:00:01Z']
    for (const [i, end] of ends.entries()) {
      const hash = Buffer.from([i])
      const put = (sql: string, ...values: unknown[]) => house.owner.query(sql, [...values, end])
      await put('insert into identity.spent_challenge values ($1, $2)', hash)
      await put(
        'insert into identity.refresh_token (hash, session_id, created_at, expires_at) values ($1, gen_random_uuid(), $2, $2)',
        hash,
      )
      await put(
        `insert into identity.one_time_code (id, purpose, target, hash, expires_at) values (gen_random_uuid(), 'verify', $1, $1, $2)`,
        hash,
      )
    }
    await run('forget-once')
    for (const table of ['spent_challenge', 'refresh_token', 'one_time_code']) {
      const { rows } = await house.owner.query(`select expires_at from identity.${table}`)
      assert.deepEqual(rows, [{ expires_at: new Date(ends[1] as string) }], table)
    }
  })
})
