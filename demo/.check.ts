import pg from 'pg'
import { loadConfig } from '#platform/config.ts'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { migrate } from '#platform/migrate.ts'
import { loadDemo, purgeDemo } from '/work/main/demo/load.ts'

const s = await startEmbeddedPostgres({ home: '/tmp/demo-home' })
try {
  const admin = new pg.Client({ connectionString: s.ownerUrl })
  await admin.connect()
  await admin.query('drop database if exists demo_check with (force)')
  await admin.query('create database demo_check')
  const u = (x: string) => x.replace(/\/[^/?]*(\?|$)/, '/demo_check$1')
  await migrate({
    ownerUrl: u(s.ownerUrl),
    appUrl: u(s.appUrl),
    services: ['identity', 'registry', 'scheduling', 'notifications'].map((name) => ({
      name,
      migrations: new URL(`/work/main/services/${name}/migrations/`, 'file:///'),
    })) as never,
  })
  const config = loadConfig({
    OPENHCS_HOME: '/tmp/demo-home',
    DATABASE_URL: u(s.appUrl),
    DATABASE_OWNER_URL: u(s.ownerUrl),
  })
  console.log(await loadDemo(config))
  console.log(await loadDemo(config))
  if (process.argv[2] !== 'keep') {
    const t = performance.now()
    console.log(await purgeDemo(config), performance.now() - t)
    console.log(await purgeDemo(config))
  }
  await admin.end()
} catch (e) { console.log(e) } finally {
  await s.stop()
}
