import { type Kysely, sql, type Transaction } from 'kysely'
import type { NotificationsTables } from '../tables.ts'
import type { Kept, Version } from '../words/catalogues.ts'

/** Keeps words that are used for the first time. In the order of their versions, so that two who do it at once do not wait for each other. */
export async function keepWordings(
  tx: Transaction<NotificationsTables>,
  versions: readonly Version[],
  at: Date,
): Promise<void> {
  const each = new Map(versions.map((one) => [one.version, one]))
  if (each.size === 0) return
  await sql`
    insert into wording (version, template, language, message, phrases, first_used_at)
    select version, template, language, message, phrases, ${at}
    from json_to_recordset(${JSON.stringify([...each.values()])}::json)
      as w(version text, template text, language text, message jsonb, phrases jsonb)
    where not exists (select from wording k where k.version = w.version)
    order by version on conflict do nothing`.execute(tx)
}

export async function wordingsOf(
  db: Kysely<NotificationsTables>,
  versions: readonly string[],
): Promise<Map<string, Kept>> {
  if (versions.length === 0) return new Map()
  const rows = await db
    .selectFrom('wording')
    .select(['version', 'message', 'phrases'])
    .where('version', 'in', versions)
    .$castTo<Kept & { version: string }>()
    .execute()
  return new Map(rows.map((row) => [row.version, row]))
}
