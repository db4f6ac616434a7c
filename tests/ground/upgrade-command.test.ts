import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { openSource } from '#commands/arguments.ts'
import { migrate } from '#platform/migrate.ts'
import { verifyBackup } from '#platform/restore.ts'
import { everything } from '#services.ts'
import { migratedSite, newSite, runCommand as run } from '../backups.ts'

describe('openhcs upgrade and doctor', () => {
  it('change nothing where something is bad, and say so by their exit code', async () => {
    await using site = await migratedSite()
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
    await using site = await migratedSite()
    await site.query(`drop table platform.backup; delete from platform.migration where name = '0006_backup.sql'`)
    site.env = { OPENHCS_SECRET_KEY: '0123456789abcdef'.repeat(4) }
    const done = await run(site, 'upgrade')
    assert.equal(done.code, 0, done.out + done.err)
    assert.match(done.out, /\? migrations +To come: platform\/0006_backup\.sql/)
    assert.match(done.out, /Backed up: .*\nMigrated:\n {2}platform\/0006_backup\.sql\n/)
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
