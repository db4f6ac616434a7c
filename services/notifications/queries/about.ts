import { type Kysely, sql, type Transaction } from 'kysely'
import type { Told } from '../kept-words.ts'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export const notificationsOf = (db: Db, account: string) =>
  db
    .selectFrom('notification')
    .select(['template', 'language', 'params', 'wording', 'zone', 'resource', 'created_at', 'read_at'])
    .where('account_id', '=', account)
    .orderBy('seq')
    .$castTo<Told & { resource: string; created_at: Date; read_at: Date | null }>()
    .execute()

export const deliveriesOf = (db: Db, account: string) =>
  db
    .selectFrom('delivery as d')
    .innerJoin('notification as n', 'n.id', 'd.notification_id')
    .select(['d.channel', 'd.template', 'd.status', 'd.reason', 'd.created_at', 'd.sent_at'])
    .select(['d.wording', 'n.zone', sql<string>`coalesce(d.language, n.language)`.as('language')])
    .select(sql<object>`coalesce(d.params, n.params)`.as('params'))
    .where('d.account_id', '=', account)
    .orderBy('d.created_at')
    .orderBy('d.id')
    .execute()

/** One's own inbox. Messages that wait go with their notifications, and their jobs find nothing to send. */
export async function eraseInbox(tx: Tx, account: string): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('notification').where('account_id', '=', account).executeTakeFirst()
  await tx.deleteFrom('inbox_head').where('account_id', '=', account).execute()
  return Number(numDeletedRows)
}

/** What others were told of this person. Messages that do not say whom they concern are found by the name in them. */
export async function eraseMentions(tx: Tx, records: string[], names: string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notification n where (concerns <> '{}' and concerns && ${records}::uuid[])
      or subject_id = any (${records}::uuid[])
      or (concerns = '{}' and exists (select from jsonb_each_text(params) p where p.value = any (${names}::text[])))`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}
