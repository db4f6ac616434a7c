import { readFileSync } from 'node:fs'
import pg from 'pg'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'
import { generate, FULL } from './generate.ts'
import { rowsOf } from './rows.ts'
import * as q from './queries.ts'
const s = await startEmbeddedPostgres({ home: '/tmp/demo-home' })
try {
  const admin = new pg.Client({ connectionString: s.ownerUrl }); await admin.connect()
  await admin.query('drop database if exists demo_check with (force)'); await admin.query('create database demo_check'); await admin.end()
  const u = (x: string) => x.replace(/\/[^/?]*(\?|$)/, '/demo_check$1')
  await migrate({ ownerUrl: u(s.ownerUrl), appUrl: u(s.appUrl), services: everything })
  const c = new pg.Client({ connectionString: u(s.ownerUrl) }); await c.connect()
  const pid=(await c.query('select pg_backend_pid() p')).rows[0].p
  const cpu=()=>{const f=readFileSync(`/proc/${pid}/stat`,'utf8').split(') ')[1]!.split(' ');return (Number(f[11])+Number(f[12]))*10}
  const me=()=>{const {user,system}=process.cpuUsage();return (user+system)/1000}
  const all0=cpu(), me0=me(); const t0=performance.now()
  await q.alone(c, async()=>{
    await q.markDemonstration(c,'x')
    let m=me(); const country=generate(new Date().toISOString().slice(0,10),FULL,await q.specialityCodes(c)); console.log('generate', Math.round(me()-m))
    const tables=[]
    for (const b of rowsOf(country,'x')) { const a=cpu(); const m=me(); const t=performance.now(); await q.insertAll(c,[b]); tables.push(b[0]); console.log(b[0].padEnd(32), b[1].length, 'pg', cpu()-a, 'node', Math.round(me()-m), 'wall', Math.round(performance.now()-t)) }
    let a=cpu(); await q.refreshFreeRanges(c); console.log('free', cpu()-a)
    a=cpu(); await q.analyze(c,[...new Set(tables),'scheduling.free_range']); console.log('analyze', cpu()-a)
  })
  console.log('total pg', cpu()-all0, 'node', Math.round(me()-me0), 'wall', Math.round(performance.now()-t0))
  await c.end()
} catch (e) { console.log(e) } finally { await s.stop() }
