import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadDemo } from '#demo/load.ts'
import { loadConfig } from '#platform/config.ts'
import { migrate } from '#platform/migrate.ts'
import type { TestDatabase } from '#platform/testing.ts'
import { startThrowAwayPostgres } from '#platform/throw-away-postgres.ts'
import { oldestPrograms, startOldest } from '#scripts/oldest-postgres.ts'
import { everything } from '#services.ts'
import { ask, backUp, newSite, restoreInto, SECRET, type Site } from '../backups.ts'

/** A database of somebody who may make roles and databases, and is no superuser: what a provider of PostgreSQL gives. */
async function clinicOn(superUrl: string, name: string): Promise<TestDatabase> {
  for (const role of ['clinic_owner login createrole createdb', 'clinic_app login noinherit'])
    await ask(
      superUrl,
      `do $$ begin create role ${role} password 'x'; exception when duplicate_object then null; end $$`,
    )
  await ask(superUrl, `create database ${name} owner clinic_owner`)
  const as = (role: string) => superUrl.replace(/\/\/[^@]*@/, `//${role}:x@`).replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
  // Dropped with its server.
  return { ownerUrl: as('clinic_owner'), appUrl: as('clinic_app'), async drop() {} }
}

const versionOf = async (site: Site) =>
  (await site.query('show server_version_num')).rows[0].server_version_num.slice(0, 2)

describe('a backup on another PostgreSQL', () => {
  it('is restored from 18 to 15 and back, by an owner who is no superuser, with the same checksums', async (t) => {
    const programs = oldestPrograms()
    await using newest = await startThrowAwayPostgres()
    await using oldest = programs ? await startOldest(programs) : undefined
    await using from = await newSite(await clinicOn(newest.ownerUrl, 'clinic'))
    const { ownerUrl, appUrl } = from.urls
    await migrate({ ownerUrl, appUrl, services: everything })
    const config = loadConfig({
      OPENHCS_HOME: from.home,
      OPENHCS_SECRET_KEY: SECRET,
      DATABASE_URL: appUrl,
      DATABASE_OWNER_URL: ownerUrl,
    })
    await loadDemo(config, { practitioners: 60, people: 300 })
    const first = await backUp(ownerUrl, from.home)
    const way = [...(oldest ? [oldest.ownerUrl] : []), newest.ownerUrl]
    let { bytes } = first
    const versions = [await versionOf(from)]
    for (const [n, url] of way.entries()) {
      await using site = await newSite(await clinicOn(url, `clinic_${n}`))
      await restoreInto(site, everything, bytes)
      versions.push(await versionOf(site))
      assert.deepEqual((await site.query('select rolsuper from pg_roles where rolname = current_user')).rows, [
        { rolsuper: false },
      ])
      assert.deepEqual(await migrate({ ...site.urls, services: everything }), [])
      const next = await backUp(site.urls.ownerUrl, site.home)
      assert.deepEqual(next.report.tables, first.report.tables)
      assert.deepEqual(next.report.files, first.report.files)
      bytes = next.bytes
    }
    assert.deepEqual(versions, oldest ? ['18', '15', '18'] : ['18', '18'])
    t.diagnostic(
      `${first.report.rows} rows of ${first.report.tables.length} tables: PostgreSQL ${versions.join(' → ')}`,
    )
  })
})
