import { connectOwner } from '../backup/tables.ts'
import type { Config } from '../config.ts'
import { LATE_SECONDS } from '../reader.ts'
import { type Examined, type Finding, good, look } from './finding.ts'

// The reader of the database, where one is configured. Without it the primary answers, so nothing here is bad.

const CHECK = 'reader'
const SEE = 'See docs/runbooks/reader-late.md. Until then the primary answers searches.'
/** Every process with a reader writes a heartbeat each second. */
const BEATEN_SECONDS = 30

export async function readerFinding({ config, services, owner }: Examined): Promise<Finding> {
  const url = config.databaseReaderUrl
  if (!url) return good(CHECK, 'None: the primary answers everything')
  const { rows } = await owner.query(
    `select process, at, extract(epoch from clock_timestamp() - at)::float8 as age from platform.heartbeat order by at desc limit 1`,
  )
  const [newest] = rows as [{ process: string; at: Date; age: number }?]
  if (!newest) return judgeReader(0, Number.POSITIVE_INFINITY)
  const shown = await heartbeatOf(config, url.reveal(), services[0]?.name ?? '', newest.process).catch(
    (error: Error) => error,
  )
  if (shown instanceof Error) return look(CHECK, `DATABASE_READER_URL cannot be read: ${shown.message}`, SEE)
  if (!shown)
    return look(
      CHECK,
      'DATABASE_READER_URL leads to another database than DATABASE_URL, or far behind it',
      'Correct it. Until then the primary answers searches.',
    )
  return judgeReader((newest.at.getTime() - shown.getTime()) / 1_000, newest.age)
}

/** `behind`: seconds between the two; `age`: of the primary's. */
export function judgeReader(behind: number, age: number): Finding {
  if (behind > LATE_SECONDS) return look(CHECK, `It is ${behind.toFixed(1)} s behind the primary`, SEE)
  if (age > BEATEN_SECONDS)
    return look(
      CHECK,
      `Nobody has asked how late it is for ${age > 3_600 ? 'an hour or more' : `${Math.round(age)} s`}: no process with it is running`,
      'Set DATABASE_READER_URL for every process that answers people, and for none if it is not wanted.',
    )
  return good(
    CHECK,
    `At most ${Math.max(behind, 0).toFixed(1)} s behind the primary; openhcs_reader_answers_total counts what it answers`,
  )
}

/** As a room: the login itself may read nothing. */
async function heartbeatOf(
  { DATABASE_STATEMENT_SECONDS }: Config,
  url: string,
  room: string,
  process: string,
): Promise<Date | undefined> {
  const reader = await connectOwner(url, 'doctor')
  try {
    await reader.query(`set statement_timeout = '${DATABASE_STATEMENT_SECONDS}s'; set role openhcs_${room}`)
    return (await reader.query('select at from platform.heartbeat where process = $1', [process])).rows[0]?.at
  } finally {
    await reader.end()
  }
}
