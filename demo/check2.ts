import pg from 'pg'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { generate, FULL } from './generate.ts'
import { rowsOf } from './rows.ts'
const s = await startEmbeddedPostgres({ home: '/tmp/demo-home' })
const T=async(n:string,f:()=>Promise<unknown>)=>{const t=performance.now();const r=await f();console.log(n,Math.round(performance.now()-t));return r}
try {
const c = new pg.Client({connectionString: s.ownerUrl.replace(/\/[^/?]*(\?|$)/, '/demo_check$1')}); await c.connect()
const specs=(await c.query('select code from registry.speciality order by 1')).rows.map(r=>r.code)
const country = generate(new Date().toISOString().slice(0,10),FULL,specs)
const t=performance.now(); const rows=new Map(rowsOf(country,'x')); console.log('rowsOf',performance.now()-t)
for (const t of ['scheduling.appointment','scheduling.claim','scheduling.shift']) {
  const r=rows.get(t)!; let js=''
  const t0=performance.now(); js=JSON.stringify(r); console.log(t,r.length,'stringify',performance.now()-t0,js.length)
  const cols=Object.keys(r[0]!).join(',')
  await T('parse',()=>c.query(`select count(*) from (select ${cols} from json_populate_recordset(null::${t},$1) offset 0) x`,[js]))
  await c.query(`create temp table x as select ${cols} from ${t} limit 0`)
  await T('parse+insert',()=>c.query(`insert into x (${cols}) select ${cols} from json_populate_recordset(null::${t},$1)`,[js]))
  await c.query('begin')
  await T('insert',()=>c.query(`insert into ${t} (${cols}) select * from x`).catch(e=>console.log(e.message)))
  await c.query('rollback'); await c.query('drop table x')
}
await c.query('begin; set local search_path=scheduling,platform')
console.log((await c.query('explain (analyze, buffers off) select refresh_free(array_agg(id)) from shift')).rows.map(r=>r['QUERY PLAN']).join('\n'))
await T('del', ()=>c.query('delete from free_range'))
console.log((await c.query(`explain (analyze, buffers off) insert into free_range (schedule_id, speciality, first, start_at, end_at)
    select s.schedule_id, o.speciality, o.first, lower(r.piece), upper(r.piece)
    from shift s
    join offer o on o.schedule_id = s.schedule_id
    cross join lateral (
      select range_agg(c.during) as taken from claim c where c.resource_id in (s.practitioner_id, s.room_id) and c.during && s.during) t
    cross join lateral unnest(tstzmultirange(s.during) - coalesce(t.taken, '{}')) r(piece)`)).rows.map(r=>r['QUERY PLAN']).join('\n'))
await c.query('rollback'); await c.end()
} finally { await s.stop() }
