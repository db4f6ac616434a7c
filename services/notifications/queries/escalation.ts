import { type Kysely, sql, type Transaction } from 'kysely'
import type { Channel } from '../channels.ts'
import { type Message, maySee } from '../queries.ts'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export interface Unread extends Pick<Message, 'template' | 'params'> {
  id: string
  account: string
  subject: string | null
  event: string
  /** By which it went, or was to go. */
  used: Channel[]
}

/** A message that nobody has read, that is not known to have arrived, and that has gone by another channel not yet. */
export function unreached(db: Db, id: string, at: Date): Promise<Unread | undefined> {
  return db
    .selectFrom('notification as n')
    .select(['n.id', 'n.account_id as account', 'n.subject_id as subject', 'n.template', 'n.params'])
    .select('n.delivery as event')
    .select(sql<Channel[]>`array(select d.channel from delivery d where d.notification_id = n.id)`.as('used'))
    .where('n.id', '=', id)
    .where('n.read_at', 'is', null)
    .where(maySee(at, 'n'))
    .where(
      sql<boolean>`not exists (select from delivery d where d.notification_id = n.id and (d.status = 'delivered' or d.escalation))`,
    )
    .$castTo<Unread>()
    .executeTakeFirst()
}

/** Once: of two who would, the second finds the row. */
export async function insertEscalation(
  tx: Tx,
  { id, unread, channel, due }: { id: string; unread: Unread; channel: Channel; due: Date },
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .insertInto('delivery')
    .values({
      ...{ id, channel, event: unread.event, account_id: unread.account, notification_id: unread.id },
      ...{ template: unread.template, due_at: due, created_at: at, escalation: true },
    })
    .onConflict((c) => c.constraint('delivery_once').doNothing())
    .returning('id')
    .execute()
  return rows.length === 1
}
