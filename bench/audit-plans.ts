import { writeFile } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import pg from 'pg'
import { sealAudit } from '#platform/audit/seal.ts'
import { verifyNewestSeals } from '#platform/audit/verify.ts'
import { migrate } from '#platform/migrate.ts'
import { startThrowAwayPostgres } from '#platform/throw-away-postgres.ts'
import type { Tables } from '#services/registry/database.ts'
import { seenOf } from '#services/registry/queries/access-log.ts'
import { everything } from '#services.ts'
import { openExplainer, type Plan } from './explain.ts'

// docs/plans-audit.md: what the reads of the audit cost with one partition and with a hundred, and what partitions cost who writes.

const PARTITION = 2_000
const PATIENTS = 400
const patient = '0190b9c0-0000-7000-8000-000000000007'

/** Instead of those that a new house has: as many months, small ones, all sealed. */
const fill = (partitions: number) => `
  drop table platform.audit_event_1, platform.audit_event_1000001, platform.audit_event_2000001;
  select platform.add_audit_partition(n * ${PARTITION} + 1, (n + 1) * ${PARTITION} + 1) from generate_series(0, ${partitions + 2}) n;
  insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject)
    select timestamptz '2031-01-01' + n * interval '1 minute', gen_random_uuid(), 'person', 'registry', 'readPatient', gen_random_uuid()::text, 'R',
      'Patient/0190b9c0-0000-7000-8000-' || lpad((n % ${PATIENTS})::text, 12, '0'), 'Patient/0190b9c0-0000-7000-8000-' || lpad((n % ${PATIENTS})::text, 12, '0')
    from generate_series(1, ${partitions * PARTITION} - 100) n;
  analyze platform.audit_event`

/** The same table in one piece, to write to by turns. */
const PLAIN = `
  create table platform.plain (like platform.audit_event including all);
  create index on platform.plain (subject, id) where subject is not null;
  grant insert on platform.plain to openhcs_room;
  create function platform.record_plain(audit json) returns void language plpgsql as $$ begin
    insert into platform.plain (at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship, reason)
      select e.at, e.account_id, e.actor, e.room, e.operation, e.trace_id, e.action, e.entity, e.subject, e.relationship, e.reason
      from json_populate_recordset(null::platform.audit_event, audit) e;
  end $$`

async function sectionFor(partitions: number): Promise<string> {
  await using server = await startThrowAwayPostgres()
  await migrate({ ownerUrl: server.ownerUrl, appUrl: server.appUrl, services: everything })
  const owner = new pg.Client({ connectionString: server.ownerUrl })
  await owner.connect()
  const send = (text: string, values?: unknown[]) => owner.query(text, values)
  await owner.query(fill(partitions))
  await sealAll(send)
  await owner.query(PLAIN)
  const parts = [
    `## ${partitions} partition${partitions > 1 ? 's' : ''}, ${(partitions * PARTITION).toLocaleString('en')} rows\n`,
    show('Who saw my record: the newest page', await reads(server.ownerUrl)),
    show('The check of a seal, and sealing what is new', await checks(server.ownerUrl)),
    `### Writing two rows\n\n${await writes(server.appUrl)}\n`,
  ]
  await owner.end()
  return parts.join('\n')
}

type Send = (text: string, values?: unknown[]) => Promise<pg.QueryResult>

async function sealAll(send: Send): Promise<void> {
  for (;;) {
    await send('begin')
    const count = await sealAudit(send, 'key', new Date())
    await send('commit')
    if (count === 0) return
  }
}

async function reads(ownerUrl: string): Promise<Plan[]> {
  const explainer = await openExplainer({ ownerUrl }, 'registry')
  try {
    const db = explainer.db as unknown as Kysely<Tables>
    return await explainer.explain(() => seenOf(db, { patient, before: undefined, limit: 50 }))
  } finally {
    await explainer.close()
  }
}

/** Of the newest seal; a hundred rows have come since. */
async function checks(ownerUrl: string): Promise<Plan[]> {
  const { explain, query, close } = await openExplainer({ ownerUrl }, 'identity')
  try {
    const send: Send = (text, values = []) => query(text, values)
    const plans = await explain(async () => {
      await verifyNewestSeals(send, 'key')
      await send(`insert into platform.audit_event (at, actor, room, operation, trace_id, action, entity)
        select now(), 'person', 'registry', 'readPatient', '', 'R', 'Patient/1' from generate_series(1, 100)`)
      await sealAudit(send, 'key', new Date())
    })
    return [
      plans.findLast(({ query: text }) => text.startsWith('select count(*)::int as count, encode')),
      plans.find(({ query: text }) => text.startsWith('with gap')),
    ].filter((one) => one !== undefined)
  } finally {
    await close()
  }
}

const ROUNDS = 2_000

async function writes(appUrl: string): Promise<string> {
  const client = new pg.Client({
    connectionString: appUrl,
    options: '-c role=openhcs_registry -c search_path=registry,platform',
  })
  await client.connect()
  const row = {
    at: new Date(),
    actor: 'person',
    room: 'registry',
    operation: 'readPatient',
    trace_id: patient,
    action: 'R',
    entity: `Patient/${patient}`,
    subject: `Patient/${patient}`,
  }
  const texts = [
    'select platform.record_plain($1)',
    'select platform.record($1, null, null, null, null, null, null)',
  ] as const
  const times: [number[], number[]] = [[], []]
  for (let n = 0; n < ROUNDS; n++)
    for (const [which, text] of texts.entries()) {
      const begun = performance.now()
      await client.query({ name: `w${which}`, text, values: [JSON.stringify([row, row])] })
      times[which]?.push(performance.now() - begun)
    }
  await client.end()
  const [plain, parted] = times.map((list) => {
    list.sort((a, b) => a - b)
    return [0.1, 0.5].map((share) => `${((list[Math.floor(list.length * share)] as number) * 1_000).toFixed(0)} µs`)
  })
  return `By turns, ${ROUNDS.toLocaleString('en')} each, with the way to the server: in one piece ${plain?.join(' (fastest tenth), ')} (median); in partitions ${parted?.join(' (fastest tenth), ')} (median).`
}

function show(title: string, plans: readonly Plan[]): string {
  const blocks = plans.map(
    ({ query, plan, milliseconds }) => `\`${query}\`: ${milliseconds} ms\n\n\`\`\`text\n${gather(plan)}\n\`\`\`\n`,
  )
  return `### ${title}\n\n${blocks.join('\n')}`
}

/** One of each run of lines that differ in numbers only: a hundred partitions are read alike. */
function gather(plan: string): string {
  const lines = plan.split('\n')
  const shapeOf = (line = '') => line.replaceAll(/[\d.]+/g, '#').trim()
  const kept: string[] = []
  let more = 0
  for (let n = 0; n < lines.length; n += 2) {
    const [one, two] = [lines[n], lines[n + 1]]
    const [before, previous] = [kept.at(-2), kept.at(-1)]
    if (kept.length > 1 && shapeOf(one) === shapeOf(before) && shapeOf(two) === shapeOf(previous)) more++
    else kept.push(...[one, two].filter((line) => line !== undefined))
  }
  return more > 0 ? `${kept.join('\n')}\n(and ${more} more like one of these)` : kept.join('\n')
}

if (import.meta.main) {
  const intro = `# Query plans of the audit

Written by \`node bench/audit-plans.ts\`. Partitions are small here (${PARTITION.toLocaleString('en')} rows, ${PATIENTS.toLocaleString('en')} patients), so that a hundred of them are made in seconds: what
counts is how many are touched. Plans are generic and shown as run for the third time; parts that were never executed are left out.
`
  await writeFile(
    new URL('../docs/plans-audit.md', import.meta.url),
    `${intro}\n${await sectionFor(1)}\n${await sectionFor(100)}`,
  )
}
