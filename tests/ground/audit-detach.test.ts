import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { openSource } from '#commands/arguments.ts'
import { detachOldest, verifyWith } from '#platform/audit/detach.ts'
import { sealAudit } from '#platform/audit/seal.ts'
import { readEnvelope, writeEnvelope } from '#platform/backup/envelope.ts'
import type { Frame } from '#platform/backup/format.ts'
import { connectOwner } from '#platform/backup/tables.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backUp, newSite, restoreInto, runCommand, SECRET } from '../backups.ts'
import { sendOf, writeRows } from './audit-rows.ts'

const OLD = new Date('2024-02-03T04:05:06.789Z')
/** What a row's text quotes and COPY's escapes, and what neither does. */
const AWKWARD = [
  '',
  'plain',
  'a, (b)',
  'quote " and \\ and \\N',
  'tab\tbreak\nreturn\r',
  'لبن 牛乳 🥛',
  '\u00a0\u0085\v\f\b',
  ' ',
]

/** A house with a partition that is full and old, and one that is not, all sealed; and as a place where commands run. */
async function oldHouse() {
  const house = await openTestHouse(everything)
  for (const [n, reason] of AWKWARD.entries()) await writeRows(house, [10 + n], OLD, reason)
  await sealAudit(sendOf(house), SECRET, OLD)
  await writeRows(house, [20, 21, 1_000_000], OLD)
  await writeRows(house, [1_000_001, 1_000_002])
  await house.owner.query(`select setval('platform.audit_event_id_seq', 1000002)`)
  for (let n = 0; n < 2; n++) await sealAudit(sendOf(house), SECRET, new Date())
  const { config } = house.house
  const urls = { ownerUrl: config.databaseOwnerUrl.reveal(), appUrl: config.databaseUrl.reveal(), async drop() {} }
  const site = await newSite(urls)
  const folder = await mkdtemp(join(tmpdir(), 'openhcs-detached-'))
  const owner = await connectOwner(urls.ownerUrl, 'test')
  const close = async () => {
    await owner.end()
    await site[Symbol.asyncDispose]()
    await house[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
  return { house, site, folder, owner, close }
}

/** The same file with other rows, and a digest that is right again: as somebody would forge it. */
async function forge(file: string, change: (rows: string) => string): Promise<void> {
  const frames: Frame[] = await Array.fromAsync(readEnvelope(Readable.from([await readFile(file)]), undefined, 'audit'))
  const rows = change(Buffer.concat(frames.filter((one) => Buffer.isBuffer(one))).toString())
  const chunks: Buffer[] = []
  const target = new Writable({ write: (chunk, _, done) => done(void chunks.push(chunk)) })
  const forged = (async function* () {
    for (const frame of frames)
      if (!Buffer.isBuffer(frame)) yield* frame.is === 'table' ? [frame, Buffer.from(rows)] : [frame]
  })()
  await writeEnvelope(forged, target, undefined, 'audit')
  await writeFile(file, Buffer.concat(chunks))
}

describe('openhcs audit detach', () => {
  let old: Awaited<ReturnType<typeof oldHouse>>
  let file: string
  before(async () => {
    old = await oldHouse()
    file = join(old.folder, 'openhcs-audit-1-1000000.rows')
  })
  after(() => old.close())

  const count = async () => (await old.site.query('select count(*)::int as n from platform.audit_event')).rows[0].n
  const detach = (days: number) =>
    detachOldest({
      client: old.owner,
      folder: old.folder,
      before: new Date(Date.now() - days * 86_400_000),
      secretKey: SECRET,
      key: undefined,
      version: '9.9.9',
      now: new Date(),
    })
  const verify = (...paths: string[]) => verifyWith(old.owner, SECRET, paths.map(openSource))
  const broken = async (...paths: string[]) =>
    (await verify(...paths)).broken.map(({ seal, reason }) => `${seal}: ${reason}`)
  const whole = { seals: 3, rows: 13, unsealed: 0, elsewhere: 0, broken: [], strange: 0 }

  it('keeps everything where nothing is old enough, where the audit is in use, and where rows are not what was sealed', async () => {
    assert.equal(await detach(36_500), undefined)
    await old.house.owner.query('begin; lock table platform.audit_event in access share mode')
    await assert.rejects(detach(30), /in use just now/)
    await old.house.owner.query('rollback')
    await old.house.owner.query(`update platform.audit_event set reason = 'other' where id = 20`)
    await assert.rejects(detach(30), /Nothing was detached: its rows are not those of seal 2/)
    await old.house.owner.query('update platform.audit_event set reason = null where id = 20')
    await writeRows(old.house, [30], OLD)
    await assert.rejects(detach(30), /1 of its rows have no seal yet/)
    await old.house.owner.query('delete from platform.audit_event where id = 30')
    assert.deepEqual(await readdir(old.folder), [])
    assert.equal(await count(), 13)
  })

  it('hands out what is old as a file, takes it away, and the rest is still verified', async () => {
    const { code, out, err } = await runCommand(old.site, 'audit', 'detach', old.folder, '--older-than', '30')
    assert.deepEqual([code, err], [0, ''])
    assert.ok(out.startsWith(`${file}: 11 rows (1 to 1000000) of ${OLD.toISOString()}`), out)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal(await count(), 2)
    assert.equal((await old.site.query(`select to_regclass('platform.audit_event_1') as there`)).rows[0].there, null)
    assert.equal(await detach(30), undefined)
    const verified = await runCommand(old.site, 'audit', 'verify')
    assert.match(
      verified.out,
      /^2 rows under 3 seals, 0 not sealed yet\.\n11 rows were handed out, .*\nThe chain is whole\.$/m,
    )
    assert.equal(verified.code, 0)
  })

  it('leaves a file with which all of it is verified: every awkward text as it was sealed', async () => {
    const { code, out } = await runCommand(old.site, 'audit', 'verify', file)
    assert.equal(out, '13 rows under 3 seals, 0 not sealed yet.\nThe chain is whole.\n')
    assert.equal(code, 0)
  })

  it('lets a row that was altered, removed or added be found, there and in the file', async () => {
    const bytes = await readFile(file)
    await forge(file, (rows) => rows.replace('plain', 'other'))
    assert.deepEqual(await broken(file), ['1: a row was altered'])
    const { code, out } = await runCommand(old.site, 'audit', 'verify', file)
    assert.match(out, /Seal 1 of .*: a row was altered\./)
    assert.equal(code, 1)
    await writeFile(file, bytes)
    await forge(file, (rows) => rows.replace(/^21\t.*\n/m, ''))
    assert.deepEqual(await broken(file), ['2: 3 rows were sealed, 2 are there'])
    await writeFile(file, bytes)
    await forge(file, (rows) => rows.replace(/^21\t.*\n/m, (line) => line + line.replace('21', '22')))
    assert.equal((await verify(file)).strange, 1)
    const flipped = Buffer.from(bytes)
    flipped[60] = (flipped[60] as number) ^ 1
    await writeFile(file, flipped)
    await assert.rejects(verify(file), /damaged/)
    await writeFile(file, bytes)

    await old.house.owner.query(`update platform.audit_event set entity = 'x' where id = 1000002`)
    assert.deepEqual(await broken(file), ['3: a row was altered'])
    await old.house.owner.query(`update platform.audit_event set entity = 'Note/1000002' where id = 1000002`)
    assert.deepEqual(await verify(file), whole)
  })

  it('lets nobody say of rows that were removed that they were handed out', async () => {
    const { owner } = old.house
    await owner.query('update platform.audit_detached set last_at = now()')
    assert.deepEqual(await broken(), ['1: 8 rows were sealed, 0 are there', '2: 3 rows were sealed, 0 are there'])
    await owner.query('update platform.audit_detached set last_at = $1', [OLD])
    assert.deepEqual(await broken(), [])
  })

  it('stays handed out in a backup and its restore', async () => {
    const { bytes } = await backUp(old.site.urls.ownerUrl, old.site.home)
    await using site = await newSite()
    await restoreInto(site, everything, bytes)
    const client = await connectOwner(site.urls.ownerUrl, 'test')
    assert.deepEqual(await verifyWith(client, SECRET, [openSource(file)]), whole)
    await client.end()
  })

  it('encrypts a file, and verify asks for the key', async () => {
    const other = await oldHouse()
    try {
      const keyFile = join(other.folder, 'key')
      await writeFile(keyFile, 'ab'.repeat(32))
      const run = (...args: string[]) => runCommand(other.site, ...args)
      assert.equal((await run('audit', 'detach', other.folder, '--older-than', '30', '--key-file', keyFile)).err, '')
      const sealed = join(other.folder, 'openhcs-audit-1-1000000.rows')
      assert.match((await run('audit', 'verify', sealed)).err, /The audit is encrypted: give its key/)
      assert.match((await run('backup', 'verify', sealed)).err, /not a backup/)
      assert.equal((await run('audit', 'verify', sealed, '--key-file', keyFile)).code, 0)
    } finally {
      await other.close()
    }
  })

  it('says how it is used', async () => {
    const { site, folder } = old
    assert.match((await runCommand(site, 'audit', 'detach', folder)).err, /Usage: openhcs audit verify/)
    assert.match((await runCommand(site, 'audit', 'detach', folder, '--older-than', '1.5')).err, /Usage/)
    assert.match((await runCommand(site, 'audit', 'detach', `${folder}/none`, '--older-than', '9')).err, /is no folder/)
    assert.equal((await runCommand(site, 'audit', 'partition')).out, 'audit_event_3000001: made.\n')
  })
})
