import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import { signCall } from '#platform/auth.ts'
import { openTestHouse } from '#platform/testing.ts'
import { neighbour, notes, tellLength } from './rooms.ts'

const rooms = [notes, neighbour]

describe("a room's database role", () => {
  it('cannot read, change or alter what is not its own', async () => {
    await using house = await openTestHouse(rooms)
    const db = house.db<never>('notes')
    for (const statement of [
      'select * from neighbour.secret',
      'select * from graphile_worker._private_jobs',
      'select * from platform.audit_event',
      'delete from platform.audit_event',
      "update platform.access_grant set powers = '{book}'",
      "insert into platform.role_grant (account_id, role, granted_at) values (gen_random_uuid(), 'administrator', now())",
      'create table notes.mine (id int)',
      'alter table notes.note add column x int',
      'drop table notes.note',
      'update platform.installation set demo = true',
    ])
      await assert.rejects(sql.raw(statement).execute(db), { code: '42501' }, statement)
  })
})

describe('a call to another room', () => {
  it('runs with the other room’s role, the caller’s identity and the same validation', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const { status, body } = await somebody.get('/v1/neighbour')
    assert.equal(status, 200)
    assert.deepEqual(body, { actor: somebody.account, length: 19 })
  })

  it('goes by HTTP to another process, with the same answer', async () => {
    await using far = await openTestHouse(rooms)
    const origin = await far.app.listen({ host: '127.0.0.1', port: 0 })
    await using near = await openTestHouse(rooms, {
      env: { OPENHCS_SERVICES: 'notes', OPENHCS_REMOTES: `neighbour=${origin}` },
    })
    const somebody = await near.signedIn()
    await far.owner.query(
      'insert into platform.session select * from json_populate_record(null::platform.session, $1)',
      [JSON.stringify((await near.owner.query('select * , token_hash::text from platform.session')).rows[0])],
    )

    const { status, body } = await somebody.get('/v1/neighbour')

    assert.equal(status, 200)
    assert.deepEqual(body, { actor: somebody.account, length: 19 })
  })

  it('is refused without the signature of the house, and the door has no other address', async () => {
    await using house = await openTestHouse(rooms)
    const ask = async (signature: string | undefined) =>
      (
        await house.anonymous.post(
          `/house/${tellLength.id}`,
          { params: {}, query: { more: 1 } },
          signature === undefined ? {} : { 'x-openhcs-call': signature },
        )
      ).status
    const now = house.house.now()
    const key = house.house.config.secretKey.reveal()
    assert.equal(await ask(signCall(key, tellLength.id, now)), 200)
    for (const signature of [
      undefined,
      '',
      '1.2',
      signCall('f'.repeat(64), tellLength.id, now),
      signCall(key, 'another', now),
      signCall(key, tellLength.id, new Date(now.getTime() - 120_000)),
    ])
      assert.equal(await ask(signature), 404, signature)
    assert.equal((await house.anonymous.get('/v1/length?more=1')).status, 404)
  })
})
