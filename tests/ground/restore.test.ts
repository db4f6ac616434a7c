import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { decrypt, encrypt } from '#platform/backup/encryption.ts'
import { partsOf } from '#platform/backup/rebuild.ts'
import { connectOwner, schemasOf } from '#platform/backup/tables.ts'
import { filesIn } from '#platform/files.ts'
import { migrate } from '#platform/migrate.ts'
import { restoreBackup, verifyBackup } from '#platform/restore.ts'
import { openTestHouse } from '#platform/testing.ts'
import { backUp, newSite, relationsIn, restoreInto, type Site } from '../backups.ts'
import { neighbour, notes } from './rooms.ts'

const rooms = [notes, neighbour]
const AWKWARD = 'a\ttab, a\nbreak, a \\ and \\N'

/** A house with a few rows, jobs and a file, and its backup. */
async function backupOfNotes(options: { key?: Buffer } = {}) {
  await using house = await openTestHouse(rooms)
  const somebody = await house.signedIn({ roles: ['patient'] })
  await somebody.post('/v1/notes', { text: 'لبن 牛乳 🥛' })
  await house.owner.query('insert into notes.note (id, text) values (gen_random_uuid(), $1)', [AWKWARD])
  const file = await house.house.files.put(Buffer.from('a certificate'))
  await house.owner.query(
    `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'somebody' where id = 1`,
  )
  const { config } = house.house
  return { file, ...(await backUp(config.databaseOwnerUrl.reveal(), config.OPENHCS_HOME, options)) }
}

/** A room whose schema has everything that is awkward to restore, beside a folder to add migrations to. */
function bakery() {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-bakery-'))
  const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql)
  write(
    '0001_bread.sql',
    `create table oven (id int generated always as identity primary key, best_loaf int, name text not null);
     create table loaf (id bigint generated always as identity (start 100 increment 7) primary key, oven int not null, twin bigint references loaf,
       baked tstzrange not null, grams int not null check (grams > 0), kilos numeric generated always as (grams / 1000.0) stored,
       weight float8, shape bytea, made interval, params jsonb, "order" text unique deferrable initially deferred,
       constraint one_at_a_time exclude using gist (oven with =, baked with &&));
     alter table loaf add foreign key (oven) references oven;
     alter table oven add foreign key (best_loaf) references loaf deferrable initially deferred;
     create index loaf_by_name on loaf (lower("order")) where grams > 500;
     create table log (what text);
     create function note() returns trigger language plpgsql as $$ begin insert into bakery.log values (new.id); return new; end $$;
     create trigger noted after insert on loaf for each row execute function note();
     create trigger resting before insert on loaf for each row execute function note();
     alter table loaf disable trigger resting;
     insert into oven (name) values ('old'), ('new');
     insert into loaf (oven, twin, baked, grams, weight, shape, made, params, "order")
       select 1 + n % 2, 100, tstzrange(t, t + interval '1 hour'), 400 + n, n / 3.0, decode(md5(n::text), 'hex'), interval '1 mon 2 days 03:04:05.6', '{"a": [1.50, null]}', 'No ' || n
       from generate_series(1, 50) n, lateral (select timestamptz '2031-01-01T00:00:00.123456Z' + n * interval '2 hours' as t) x;
     update oven set best_loaf = 100;`,
  )
  const remove = () => rmSync(folder, { recursive: true, force: true })
  return { services: [{ name: 'bakery', migrations: pathToFileURL(`${folder}/`) }], write, [Symbol.dispose]: remove }
}

async function partsIn(site: Site) {
  const client = await connectOwner(site.urls.ownerUrl, 'test')
  try {
    return await partsOf(client, await schemasOf(client))
  } finally {
    await client.end()
  }
}

describe('a restore', () => {
  it('brings every table, file and job back, and the house serves from it', async () => {
    const { bytes, report, file } = await backupOfNotes()
    await using site = await newSite()
    const { head, end, unlocked } = await restoreInto(site, rooms, bytes)
    assert.equal(head.version, '9.9.9')
    assert.deepEqual(end.tables, report.tables)
    assert.equal((await site.query('select from notes.note where text = $1', [AWKWARD])).rowCount, 1)
    assert.equal(unlocked, 1)
    assert.equal(
      (await site.query('select from graphile_worker._private_jobs where locked_at is not null')).rowCount,
      0,
    )
    assert.equal((await filesIn(join(site.home, 'files')).get(file))?.bytes, 13)
    assert.deepEqual(await readdir(site.home), ['files'])
    // Of what is restored a backup has the same checksums, but for the job that is free again.
    const again = await backUp(site.urls.ownerUrl, site.home)
    const but = (tables: typeof report.tables) => tables.filter(({ name }) => name !== 'graphile_worker._private_jobs')
    assert.deepEqual(but(again.report.tables), but(report.tables))
    assert.deepEqual(await migrate({ ...site.urls, services: rooms }), [])
  })

  it('keeps ids going, and every constraint, index and trigger as it was', async () => {
    using room = bakery()
    await using from = await newSite()
    await migrate({ ...from.urls, services: room.services })
    const { bytes } = await backUp(from.urls.ownerUrl, from.home)
    await using site = await newSite()
    await restoreInto(site, room.services, bytes)
    assert.deepEqual(await partsIn(site), await partsIn(from))
    const all = 'select * from bakery.loaf order by id'
    assert.deepEqual((await site.query(all)).rows, (await from.query(all)).rows)
    assert.equal((await site.query('select from bakery.log')).rowCount, 50, 'no trigger ran while rows were loaded')
    const next = `insert into bakery.loaf (oven, baked, grams) values (1, 'empty', 1) returning id::int`
    assert.deepEqual((await site.query(next)).rows, (await from.query(next)).rows)
    for (const refused of [
      `insert into bakery.loaf (oven, baked, grams) select oven, baked, 1 from bakery.loaf where id = 100`,
      `insert into bakery.loaf (oven, baked, grams) values (3, 'empty', 1)`,
      `update bakery.oven set best_loaf = 101`,
    ])
      await assert.rejects(site.query(refused), /violates/)
  })

  it('takes an older backup, which migrations then bring forward; one of a newer release is refused', async () => {
    using room = bakery()
    await using from = await newSite()
    await migrate({ ...from.urls, services: room.services })
    const older = await backUp(from.urls.ownerUrl, from.home)
    room.write('0002_price.sql', 'alter table loaf add column price int not null default 3;')
    await using site = await newSite()
    await restoreInto(site, room.services, older.bytes)
    assert.deepEqual(await migrate({ ...site.urls, services: room.services }), ['bakery/0002_price.sql'])
    assert.equal((await site.query('select from bakery.loaf where price = 3')).rowCount, 50)

    const newer = await backUp(site.urls.ownerUrl, site.home)
    using before = bakery()
    await using old = await newSite()
    await assert.rejects(restoreInto(old, before.services, newer.bytes), /made by another release \(9\.9\.9\)/)
    assert.deepEqual(await relationsIn(old), [])
  })

  it('refuses a database that has anything in it, and says what to do', async () => {
    const { bytes } = await backupOfNotes()
    await using site = await newSite()
    await site.query('create table somebody (id int)')
    await assert.rejects(restoreInto(site, rooms, bytes), /has public\.somebody\. Make a new one \(create database/)
    assert.deepEqual(await relationsIn(site), ['public.somebody'])
  })

  it('is one at a time', async () => {
    const { bytes } = await backupOfNotes()
    await using site = await newSite()
    const other = new pg.Client({ connectionString: site.urls.ownerUrl })
    await other.connect()
    await other.query('select pg_advisory_lock(7305115)')
    await assert.rejects(restoreInto(site, rooms, bytes), /Another restore into this database is going on/)
    await other.end()
  })

  it('refuses another secret key unless it is told that the key is lost', async () => {
    const { bytes } = await backupOfNotes()
    await using site = await newSite()
    const secretKey = '1'.repeat(64)
    await assert.rejects(restoreInto(site, rooms, bytes, { secretKey }), /under another secret key/)
    assert.deepEqual(await relationsIn(site), [])
    await restoreInto(site, rooms, bytes, { secretKey, otherKey: true })
    assert.equal((await site.query('select from notes.note')).rowCount, 2)
  })

  it('keeps nothing of a backup in which any byte is wrong, one is missing, or one is added', async () => {
    const { bytes } = await backupOfNotes()
    await using site = await newSite()
    const step = Math.floor(bytes.length / 60)
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] as number) ^ 0x10
      await assert.rejects(verifyBackup(Readable.from([flipped])), /damaged/, `byte ${at} of ${bytes.length}`)
    }
    for (const wrong of [
      bytes.subarray(0, -1),
      bytes.subarray(0, -70),
      bytes.subarray(0, 17),
      Buffer.concat([bytes, Buffer.from('0')]),
    ])
      await assert.rejects(verifyBackup(Readable.from([wrong])), /damaged/)
    // Through a pipe there is no second look: it is found on the way, and taken back.
    const flipped = Buffer.from(bytes)
    flipped[bytes.length - 1] = 0x7a
    await assert.rejects(restoreInto(site, rooms, flipped), /its digest does not match/)
    assert.deepEqual(await relationsIn(site), [])
    assert.deepEqual(await readdir(site.home), [])
  })

  it('proves by what the database then has, and keeps nothing where that is something else', async () => {
    using room = bakery()
    await using from = await newSite()
    await migrate({ ...from.urls, services: room.services })
    const { bytes } = await backUp(from.urls.ownerUrl, from.home)
    await using site = await newSite()
    const client = new pg.Client({ connectionString: site.urls.ownerUrl })
    await client.connect()
    // What no honest schema does: a rule that changes rows after they were loaded, when their indexes are built.
    await client.query(`create function spoil() returns event_trigger language plpgsql as $$ begin
      if to_regclass('bakery.loaf_by_name') is not null then update bakery.loaf set grams = 1 where id = 100; end if; end $$;
      create event trigger spoil on ddl_command_end when tag in ('CREATE INDEX') execute function spoil()`)
    await client.end()
    await assert.rejects(restoreInto(site, room.services, bytes), /bakery\.loaf is not what was backed up/)
    assert.deepEqual(await relationsIn(site), [])
  })
})

describe('an encrypted backup', () => {
  const key = Buffer.alloc(32, 7)

  it('opens with its key only, and shows nothing without', async () => {
    const { bytes } = await backupOfNotes({ key })
    assert.equal((await verifyBackup(Readable.from([bytes]), key)).end.files.count, 1)
    await assert.rejects(verifyBackup(Readable.from([bytes])), /encrypted: give its key with --key-file/)
    await assert.rejects(verifyBackup(Readable.from([bytes]), Buffer.alloc(32, 8)), /not the key/)
    await using site = await newSite()
    await restoreInto(site, rooms, bytes, { key })
    assert.equal((await site.query('select from notes.note')).rowCount, 2)
  })

  it('is refused when a piece is changed, moved, left out or said twice, or the last is missing', async () => {
    const text = randomBytes(200_000)
    const sealed = Buffer.concat(
      await Array.fromAsync(encrypt(Readable.from([text.subarray(0, 7), text.subarray(7)]), key)),
    )
    const open = async (bytes: Buffer) => Buffer.concat(await Array.fromAsync(decrypt(Readable.from([bytes]), key)))
    assert.deepEqual(await open(sealed), text)
    const [salt, body] = [sealed.subarray(0, 16), sealed.subarray(16)]
    const pieces = [0, 1, 2, 3].map((n) => body.subarray(n * 65_552, (n + 1) * 65_552))
    const changed = Buffer.from(pieces[2] as Buffer)
    changed[5] = (changed[5] as number) ^ 1
    const [a, b, c, d] = pieces as [Buffer, Buffer, Buffer, Buffer]
    for (const forged of [
      [a, c, b, d],
      [a, b, d],
      [a, b, c],
      [a, b, b, c, d],
      [a, b, changed, d],
      [a, b, c, d, d],
      [a],
    ])
      await assert.rejects(open(Buffer.concat([salt, ...forged])), /damaged/)
    // Nothing at all is a last piece, too.
    assert.equal((await open(Buffer.concat(await Array.fromAsync(encrypt(Readable.from([]), key))))).length, 0)
  })
})

describe('files of a restore', () => {
  it('join those that are there, and what a killed one left goes', async () => {
    const { bytes, file } = await backupOfNotes()
    await using site = await newSite()
    const files = join(site.home, 'files')
    const own = await filesIn(files).put(Buffer.from('was here before'))
    await mkdir(join(site.home, 'files.restoring', 'ab'), { recursive: true })
    await writeFile(join(site.home, 'files.restoring', 'ab', 'ab'.repeat(32)), 'half')
    await restoreBackup({
      ...site.urls,
      services: rooms,
      secretKey: '0'.repeat(64),
      filesFolder: files,
      source: Readable.from([bytes]),
    })
    assert.deepEqual((await readdir(files)).sort(), [own.slice(0, 2), file.slice(0, 2)].sort())
    assert.equal((await readFile(join(files, file.slice(0, 2), file))).toString(), 'a certificate')
    assert.deepEqual(await readdir(site.home), ['files'])
  })
})
