import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { keyFrom, openSource } from '#commands/arguments.ts'
import { keepFile } from '#platform/backup/keep.ts'
import { migrate } from '#platform/migrate.ts'
import { verifyBackup } from '#platform/restore.ts'
import { copyTemplate } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backUp, newSite, relationsIn, SECRET, type Site } from '../backups.ts'

const main = new URL('../../main.ts', import.meta.url).pathname

function start(site: Site, ...args: string[]) {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    OPENHCS_HOME: site.home,
    OPENHCS_SECRET_KEY: SECRET,
    DATABASE_URL: site.urls.appUrl,
    DATABASE_OWNER_URL: site.urls.ownerUrl,
    ...site.env,
  }
  return spawn(process.execPath, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
}

async function run(site: Site, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(site, ...args)
  child.stdin.end()
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

const migrated = async () => newSite(await copyTemplate(everything))

describe('openhcs backup and restore', () => {
  it('write one file for its owner alone, look through it, and bring it back elsewhere', async () => {
    await using from = await migrated()
    const folder = from.home
    await writeFile(join(folder, 'key'), `${'c4'.repeat(32)}\n`)
    const made = await run(from, 'backup', folder, '--key-file', join(folder, 'key'))
    assert.equal(made.code, 0, made.err)
    const path = made.err.trim().split('\n').at(-1) as string
    assert.match(path, /openhcs-\d{4}-\d\d-\d\dT\d{6}Z\.backup$/)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('.')),
      [],
    )
    assert.equal((await from.query('select rows > 0 as some from platform.backup')).rows[0].some, true)

    const seen = await run(from, 'backup', 'verify', path, '--key-file', join(folder, 'key'))
    assert.match(seen.out, /40 {2}registry\.speciality\n/)
    assert.match(seen.out, /Whole: made at 20\d\d-.* by release \d+\.\d+\.\d+ on PostgreSQL 1\d/)

    await using site = await newSite()
    const restored = await run(site, 'restore', path, '--key-file', join(folder, 'key'))
    assert.equal(restored.code, 0, restored.err)
    assert.match(restored.out, /40 {2}registry\.speciality: the same\n/)
    assert.match(restored.out, /Every table has the checksum that it had\.\nThe audit is whole/)
    assert.match(
      (await run(site, 'restore', path, '--key-file', join(folder, 'key'))).err,
      /into an empty database only/,
    )
  })

  it('go through a pipe', async () => {
    await using from = await migrated()
    await using site = await newSite()
    const backup = start(from, 'backup', '-')
    const restore = start(site, 'restore', '-')
    backup.stdin.end()
    backup.stdout.pipe(restore.stdin)
    const [out] = await Promise.all([text(restore.stdout), text(backup.stderr), once(restore, 'close')])
    assert.equal(restore.exitCode, 0)
    assert.match(out, /registry\.speciality: the same/)
  })

  it('leave, when a restore is killed, a database that says so and is refused until it is restored', async () => {
    await using from = await migrated()
    const path = join(from.home, 'whole.backup')
    await from.query(
      `insert into platform.once (scope, key, created_at) select md5(n::text), md5((-n)::text), now() from generate_series(1, 20000) n`,
    )
    assert.equal((await run(from, 'backup', path)).code, 0)
    await using site = await newSite()
    const restore = start(site, 'restore', '-')
    const bytes = await readFile(path)
    restore.stdin.on('error', () => {}) // it is killed while it is written to
    restore.stdin.write(bytes.subarray(0, -1_000)) // the end is held back, so it can never finish
    const isLoading = `select from pg_stat_activity where datname = current_database() and application_name = 'openhcs restore' and query like 'copy%'`
    while (!(await relationsIn(site)).includes('platform.restoring') || !(await site.query(isLoading)).rowCount) {
      assert.equal(restore.exitCode, null)
      await wait(20)
    }
    restore.kill('SIGKILL')
    await once(restore, 'exit')
    restore.stdin.destroy()
    const half = /half restored: .*Run the restore again/
    assert.match((await run(site, 'start')).err, half)
    await assert.rejects(migrate({ ...site.urls, services: everything }), half)
    await assert.rejects(backUp(site.urls.ownerUrl, site.home), half)
    const again = await run(site, 'restore', path)
    assert.equal(again.code, 0, again.err)
    assert.deepEqual(await migrate({ ...site.urls, services: everything }), [])
  })

  it('say how they are used, and what is missing', async () => {
    await using site = await newSite()
    assert.match((await run(site, 'backup')).err, /^Usage: openhcs backup <file, folder or ->/)
    assert.match((await run(site, 'restore')).err, /^Usage: openhcs restore/)
    await assert.rejects(backUp(site.urls.ownerUrl, site.home), /nothing to back up: .*openhcs migrate/)
    const file = join(site.home, 'file')
    await writeFile(file, 'too short')
    assert.throws(() => keyFrom(file), /64 hexadecimal digits/)
    await assert.rejects(verifyBackup(openSource(file)), /not a backup of OpenHCS/)
  })
})

describe('openhcs upgrade and doctor', () => {
  it('change nothing where something is bad, and say so by their exit code', async () => {
    await using site = await migrated()
    const refused = await run(site, 'upgrade')
    assert.equal(refused.code, 1)
    assert.match(refused.out, /✖ secret key +The secret key can be guessed/)
    assert.match(refused.err, /^Nothing was changed/)
    assert.deepEqual(await readdir(site.home), [])
    const seen = await run(site, 'doctor', '--json')
    assert.equal(seen.code, 1)
    const findings = JSON.parse(seen.out) as { check: string; verdict: string }[]
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict === 'bad').map(({ check }) => check),
      ['secret key'],
    )
  })

  it('back up, migrate, and say how to go back', async () => {
    await using site = await migrated()
    await site.query(`drop table platform.backup; delete from platform.migration where name = '0004_backup.sql'`)
    site.env = { OPENHCS_SECRET_KEY: '0123456789abcdef'.repeat(4) }
    const done = await run(site, 'upgrade')
    assert.equal(done.code, 0, done.out + done.err)
    assert.match(done.out, /\? migrations +To come: platform\/0004_backup\.sql/)
    assert.match(done.out, /Backed up: .*\nMigrated:\n {2}platform\/0004_backup\.sql\n/)
    const [path] = /\S+\.backup$/m.exec(done.out.slice(done.out.indexOf('To go back'))) ?? []
    assert.ok((await verifyBackup(openSource(path as string))).end.tables.length > 30)
    assert.deepEqual(await migrate({ ...site.urls, services: everything }), [])
  })

  it('tell what is wrong with a setting', async () => {
    await using site = await newSite()
    site.env = { PORT: 'door' }
    const { code, out } = await run(site, 'doctor')
    assert.equal(code, 1)
    assert.match(out, /✖ start {2}The configuration is wrong:\s+PORT: /)
  })
})

describe('a file that is kept', () => {
  it('is never half there, and never in the place of another', async () => {
    await using site = await newSite()
    const path = join(site.home, 'it')
    await assert.rejects(
      keepFile(path, '', async (target) => {
        target.write('half')
        throw new Error('the disk is full')
      }),
      /the disk is full/,
    )
    assert.deepEqual(await readdir(site.home), [])
    await keepFile(path, '', async (target) => target.write('whole'))
    assert.equal(await readFile(path, 'utf8'), 'whole')
    await assert.rejects(
      keepFile(path, '', async () => {}),
      /is there already/,
    )
  })
})
