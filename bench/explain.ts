import { Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely'
import pg from 'pg'
import { PLAN_ANEW } from '#platform/database.ts'
import type { SchedulingTables } from '#services/scheduling/tables.ts'
import { OPTIONS } from './bare-driver.ts'
import type { Country } from './country.ts'

export interface Plan {
  /** Its beginning. */
  query: string
  milliseconds: string
  plan: string
}

export interface Explainer {
  db: Transaction<SchedulingTables>
  query(text: string, values: unknown[]): Promise<pg.QueryResult>
  /** Runs something three times, takes it back each time, and tells how the third was run: also what functions did inside. */
  explain(act: () => Promise<unknown>): Promise<Plan[]>
  close(): Promise<void>
}

// auto_explain tells of the statements as the house sends them, and of those inside functions, which EXPLAIN does not show.
const SETTINGS = `
  load 'auto_explain';
  set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; set auto_explain.log_buffers = on;
  set auto_explain.log_nested_statements = on; set auto_explain.log_parameter_max_length = 0`

/** Of a room whose plans are not made once they are generic all the same: what they become after a few runs. */
const optionsOf = (room: string) =>
  room === 'scheduling'
    ? OPTIONS.replace('-c role=openhcs_scheduling', '')
    : `-c search_path=${room},platform -c timezone=UTC -c plan_cache_mode=force_generic_plan -c jit=off`

export async function openExplainer({ ownerUrl }: Pick<Country, 'ownerUrl'>, room = 'scheduling'): Promise<Explainer> {
  const client = new pg.Client({ connectionString: ownerUrl, options: optionsOf(room) })
  await client.connect()
  await client.query(`${SETTINGS}; set role openhcs_${room}`)
  const told: string[] = []
  client.on('notice', ({ message }) => told.push(message ?? ''))
  /** What says that it is planned for its values is. */
  const query = async (text: string, values: unknown[]) => {
    const mode = text.startsWith(PLAN_ANEW) ? 'force_custom_plan' : 'force_generic_plan'
    await client.query(`set plan_cache_mode = ${mode}`)
    return client.query(text, values)
  }
  const single = { connect: async () => ({ query, release() {} }), end: async () => {} }
  const dialect = new PostgresDialect({ pool: single as unknown as PostgresPool })
  return {
    db: new Kysely<SchedulingTables>({ dialect }) as unknown as Transaction<SchedulingTables>,
    query,
    async explain(act) {
      for (const level of ['error', 'error', 'log']) {
        told.length = 0
        await client.query('begin')
        await client.query(`set local client_min_messages = ${level}`)
        await act()
        await client.query('rollback')
      }
      return told.flatMap(planOf)
    },
    close: () => client.end(),
  }
}

/** Nothing of what is quick and everywhere: checks of references, and settings. */
const DULL = /^(select 1 from only|select demo|set |begin|rollback)/i
const WIDTH = 150

function planOf(message: string): Plan[] {
  const [, milliseconds = '', query = '', plan = ''] =
    /^duration: ([\d.]+) ms {2}plan:\nQuery Text: ([\s\S]*?)\n((?:[A-Z][\w ]+ {2}\(cost)[\s\S]*)$/.exec(message) ?? []
  const words = query.replaceAll(/\s+/g, ' ').trim()
  return plan === '' || DULL.test(words) ? [] : [{ query: cut(words, 90), milliseconds, plan: shorten(plan) }]
}

const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width)}…` : text)

/** Without what was never executed, and without the planner's guesses. */
function shorten(plan: string): string {
  const kept: string[] = []
  let hidden = Number.POSITIVE_INFINITY
  for (const line of plan.split('\n')) {
    const indent = line.search(/\S/)
    if (indent > hidden) continue
    hidden = line.includes('(never executed)') ? indent : Number.POSITIVE_INFINITY
    if (
      hidden === indent ||
      (kept.length > 2 && /^ +Buffers/.test(line)) ||
      /^\s*(Index Searches|Heap Fetches|Storage|Sort Method|Cache|Hits|Planning)/.test(line)
    )
      continue
    kept.push(cut(line.replace(/ {2}\(cost=[^)]*\) \(/, '  ('), WIDTH))
  }
  return kept.join('\n')
}
