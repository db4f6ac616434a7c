import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { emptyAuditNet, makeAuditPartitions } from '#platform/audit/partitions.ts'
import { sealAudit } from '#platform/audit/seal.ts'
import { verifyAudit } from '#platform/audit/verify.ts'
import { partitionsFinding } from '#platform/doctor/state.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backUp, newSite, restoreInto } from '../backups.ts'
import { sendOf, writeRows } from './audit-rows.ts'
import { notes } from './rooms.ts'

const key = 'a'.repeat(64)
const LAST = 3_000_000 // of the partitions that a new house has

const seal = (house: TestHouse, now = new Date()) => sealAudit(sendOf(house), key, now)
const verify = (house: TestHouse) => verifyAudit(sendOf(house), key)
/** The last id that was drawn. */
const reach = (house: TestHouse, id: number) =>
  house.owner.query(`select setval('platform.audit_event_id_seq', $1)`, [id])

const places = async (house: TestHouse): Promise<string[]> =>
  (
    await house.owner.query(
      `select tableoid::regclass::text as name, array_agg(id::int order by id) as ids from platform.audit_event group by 1 order by 2`,
    )
  ).rows.map(({ name, ids }) => `${name} ${ids}`)

const partitions = async (house: TestHouse): Promise<[number, number][]> =>
  (await house.owner.query('select * from platform.audit_partition order by from_id')).rows.map((one) => [
    one.from_id,
    one.to_id,
  ])

describe('partitions of the audit', () => {
  it('are made ahead by the worker, in the size of a month', async () => {
    await using house = await openTestHouse(everything)
    const run = async () => {
      await house.owner.query(`select graphile_worker.add_job('identity:partition-audit', '{}'::json)`)
      await house.work()
    }
    const fresh: [number, number][] = [1, 1_000_001, 2_000_001].map((from) => [from, from + 1_000_000])
    await run()
    assert.deepEqual(await partitions(house), fresh)

    // Two and a half million rows, 2.2 of them in the last month: two months ahead of those.
    await house.owner.query(
      `insert into platform.audit_seal (ids, newest_id, count, digest, seal, sealed_at) values
         ('{[1,300001)}', 300000, 300000, '', '', '2031-01-29T07:00:00Z'), ('{[300001,2500001)}', 2500000, 2200000, '', '', '2031-03-01T07:59:00Z')`,
    )
    await reach(house, 2_500_000)
    await run()
    const made: [number, number][] = [3_000_001, 6_000_001].map((from) => [from, from + 3_000_000])
    assert.deepEqual(await partitions(house), [...fresh, ...made])
    await run()
    assert.equal((await partitions(house)).length, 5)
    assert.match((await house.anonymous.get('/metrics')).body, /^openhcs_audit_ids_ahead 6500000$/m)
  })

  it('keep order and seals across their boundary, and no seal is in two of them', async () => {
    await using house = await openTestHouse([notes])
    await reach(house, 999_998)
    const somebody = await house.signedIn()
    for (let i = 0; i < 4; i++) await somebody.post('/v1/notes', { text: `${i}` })
    assert.deepEqual(await places(house), [
      'platform.audit_event_1 999999,1000000',
      'platform.audit_event_1000001 1000001,1000002',
    ])
    assert.deepEqual([await seal(house), await seal(house), await seal(house)], [2, 2, 0])
    assert.deepEqual(await verify(house), { seals: 2, rows: 4, unsealed: 0, elsewhere: 0, broken: [] })
    const { rows } = await house.owner.query('select ids::text from platform.audit_seal order by id')
    assert.deepEqual(
      rows.map(({ ids }) => ids),
      ['{[999999,1000001)}', '{[1000001,1000003)}'],
    )

    // One that was committed late, in the partition before: it is sealed apart, and what was sealed counts as sealed.
    await writeRows(house, [999_998])
    assert.equal(await seal(house), 1)
    assert.equal(await seal(house), 0)
    assert.deepEqual((await verify(house)).broken, [])
    const newest = await house.owner.query('select newest_id from platform.audit_seal order by id desc limit 1')
    assert.equal(newest.rows[0].newest_id, 1_000_002)

    await house.owner.query(`update platform.audit_event set entity = 'Note/other' where id = 1000001`)
    assert.deepEqual(
      (await verify(house)).broken.map((one) => [one.seal, one.reason]),
      [[2, 'a row was altered']],
    )
  })

  it('lose nothing where one is missing: the row is kept and sealed, doctor and metrics tell, and a command makes order', async () => {
    await using house = await openTestHouse([...everything, notes])
    const examined = { config: house.house.config, services: everything, owner: house.owner, now: new Date() }
    assert.equal((await partitionsFinding(examined)).verdict, 'good')
    await reach(house, LAST - 1)
    const somebody = await house.signedIn()
    for (let i = 0; i < 3; i++) assert.equal((await somebody.post('/v1/notes', { text: `${i}` })).status, 201)
    const net = 'platform.audit_event_net 3000001,3000002'
    assert.deepEqual(await places(house), ['platform.audit_event_2000001 3000000', net])
    assert.match((await house.anonymous.get('/metrics')).body, /^openhcs_audit_rows_in_net 2$/m)
    const finding = await partitionsFinding(examined)
    assert.equal(finding.verdict, 'look')
    assert.match(`${finding.says} ${finding.advice}`, /^2 rows .* had no partition .*openhcs audit partition/)
    assert.deepEqual([await seal(house), await seal(house)], [1, 2])

    // The next begins above what is in the net, and takes what comes.
    const [first] = await makeAuditPartitions(sendOf(house), new Date())
    assert.equal(first, 'audit_event_3000003')
    await somebody.post('/v1/notes', { text: 'after' })
    assert.equal(await seal(house), 1)
    assert.deepEqual((await places(house)).slice(1), [net, 'platform.audit_event_3000003 3000003'])

    const empty = async () => {
      await house.owner.query('begin')
      const filled = await emptyAuditNet(sendOf(house))
      await house.owner.query('commit')
      return filled
    }
    assert.deepEqual(await empty(), [{ name: 'audit_event_3000001', rows: 2 }])
    assert.deepEqual((await places(house))[1], 'platform.audit_event_3000001 3000001,3000002')
    assert.deepEqual(await verify(house), { seals: 3, rows: 4, unsealed: 0, elsewhere: 0, broken: [] })
    assert.equal((await partitionsFinding(examined)).verdict, 'good')
    assert.deepEqual(await empty(), [])
  })

  it('are not waited for while a backup reads: nobody queues, and the next hour makes them', async () => {
    await using house = await openTestHouse([notes])
    await reach(house, LAST - 1)
    const somebody = await house.signedIn()
    const backup = new pg.Client({ connectionString: house.house.config.databaseOwnerUrl.reveal() })
    await backup.connect()
    await backup.query('begin; lock table platform.audit_event in access share mode')
    assert.deepEqual(await makeAuditPartitions(sendOf(house), new Date()), [])
    assert.equal((await somebody.post('/v1/notes', { text: 'meanwhile' })).status, 201)
    await backup.query('rollback')
    assert.equal((await makeAuditPartitions(sendOf(house), new Date())).length > 0, true)
    await backup.end()
  })

  it('are open to no room, and none but the room with the job may make them', async () => {
    await using house = await openTestHouse(everything)
    await reach(house, LAST)
    const made = await makeAuditPartitions(sendOf(house), new Date())
    assert.ok(made.length > 0)
    const owners = await house.owner.query(
      `select distinct relowner = (select relowner from pg_class where oid = 'platform.audit_event'::regclass) as same, relacl is null as closed
       from pg_class where relname ~ '^audit_event_(\\d+|net)$' and relkind = 'r'`,
    )
    assert.deepEqual(owners.rows, [{ same: true, closed: true }])
    const [newest] = made
    for (const { name } of everything) {
      const db = house.db<never>(name)
      for (const table of [`platform.${newest}`, 'platform.audit_event_1', 'platform.audit_event_net'])
        for (const statement of [
          `select * from ${table}`,
          `insert into ${table} (at) values (now())`,
          `update ${table} set entity = ''`,
          `delete from ${table}`,
          `truncate ${table}`,
          `alter table platform.audit_event detach partition ${table}`,
          `drop table ${table}`,
        ])
          await assert.rejects(sql.raw(statement).execute(db), { code: '42501' }, `${name}: ${statement}`)
      for (const statement of [
        `update platform.audit_event set entity = ''`,
        'delete from platform.audit_event',
        'select platform.add_audit_partition(9000001, 9000002)',
        'insert into platform.audit_detached select * from platform.audit_detached',
        ...(name === 'identity' ? [] : ['select platform.make_audit_partitions(now())']),
      ])
        await assert.rejects(sql.raw(statement).execute(db), { code: '42501' }, `${name}: ${statement}`)
    }
  })

  it('come back from a backup as they were', async () => {
    await using house = await openTestHouse([notes])
    await writeRows(house, [1, 2])
    await reach(house, 5_000_000)
    await makeAuditPartitions(sendOf(house), new Date())
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'x' })
    await house.owner.query(`delete from platform.audit_event where id = 1; drop table platform.audit_event_1000001`)
    const { config } = house.house
    const { bytes } = await backUp(config.databaseOwnerUrl.reveal(), config.OPENHCS_HOME)
    await using site = await newSite()
    await restoreInto(site, [notes], bytes)
    const shape = `select inhrelid::regclass::text as name, pg_get_expr(relpartbound, c.oid) as bound, relacl, c.reltuples >= 0 as known,
        (select array_agg(indisvalid order by 1) from pg_index where indrelid = c.oid) as indexes
      from pg_inherits join pg_class c on c.oid = inhrelid where inhparent = 'platform.audit_event'::regclass order by 1`
    await house.owner.query('analyze platform.audit_event')
    assert.deepEqual((await site.query(shape)).rows, (await house.owner.query(shape)).rows)
    const where = 'select tableoid::regclass::text as name, id from platform.audit_event order by id'
    assert.deepEqual((await site.query(where)).rows, (await house.owner.query(where)).rows)
    const index = `select indexrelid::regclass::text as name, indisvalid from pg_index where indrelid = 'platform.audit_event'::regclass order by 1`
    assert.deepEqual((await site.query(index)).rows, (await house.owner.query(index)).rows)
  })
})
