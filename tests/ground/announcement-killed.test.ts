import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import pg from 'pg'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { eventually } from '../journeys/people.ts'
import { type RunningHouse, startHouse } from '../processes.ts'

async function administratorOf(owner: pg.Client): Promise<string> {
  const [account, { token, hash }] = [newId(), newToken()]
  await owner.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '1 hour')`,
    [newId(), account, hash],
  )
  await owner.query(
    `insert into platform.role_grant (account_id, role, granted_at) values ($1, 'administrator', now())`,
    [account],
  )
  return token
}

const WAITS = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`
const STOP = 4712

/** Whoever would commit that more than so many were told waits there. */
async function stopBeyond(owner: pg.Client, told: number): Promise<void> {
  await owner.query(`
    create or replace function stop_here() returns trigger language plpgsql as $$ begin
      if (select count(*) from notifications.message_recipient where state = 'told') > ${told} then perform pg_advisory_xact_lock(${STOP}); end if;
      return null;
    end $$;
    create constraint trigger stop after update on notifications.message_recipient deferrable initially deferred
      for each row execute function stop_here()`)
  await owner.query('begin')
  await owner.query(`select pg_advisory_xact_lock(${STOP})`)
}

/** Kills it while it commits; `heard`: the commit reaches the database all the same. */
async function killWhileCommitting({ processes }: RunningHouse, owner: pg.Client, heard: boolean): Promise<void> {
  await eventually('somebody commits', async () => {
    await owner.query('select pg_stat_clear_snapshot()')
    return ((await owner.query(`select ${WAITS}`)).rowCount ?? 0) > 0
  })
  const [child] = processes
  assert.ok(child)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  if (!heard) await owner.query(`select pg_terminate_backend(pid, 5000) ${WAITS}`)
  await owner.query('rollback')
  await owner.query('drop trigger stop on notifications.message_recipient')
}

describe('an announcement whose process is killed', () => {
  it('in the middle of a bite, and after a commit that it never heard of, tells everybody and nobody twice', async () => {
    await using house = await startHouse('together')
    const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
    await owner.connect()
    try {
      await owner.query(`
        insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
        select gen_random_uuid(), gen_random_uuid(), 'self', 'Donor', gen_random_uuid(), '{}', now() from generate_series(1, 350)`)
      const token = await administratorOf(owner)
      const wish = { audience: 'role', role: 'donor', text: 'Thank you.' }
      const { body: draft } = await house.ask('POST', '/v1/messages', { token, body: wish })
      assert.equal(draft.counted?.people, 350, JSON.stringify(draft))
      const told = async () =>
        (await owner.query(`select count(*)::int from notifications.message_recipient where state = 'told'`)).rows[0]
          .count

      await stopBeyond(owner, 100)
      const sent = await house.ask('POST', `/v1/messages/${draft.id}/send`, {
        token,
        body: { version: 1, people: 350 },
      })
      assert.equal(sent.status, 202, JSON.stringify(sent.body))
      await killWhileCommitting(house, owner, false)
      assert.equal(await told(), 100)

      await stopBeyond(owner, 200)
      await house.restart({})
      await killWhileCommitting(house, owner, true)
      await eventually('what was under way is committed', async () => (await told()) === 300)

      await house.restart({})
      const read = async () => (await house.ask('GET', `/v1/messages/${draft.id}`, { token })).body
      await eventually('it has ended', async () => (await read()).status === 'sent')
      assert.equal((await read()).told, 350)
      const { rows } = await owner.query(
        `select count(*)::int, count(distinct account_id)::int as people from notifications.notification`,
      )
      assert.deepEqual(rows, [{ count: 350, people: 350 }])
      const { rowCount } = await owner.query(`
        select from platform.access_grant g where relationship = 'self'
          and not exists (select from notifications.notification n where n.account_id = g.account_id)`)
      assert.equal(rowCount, 0)
    } finally {
      await owner.end()
    }
  })
})
