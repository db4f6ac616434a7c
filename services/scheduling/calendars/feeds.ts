import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, newToken, practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import type { CalendarFeed, createCalendarFeed, listCalendarFeeds } from '../contract/calendars.ts'
import type { SchedulingTables } from '../tables.ts'
import { calendarText } from './entries.ts'
import { endFeed, type FeedRow, insertFeed, lockFeedsOf, openFeeds } from './queries/feeds.ts'
import { openedBy, tellFeed } from './tell-feed.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

const MOST = 20
const IDLE_DAYS = 180
/** CalDAV wants a user; the password says who it is. */
const USER = 'calendar'

export async function makeFeed(
  ctx: Ctx,
  { names = false, ...facts }: Static<typeof createCalendarFeed.body>,
): Promise<Static<typeof createCalendarFeed.response>> {
  if (facts.shows === 'practice' && practising(ctx) === undefined)
    throw new Problem('business-rule', 'Only practitioners have a practice. Make a feed of `visits`.')
  const account = accountOf(ctx)
  const { token, hash } = newToken()
  return transact(ctx, async (ctx) => {
    await lockFeedsOf(ctx.db, account)
    const open = await openFeeds(ctx.db, { account, now: ctx.now(), before: undefined, limit: MOST })
    if (open.length >= MOST)
      throw new Problem('business-rule', `An account has at most ${MOST} feeds. Delete one that is not read any more.`)
    const row = { id: newId(), ...facts, names, created_at: ctx.now() }
    await insertFeed(ctx.db, { ...row, account, hash }, IDLE_DAYS)
    auditFeed(ctx, 'C', row.id)
    return { ...toFeed({ ...row, used_at: row.created_at }), ...addressOf(ctx.config.PUBLIC_URL, facts.kind, token) }
  })
}

const addressOf = (origin: string, kind: FeedRow['kind'], secret: string) =>
  kind === 'ics'
    ? { address: `${origin}/calendars/${secret}.ics` }
    : { address: `${origin}/caldav/`, user: USER, password: secret }

function auditFeed(ctx: Tx, action: 'C' | 'D', id: string): void {
  audit(ctx, { action, entity: `CalendarFeed/${id}`, subject: `Account/${accountOf(ctx)}` })
}

const toFeed = ({ created_at, used_at, ...row }: FeedRow & { used_at: Date }): Static<typeof CalendarFeed> => ({
  id: row.id,
  label: row.label,
  kind: row.kind as 'ics',
  shows: row.shows as 'visits',
  names: row.names,
  createdAt: created_at.toISOString(),
  usedAt: used_at.toISOString(),
})

export async function feedsPage(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof listCalendarFeeds.query>,
): Promise<Static<typeof listCalendarFeeds.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await openFeeds(ctx.db, { account: accountOf(ctx), now: ctx.now(), before, limit: limit + 1 })
  return pageOf(rows, limit, ({ id }) => [id], toFeed)
}

export function removeFeed(ctx: Ctx, id: string): Promise<void> {
  return transact(ctx, async (ctx) => {
    if (!(await endFeed(ctx.db, id, accountOf(ctx), ctx.now())))
      throw new Problem('not-found', 'You have no such feed, or it has ended.')
    auditFeed(ctx, 'D', id)
  })
}

/** What a calendar program gets that knows the address. */
export async function readFeed(ctx: Ctx, file: string, { request, reply }: Exchange): Promise<void> {
  const opened = await openedBy(ctx, file.replace(/\.ics$/, ''), 'ics')
  const told = opened && (await tellFeed(opened.ctx, opened.feed))
  if (!told) throw new Problem('not-found', 'There is no such calendar, or it has ended.')
  answerWith(calendarText(told.entries, { name: 'Appointments' }), request, reply)
}

/** Kept by the program that asked, and by nobody between. */
function answerWith(text: string, request: FastifyRequest, reply: FastifyReply): void {
  const etag = `"${hash('sha256', text, 'base64url')}"`
  reply.header('etag', etag).header('cache-control', 'private, no-cache')
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known?.includes(etag)) reply.code(304).send()
  else reply.type('text/calendar; charset=utf-8').send(text)
}
