import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { Notification } from './contract.ts'
import { inKeptWords } from './kept-words.ts'
import { listOf, markRead, markReadUntil, type NotificationRow } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import type { Wording, WrittenParams } from './words/words.ts'

// One's own inbox. No audit rows: nobody else can read or change it, and that somebody was told about another person's appointment is on
// record from the moment when the message was written (tell.ts).

const links: Readonly<Record<string, string>> = {
  WaitlistEntry: '/v1/waitlist-entries',
  Appointment: '/v1/appointments',
  Series: '/v1/series',
  Mandate: '/v1/mandates',
  Licence: '/v1/licences',
  Webhook: '/v1/webhooks',
}

/** In the words in which it was told. */
export async function toNotifications(ctx: Context<NotificationsTables>, rows: readonly NotificationRow[]) {
  const say = await inKeptWords(ctx, rows)
  return rows.map((row) => toNotification(row, say(row)))
}

function toNotification(row: NotificationRow, { title, text }: Wording): Static<typeof Notification> {
  const { id, seq, template, resource } = row
  const [type = '', of] = resource.split('/')
  return {
    id,
    seq,
    template,
    title,
    text,
    ...namesIn(row),
    resource,
    ...(links[type] && { link: `${links[type]}/${of}` }),
    createdAt: row.created_at.toISOString(),
    ...(row.read_at && { readAt: row.read_at.toISOString() }),
  }
}

/** Beside what somebody wrote, which stays as it is. */
function namesIn({ template, params }: NotificationRow): Pick<WrittenParams, 'from' | 'about'> {
  if (!template.startsWith('message.')) return {}
  const { from, about } = params as WrittenParams
  return { ...(from !== undefined && { from }), ...(about !== undefined && { about }) }
}

interface ListQuery {
  unread?: boolean
  limit?: number
  cursor?: string
}

export async function listNotifications(
  ctx: Context<NotificationsTables>,
  { unread = false, limit = 20, cursor }: ListQuery,
) {
  const account = accountOf(ctx)
  const [before] = decodeCursor(cursor, ['number']) ?? []
  const from = before === undefined ? {} : { before: Number(before) }
  const rows = await listOf(ctx.db, { account, unread, limit: limit + 1, at: ctx.now(), ...from })
  const say = await inKeptWords(ctx, rows)
  return pageOf(
    rows,
    limit,
    ({ seq }) => [seq],
    (row) => toNotification(row, say(row)),
  )
}

export async function markNotificationRead(ctx: Context<NotificationsTables>, id: string) {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const row = await markRead(ctx.db, { id, account, at: ctx.now() })
    if (!row) throw new Problem('not-found', 'There is no such notification.')
    return toNotification(row, (await inKeptWords(ctx, [row]))(row))
  })
}

export async function markAllRead(ctx: Context<NotificationsTables>, until: number) {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => ({ marked: await markReadUntil(ctx.db, { account, until, at: ctx.now() }) }))
}
