import { type Kysely, sql, type Transaction } from 'kysely'
import type { Category } from '../categories.ts'
import type { Channel } from '../channels.ts'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export type Wish = 'at-once' | 'daily' | 'off'
export type Wishes = { [C in Category]?: { [H in Channel]?: Wish } }

export interface PreferencesRow {
  account_id: string
  about: string
  wishes: Wishes
  zone: string | null
  /** `21:00:00` */
  quiet_from: string | null
  quiet_until: string | null
  daily_at: string | null
  version: number
}

const shown = ['account_id', 'about', 'wishes', 'zone', 'quiet_from', 'quiet_until', 'daily_at', 'version'] as const

export const preferencesOf = (db: Db, accounts: readonly string[]): Promise<PreferencesRow[]> =>
  db.selectFrom('preferences').select(shown).where('account_id', 'in', accounts).$castTo<PreferencesRow>().execute()

export const preferencesAbout = (db: Db, account: string, about: string): Promise<PreferencesRow | undefined> =>
  db
    .selectFrom('preferences')
    .select(shown)
    .where('account_id', '=', account)
    .where('about', '=', about)
    .$castTo<PreferencesRow>()
    .executeTakeFirst()

/** Whether this account may be told about this patient, as somebody who cares for them. */
export async function caresFor(db: Db, account: string, patient: string, at: Date): Promise<boolean> {
  const { rows } = await sql<{ cares: boolean }>`
    select 'mandate' in (platform.may(${account}, ${patient}, 'receive-messages', ${at}), platform.may(${account}, ${patient}, 'book', ${at})) as cares`.execute(
    db,
  )
  return rows[0]?.cares ?? false
}

/** Version 1 is what there is before anybody chose. `false` when it is another by now. */
export async function replacePreferences(tx: Tx, { version, ...row }: PreferencesRow, at: Date): Promise<boolean> {
  const values = { ...row, wishes: JSON.stringify(row.wishes), changed_at: at }
  const { account_id, about, ...change } = values
  if (version === 1) {
    const rows = await tx
      .insertInto('preferences')
      .values({ ...values, version: 2 })
      .onConflict((c) => c.doNothing())
      .returning('version')
      .execute()
    return rows.length === 1
  }
  const { numUpdatedRows } = await tx
    .updateTable('preferences')
    .set({ ...change, version: version + 1 })
    .where('account_id', '=', account_id)
    .where('about', '=', about)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function erasePreferences(tx: Tx, account: string | undefined, records: readonly string[]): Promise<void> {
  await sql`delete from preferences where account_id = ${account ?? null} or about = any (${records}::uuid[])`.execute(
    tx,
  )
}
