import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import pg from 'pg'
import { tableOf } from '#commands/doctor.ts'
import { sealAudit } from '#platform/audit/seal.ts'
import { loadConfig, Secret, withDatabase } from '#platform/config.ts'
import { type Examined, type Finding, spell, type Verdict } from '#platform/doctor/finding.ts'
import {
  diskFinding,
  filesFinding,
  keyFinding,
  nodeFinding,
  proxyFinding,
  publicUrlFinding,
  smtpFinding,
  spaceFinding,
} from '#platform/doctor/machine.ts'
import { judgeReader, readerFinding } from '#platform/doctor/reader.ts'
import * as server from '#platform/doctor/server.ts'
import {
  auditFinding,
  backupFinding,
  jobsFinding,
  judgeMigrations,
  judgePartitions,
  migrationsFinding,
} from '#platform/doctor/state.ts'
import { compareZones, zonesFinding } from '#platform/doctor/zones.ts'
import { examine, reachFinding } from '#platform/doctor.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { newSite, SECRET } from '../backups.ts'
import { openKeyAgent } from '../key-agent.ts'
import { freePort } from '../processes.ts'
import { openS3 } from '../s3.ts'
import { openSmtp } from '../smtp.ts'
import { neighbour, notes } from './rooms.ts'

const services = [notes, neighbour]

/** `bad: says → advice` */
function shows(finding: Finding, verdict: Verdict, words: RegExp): void {
  assert.equal(finding.verdict, verdict, JSON.stringify(finding))
  assert.match(`${finding.says} → ${finding.advice}`, words)
  assert.equal(finding.advice === undefined, verdict === 'good', 'whatever is not good says what to do')
}

const configured = (env: Record<string, string>) =>
  loadConfig({ OPENHCS_SECRET_KEY: 'ab12cd34ef56'.repeat(6).slice(0, 64), ...env })

async function examined(house: TestHouse): Promise<Examined> {
  return { config: house.house.config, services, owner: house.owner, now: new Date() }
}

describe('doctor, of this machine', () => {
  it('knows which Node is too old', () => {
    shows(nodeFinding('24.12.0', '>=24.12'), 'good', /Node 24\.12/)
    shows(nodeFinding('26.1.0', '>=24.12'), 'good', /Node 26/)
    for (const old of ['24.11.9', '20.19.0']) shows(nodeFinding(old, '>=24.12'), 'bad', /too old → Install Node 24\.12/)
  })

  it('looks at the space left', async () => {
    shows(spaceFinding('/x', 50e9, 100e9), 'good', /50\.0 of 100\.0 GB/)
    shows(spaceFinding('/x', 5e9, 100e9), 'look', /5\.0 of 100\.0 GB/)
    shows(spaceFinding('/x', 0.5e9, 100e9), 'bad', /runbooks\/disk-full\.md/)
    assert.match((await diskFinding('/')).says, /GB are free in \//)
  })

  it('finds a key that can be guessed or read', async () => {
    await using site = await newSite()
    shows(keyFinding(configured({ OPENHCS_HOME: site.home })), 'good', /from OPENHCS_SECRET_KEY/)
    shows(keyFinding(configured({ OPENHCS_SECRET_KEY: '0'.repeat(64) })), 'bad', /can be guessed/)
    const made = loadConfig({ OPENHCS_HOME: site.home })
    shows(keyFinding(made), 'good', /for its owner alone; no backup holds it/)
    chmodSync(join(site.home, 'secret.key'), 0o640)
    shows(keyFinding(made), 'bad', /can be read by others → chmod 600/)
  })

  it('finds a public URL that leads nowhere or in the clear', () => {
    const of = (PUBLIC_URL: string, HOST = '0.0.0.0') => publicUrlFinding(configured({ PUBLIC_URL, HOST }))
    shows(of('https://care.example'), 'good', /care/)
    shows(of('', 'localhost'), 'good', /localhost/)
    shows(of(''), 'look', /Others can connect/)
    shows(of('http://care.example'), 'bad', /not encrypted/)
    shows(of('https://care.example/api'), 'bad', /more than an origin/)
    for (const none of ['care.example', 'ftp://care.example']) shows(of(none), 'bad', /no web address/)
  })

  it('finds proxies that are not named, not addresses, or everybody', () => {
    const of = (TRUST_PROXY: string, PUBLIC_URL = 'https://care.example') =>
      proxyFinding(configured({ TRUST_PROXY, PUBLIC_URL }))
    shows(of('10.0.0.0/16,::1,loopback'), 'good', /10\.0\.0\.0\/16/)
    shows(of('', 'http://localhost:8080'), 'good', /None/)
    shows(of(''), 'look', /does not name it/)
    const apart = configured({ PUBLIC_URL: 'http://localhost:8080', OPENHCS_REMOTES: 'registry=http://registry:8080' })
    shows(proxyFinding(apart), 'look', /does not name them/)
    shows(of('10.0.0.0/99'), 'bad', /no address/)
    shows(of('balancer'), 'bad', /no address/)
    shows(of('0.0.0.0/0'), 'bad', /believes anybody/)
  })

  it('signs in to the mail server', async () => {
    await using smtp = await openSmtp()
    shows(await smtpFinding(configured({ SMTP_URL: smtp.url })), 'good', /lets us in/)
    shows(await smtpFinding(configured({})), 'look', /not set/)
    shows(await smtpFinding(configured({ SMTP_URL: `smtp://127.0.0.1:${await freePort()}` })), 'bad', /ESOCKET|ECONN/)
  })
})

describe('doctor, of the store of uploads', () => {
  it('tries name, keys, clock and permission, and leaves nothing behind', async () => {
    await using s3 = await openS3('fictional-secret')
    await using agent = await openKeyAgent(s3.sessions)
    const store = { S3_BUCKET: 'openhcs', S3_ENDPOINT: s3.url }
    const key = { S3_ACCESS_KEY_ID: 'fictional', S3_SECRET_ACCESS_KEY: 'fictional-secret' }
    const role = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: agent.tokenFile,
    }
    const of = (env: Record<string, string>) => filesFinding(configured(env))
    shows(await of({}), 'good', /files/)
    shows(await of({ ...store, ...key }), 'good', /with its key; writing was not tried/)
    shows(await of({ ...store, ...role }), 'good', /with the keys of its role/)
    shows(await of({ ...store, ...key, S3_SECRET_ACCESS_KEY: 'x' }), 'bad', /SignatureDoesNotMatch.* → S3_SECRET/)
    shows(await of({ ...store, ...key, S3_BUCKET: 'none' }), 'bad', /NoSuchBucket.* → Make the bucket/)
    await agent.rotate('another')
    agent.instead = (response) => response.writeHead(401).end()
    shows(await of({ ...store, ...role }), 'bad', /answered 401 → Is the agent there/)
    s3.now = () => Date.now() - 3_600_000
    shows(await of({ ...store, ...key }), 'bad', /RequestTimeTooSkewed.* → The clock/)
    const nobody = `http://127.0.0.1:${await freePort()}`
    shows(await of({ ...store, ...key, S3_ENDPOINT: nobody }), 'bad', /ECONNREFUSED → See S3_ENDPOINT/)
    assert.equal(s3.objects.size, 0)
  })
})

describe('doctor, of the database server', () => {
  it('finds all good on a server that is', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    for (const check of [
      server.versionFinding,
      server.extensionsFinding,
      server.encodingFinding,
      server.sessionFinding,
      server.clockFinding,
    ])
      shows(await check(given), 'good', /./)
    assert.match((await server.connectionsFinding(given)).says, /opens up to 22/)
  })

  it('says why a server cannot be reached', async () => {
    const { config } = { config: configured({}) }
    const at = (url: string) => reachFinding(withDatabase(config, url, url))
    shows(
      await at(`postgresql://somebody@127.0.0.1:${await freePort()}/x`),
      'bad',
      /ECONNREFUSED → Nothing listens there/,
    )
    await using site = await newSite()
    shows(await at(site.urls.ownerUrl.replace(/\/test_/, '/no_test_')), 'bad', /3D000 → The database does not exist/)
    const unreachable = await examine({
      config: withDatabase(config, 'postgresql://127.0.0.1:1/x', 'postgresql://127.0.0.1:1/x'),
      services,
    })
    assert.equal(unreachable.at(-1)?.check, 'database')
  })

  it('knows versions that are too old or not tried', () => {
    shows(server.judgeVersion('14.9', 14), 'bad', /15 or later/)
    shows(server.judgeVersion('19.0', 19), 'look', /newer than what this release was tested on/)
    shows(server.judgeExtensions([{ name: 'unaccent', available: false }]), 'bad', /does not have unaccent/)
  })

  it('finds an encoding that cannot hold every name, and indexes sorted by another collation', async () => {
    await using site = await newSite()
    const name = `${new URL(site.urls.ownerUrl.replace('@/', '@x/')).pathname.slice(1)}_ascii`
    await site.query(`create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`)
    const owner = new pg.Client({ connectionString: site.urls.ownerUrl.replace(/\/test_[0-9a-f]+/, `/${name}`) })
    await owner.connect()
    const ascii = await server.encodingFinding({ config: configured({}), services, owner, now: new Date() })
    await owner.end()
    await site.query(`drop database ${name}`)
    shows(ascii, 'bad', /SQL_ASCII → .*encoding 'UTF8'/)
    shows(
      server.judgeEncoding({ encoding: 'UTF8', collation: 'de_DE', made: '2.31', now: '2.36' }),
      'bad',
      /reindex database/,
    )
    shows(server.judgeEncoding({ encoding: 'UTF8', collation: 'C', made: null, now: null }), 'good', /UTF8/)
  })

  it('counts connections', () => {
    shows(server.judgeConnections(97, 10, 51), 'good', /10 of 97/)
    shows(server.judgeConnections(97, 60, 51), 'look', /one more may not fit/)
    shows(server.judgeConnections(97, 10, 120), 'bad', /connections-exhausted/)
    shows(server.judgeConnections(97, 95, 1), 'bad', /connections-exhausted/)
  })

  it('finds a pooler that drops what a connection asks for', async () => {
    const sound = { role: 'openhcs_notes', timeout: '10s', zone: 'UTC' }
    shows(server.judgeSession(sound, 'openhcs_notes'), 'good', /own role/)
    shows(server.judgeSession({ ...sound, role: 'openhcs_app' }, 'openhcs_notes'), 'bad', /wall between rooms is down/)
    shows(server.judgeSession({ ...sound, timeout: '0' }, 'openhcs_notes'), 'bad', /No statement_timeout/)
    shows(server.judgeSession({ ...sound, zone: 'Asia/Tokyo' }, 'openhcs_notes'), 'bad', /instead of UTC/)
    await using house = await openTestHouse(services)
    const stranger = { ...(await examined(house)), services: [{ ...notes, name: 'nobody' }] }
    shows(await server.sessionFinding(stranger), 'bad', /openhcs_nobody.*openhcs migrate/)
  })

  it('finds rights that were changed by hand, and a login that may do everything', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    shows(await server.rightsFinding(given), 'good', /2 rooms/)
    const { ownerUrl } = { ownerUrl: given.config.databaseOwnerUrl.reveal() }
    shows(
      await server.rightsFinding({ ...given, config: withDatabase(given.config, ownerUrl, ownerUrl) }),
      'look',
      /superuser/,
    )
    await house.owner.query(
      'grant usage on schema neighbour to openhcs_notes; grant select on neighbour.secret to openhcs_notes',
    )
    shows(await server.rightsFinding(given), 'bad', /openhcs_notes reaches neighbour\.secret/)
    await house.owner.query(
      'revoke select on neighbour.secret from openhcs_notes; revoke all on notes.note from openhcs_notes',
    )
    shows(await server.rightsFinding(given), 'bad', /openhcs_notes lacks notes\.note/)
  })

  it('finds a reader that is away, late, or not asked', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    shows(await readerFinding(given), 'good', /None/)
    const readBy = (url: string) => ({ ...given, config: { ...given.config, databaseReaderUrl: new Secret(url) } })
    const own = given.config.databaseUrl.reveal()
    shows(await readerFinding(readBy(own)), 'look', /for an hour or more: no process/)
    await house.owner.query('select platform.beat(gen_random_uuid())')
    shows(await readerFinding(readBy(own)), 'good', /At most 0\.0 s behind/)
    const away = `postgresql://somebody@127.0.0.1:${await freePort()}/x`
    shows(await readerFinding(readBy(away)), 'look', /cannot be read: .*ECONNREFUSED.* → .*runbooks\/reader-late/)
    await using another = await openTestHouse(services)
    shows(await readerFinding(readBy(another.house.config.databaseUrl.reveal())), 'look', /another database/)
    shows(judgeReader(5.1, 0.2), 'look', /5\.1 s behind/)
    shows(judgeReader(0, 31), 'look', /Nobody has asked .* for 31 s/)
  })

  it('finds clocks and time zones that differ', async () => {
    shows(server.judgeClock(500), 'good', /0\.5 s ahead/)
    shows(server.judgeClock(-5_000), 'look', /5\.0 s behind/)
    shows(server.judgeClock(40_000), 'bad', /NTP/)
    const rules = new Map([
      ['Africa/Cairo 2031', 7_200],
      ['Asia/Tokyo 2031', 32_400],
    ])
    shows(compareZones(rules, rules), 'good', /agrees on 2 zones/)
    shows(
      compareZones(rules, new Map([...rules, ['Africa/Cairo 2031', 10_800]])),
      'look',
      /other rules for Africa\/Cairo →/,
    )
    await using house = await openTestHouse(services)
    const found = await zonesFinding(await examined(house))
    // Whether they agree is this machine's affair; most zones must.
    assert.match(found.says, /agrees on [34]\d\d zones|other rules for [A-Z]/)
    assert.doesNotMatch(found.says, /Asia\/Tokyo|Europe\/Berlin|America\/Sao_Paulo|Asia\/Kolkata/)
  })
})

describe('doctor, of what is in the database', () => {
  it('finds migrations that are to come, of a newer release, or changed, and a restore that was stopped', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    shows(await migrationsFinding(given), 'good', /All \d+ applied/)
    await house.owner.query(
      `insert into platform.migration (room, name, checksum) values ('notes', '0099_later.sql', 'x')`,
    )
    shows(await migrationsFinding(given), 'look', /newer release: notes\/0099_later\.sql/)
    await house.owner.query(`delete from platform.migration where room = 'notes'`)
    shows(await migrationsFinding(given), 'look', /To come: notes\/0001_note\.sql/)
    shows(judgeMigrations(new Map([['a', '1']]), new Map([['a', '2']])), 'bad', /Changed after they were applied: a/)
    await house.owner.query('create table platform.restoring ()')
    shows(await migrationsFinding(given), 'bad', /half restored → Run openhcs restore <file> again/)
  })

  it('does not look into tables that are not there', async () => {
    await using site = await newSite()
    const config = withDatabase(configured({ OPENHCS_HOME: site.home }), site.urls.appUrl, site.urls.ownerUrl)
    const findings = await examine({ config, services })
    shows(findings.at(-1) as Finding, 'look', /database is empty → openhcs migrate/)
  })

  it('finds jobs that are late or were given up', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    shows(await jobsFinding(given), 'good', /None is late/)
    await house.owner.query(
      `select graphile_worker.add_job('notes:tidy', run_at => now() - interval '10 minutes', max_attempts => 3)`,
    )
    shows(await jobsFinding(given), 'look', /waited 10 minutes/)
    await house.owner.query(`update graphile_worker._private_jobs set run_at = now() - interval '5 hours'`)
    shows(await jobsFinding(given), 'bad', /waited 5 hours → See docs\/runbooks\/jobs-piling-up\.md/)
    await house.owner.query('update graphile_worker._private_jobs set attempts = max_attempts')
    shows(await jobsFinding(given), 'look', /1 jobs were given up after all attempts: notes:tidy/)
  })

  it('finds a seal that does not fit its key or its rows, and rows that nobody seals', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    const somebody = await house.signedIn()
    const send = (text: string, values?: unknown[]) => house.owner.query(text, values)
    shows(await auditFinding(given), 'good', /Nothing to seal/)
    await somebody.post('/v1/notes', { text: 'one' })
    shows(
      await auditFinding({ ...given, now: new Date('2031-03-01T08:30:00Z') }),
      'bad',
      /waited 30 minutes for their seal/,
    )
    await sealAudit(send, SECRET, new Date())
    shows(await auditFinding(given), 'good', /the newest seal fits/)
    await house.owner.query(`update platform.audit_event set entity = 'Note/other'`)
    shows(await auditFinding(given), 'bad', /does not fit → .*runbooks\/audit-broken\.md/)
  })

  it('finds rows of the audit without a partition, and partitions that end soon', () => {
    shows(judgePartitions(0, 2_000_000), 'good', /Room for 2000000 more rows/)
    shows(judgePartitions(0, 100), 'look', /room for 100 rows → .*openhcs audit partition/)
    shows(judgePartitions(3, -3), 'look', /^3 rows .* had no partition/)
    shows(judgePartitions(10_000, -9), 'look', /^Many rows/)
  })

  it('finds that no backup was made, or none lately', async () => {
    await using house = await openTestHouse(services)
    const given = await examined(house)
    shows(await backupFinding(given), 'look', /None was ever made/)
    const insert =
      'insert into platform.backup (id, made_at, rows, bytes, sha256) values (gen_random_uuid(), $1, 1, 1, $2)'
    await house.owner.query(insert, [new Date(given.now.getTime() - 3 * 86_400_000), 'x'])
    shows(await backupFinding(given), 'look', /newest is 3 days old/)
    await house.owner.query(insert, [given.now, 'x'])
    shows(await backupFinding(given), 'good', /0 minutes old/)
    assert.deepEqual([spell(90), spell(600), spell(6_000)], ['90 minutes', '10 hours', '4 days'])
  })

  it('goes on when one check cannot be made, and shows all in a table', async () => {
    await using house = await openTestHouse(services)
    const key = '0123456789abcdef'.repeat(4)
    const config = { ...house.house.config, secretKey: configured({ OPENHCS_SECRET_KEY: key }).secretKey }
    await house.owner.query('drop table platform.backup')
    const findings = await examine({ config, services })
    assert.equal(findings.length, 22)
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict === 'bad').map(({ check }) => check),
      ['public URL', 'backup'],
    )
    assert.match(
      tableOf(findings),
      /✖ backup {12}It could not be checked: .*platform\.backup.*\n {20}→ .*\n\d+ good, \d to look at by day, 2 bad$/,
    )
  })
})
