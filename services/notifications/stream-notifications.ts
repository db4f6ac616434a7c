import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { beginStream, pace, Stream } from '#platform/event-stream.ts'
import { streamsOf } from '#platform/open-streams.ts'
import type { Exchange } from '#platform/service.ts'
import type { Notification } from './contract.ts'
import { toNotifications } from './inbox.ts'
import { INBOX_CHANNEL, newerInSession, newestSeq } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

const BATCH = 100

interface Follower {
  account: string
  session: string
  /** Number of the last notification that the client has seen. */
  after: number
}

/** Answers with a stream that lasts as long as the session, the client and the server do. */
export async function streamNotifications(
  ctx: Context<NotificationsTables>,
  after: number | undefined,
  { request, reply }: Exchange,
) {
  const account = accountOf(ctx)
  const { session = '' } = ctx.actor
  const seen = lastEventId(request.headers['last-event-id']) ?? after
  // Listening begins before the first look, so nothing that is committed between the two is missed.
  const streams = await streamsOf(ctx, INBOX_CHANNEL)
  streams.refuseIfFull()
  const newest = await newestSeq(ctx.db, account)
  const stream = new Stream(account, beginStream(reply))
  streams.add(stream)
  // Not awaited: the handler has answered, and what follows is the stream's own life.
  follow(ctx, stream, { account, session, after: Math.min(seen ?? newest, newest) })
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'a stream of notifications was broken off'))
    .finally(() => {
      stream.end()
      streams.remove(stream)
    })
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header)
  throw new Problem('invalid', 'Last-Event-ID is not an id of this stream.', {
    errors: [{ pointer: '/headers/last-event-id', detail: 'must be the id of the last event received' }],
  })
}

/** Before each push and each heartbeat the session is looked at again: a revoked one gets nothing more. */
async function follow(
  ctx: Context<NotificationsTables>,
  stream: Stream,
  { account, session, after }: Follower,
): Promise<void> {
  let seen = after
  while (!stream.ended) {
    const rows = await newerInSession(ctx.db, { session, account, after: seen, limit: BATCH, at: ctx.now() })
    if (rows === undefined) return
    seen = rows.at(-1)?.seq ?? seen
    const told = await toNotifications(ctx, rows)
    const text = told.length > 0 ? told.map(asEvent).join('') : ': nothing new\n\n'
    if (!(await stream.send(text))) return
    if (rows.length < BATCH) await stream.rest(pace.heartbeatMs)
  }
}

const asEvent = (told: Static<typeof Notification>) =>
  `id: ${told.seq}\nevent: notification\ndata: ${JSON.stringify(told)}\n\n`
