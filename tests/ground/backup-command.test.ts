import assert from 'node:assert/strict'
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
import { everything } from '#services.ts'
import { backUp, migratedSite, newSite, relationsIn, runCommand as run, startCommand as start } from '../backups.ts'

describe('openhcs backup and restore', () => {
  it('write one file for its owner alone, look through it, and bring it back elsewhere', async () => {
    await using from = await migratedSite()
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
    await using from = await migratedSite()
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
    await using from = await migratedSite()
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
