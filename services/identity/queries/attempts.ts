import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

/** Counts one attempt unless `limit` are there since `since`; the row's lock makes simultaneous ones queue. Answers seconds to wait. */
export async function countAttempt(
  tx: Tx,
  { key, at, since, limit }: { key: Buffer; at: Date; since: Date; limit: number },
): Promise<number | undefined> {
  const { rows } = await sql`
    insert into sign_in_attempt as s (key, failures, latest_at) values (${key}, array[${at}::timestamptz], ${at})
    on conflict (key) do update
      set failures = array(select f from unnest(s.failures) f where f > ${since}) || ${at}::timestamptz, latest_at = ${at}
      where (select count(*) from unnest(s.failures) f where f > ${since}) < ${limit}
    returning 1`.execute(tx)
  if (rows.length > 0) return undefined
  const full = await sql<{ seconds: number }>`
    select extract(epoch from min(f) - ${since})::float8 as seconds
    from sign_in_attempt, unnest(failures) f where key = ${key} and f > ${since}`.execute(tx)
  return full.rows[0]?.seconds ?? 1
}

export async function hasSucceeded(db: Db, key: Buffer): Promise<boolean> {
  const row = await db.selectFrom('sign_in_attempt').select('succeeded_at').where('key', '=', key).executeTakeFirst()
  return row?.succeeded_at != null
}

export const rememberSuccess = (tx: Tx, key: Buffer, at: Date) =>
  tx
    .insertInto('sign_in_attempt')
    .values({ key, failures: [], latest_at: at, succeeded_at: at })
    .onConflict((c) => c.column('key').doUpdateSet({ failures: [], latest_at: at, succeeded_at: at }))
    .execute()

/** Takes one attempt out of those counted at that instant: others of the same millisecond stay. */
export const forgiveAttempt = (tx: Tx, key: Buffer, at: Date) =>
  sql`
    update sign_in_attempt set failures = failures[:p - 1] || failures[p + 1:]
    from (select array_position(failures, ${at}::timestamptz) as p from sign_in_attempt where key = ${key} for update) x
    where key = ${key} and p is not null`.execute(tx)
