import type { Config, Secret } from './config.ts'

/**
 * A transaction of ours pauses only for a round trip. One whose process or network was lost in between holds its locks until the server ends it,
 * and whoever waits for them must not reach their own time limit before that (seen in `make rehearse-hosts`: 14 requests to the node that was left).
 */
const PAUSE_MS = 3_000

/**
 * Whose network was lost says nothing more, and each that waits in line for its locks would pause in turn: four transactions of a lost node kept the visits of
 * one practitioner for 10 s (`make rehearse-hosts`). The server asks after a second of silence, and ends all of them at once after two, also those that
 * wait (`client_connection_check_interval`) and those that it has answered (`tcp_user_timeout`; nothing is asked while an answer is on its way).
 */
const LOST_AFTER_SILENCE = {
  tcp_keepalives_idle: '1',
  tcp_keepalives_interval: '1',
  tcp_user_timeout: '2000',
  client_connection_check_interval: '500',
}

/**
 * One plan for all values and for tables of any size. No sequential scans: a plan made while a table is empty would read all of it when it is
 * not (bookings took 1.1 ms of the database's time, and 1.9 after 6,000 of them). No bitmap scans: those meet the index entries of changed rows again and
 * again, where a plain scan marks them as dead (searches took 0.36 ms instead of 0.16). No compiling: up to PostgreSQL 17 a scan that is not
 * wanted counts as endlessly dear, and what is dear is compiled, for 13 ms each time.
 */
export const PLAN_ONCE = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  jit: 'off',
}

export interface SessionOptions {
  room: string
  /** See `Service.planOnce`. */
  planOnce: boolean
  statementSeconds: number
}

/**
 * What a room's session begins with. A connection of its own asks for it when it starts; a login of its own, which is what a pooler needs, has it
 * from the database (platform/logins.ts). The values are words and lists of words: they need no quotes in either place.
 */
export function sessionSettings({
  room,
  planOnce,
  statementSeconds,
}: SessionOptions): Readonly<Record<string, string>> {
  const milliseconds = statementSeconds * 1_000
  return {
    search_path: pathOf(room),
    statement_timeout: String(milliseconds),
    idle_in_transaction_session_timeout: String(Math.min(PAUSE_MS, milliseconds)),
    ...LOST_AFTER_SILENCE,
    timezone: 'UTC',
    ...(planOnce && PLAN_ONCE),
  }
}

/** For the `options` of a connection. */
export const asOptions = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')

/** Where a room looks for tables: among its own, and the ground's. */
export const pathOf = (room: string): string => `${room},platform`

export const roleOf = (room: string): string => `openhcs_${room}`

export interface Way {
  url: string
  /** Through a pooler, as a login of the room's own: nothing is asked for when a connection starts. */
  pooled: boolean
  /** Statements have names, so that PostgreSQL parses and plans each once per connection. */
  named: boolean
}

/** Where a room connects: through the pooler as itself, or past it as the application, which then takes the room's role. */
export function wayOf(config: Config, room: string): Way {
  if (!config.databasePoolerUrl) return pastPooler(config.databaseUrl)
  const url = new URL(config.databasePoolerUrl.reveal())
  url.username = roleOf(room)
  return { url: url.href, pooled: true, named: config.DATABASE_POOLER_PREPARED }
}

export const pastPooler = (url: Secret): Way => ({ url: url.reveal(), pooled: false, named: true })
