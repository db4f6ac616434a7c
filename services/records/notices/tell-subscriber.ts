import { noteSeen } from '#fhir/store/note-seen.ts'
import { type Matching, type Watching, watchingBy } from '#fhir/store/subscriptions.ts'
import { headerOf } from '#fhir/subscription/channel.ts'
import type { Told } from '#fhir/subscription/matches.ts'
import type { Subscription } from '#fhir/subscription/subscription.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { waitAfter } from '#platform/waits.ts'
import { callSystem } from '../../notifications/contract/webhooks.ts'
import * as queries from '../queries/notices.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import { endSubscription } from './end-subscription.ts'
import { toldBy, tookTooLong } from './told-by.ts'

type Ctx = Context<RecordsTables>

export const askToTell = (ctx: Pick<TransactionContext, 'room' | 'pending'>, notice: string, runAt?: Date): void =>
  addJob(ctx, 'tell-subscriber', { notice }, { key: `tell-subscriber:${notice}`, ...(runAt && { runAt }) })

/** Hands one over by rest-hook, at least once, and only what whoever asked for it may see at this moment. */
export async function tellSubscriber(ctx: Ctx, { notice: id }: { notice: string }): Promise<void> {
  const notice = await queries.noticeById(ctx.db, id)
  if (notice?.status !== 'queued') return
  const { tries } = notice
  const watching = await watchingBy(storeOf(ctx), notice.subscription)
  if (!watching) return settle(ctx, id, { status: 'dead', reason: 'turned-off', tries })
  let told: Told | undefined
  try {
    told = await toldBy(ctx, watching, [notice.resource], notice.matched)
  } catch (error) {
    if (!tookTooLong(error)) throw error
    return tellLater(ctx, notice, watching)
  }
  if (!told) return settle(ctx, id, { status: 'dead', reason: 'ended', tries })
  const [match] = told.matches
  if (match && isWebsocket(watching)) {
    await transact(ctx, ({ db }) => queries.ping(db, watching.key))
    return settle(ctx, id, { status: 'delivered', reason: null, tries })
  }
  const request = match && requestFor(watching, match)
  if (!request) return settle(ctx, id, { status: 'withheld', reason: 'not-shown', tries })
  if (request.body !== undefined) await noteSeen({ ...ctx, actor: told.actor } as Context<unknown>, [match])
  const { taken, code, again, ...counted } = await ctx.call(callSystem, {
    body: { name: `subscription ${watching.key}`, ...request, tries, dueAt: notice.due_at.toISOString() },
  })
  if (taken) return settle(ctx, id, { status: 'delivered', reason: null, ...counted })
  if (again !== undefined) return settle(ctx, id, { status: 'queued', reason: code, ...counted }, new Date(again))
  // First, so that whoever asked for it hears of it also where this goes no further.
  const why = code.startsWith('http-') ? code : 'no answer' // whether a name is known within is nobody's business
  const error = `Nothing was taken (${why}). Set the status to requested, and what was not delivered is sent again.`
  await endSubscription(ctx, watching, { status: 'error', error })
  await settle(ctx, id, { status: 'dead', reason: code, ...counted })
}

/** It ends when it has taken too long for as long as one who does not answer is asked. */
async function tellLater(ctx: Ctx, { id, tries, due_at }: queries.NoticeRow, watching: Watching): Promise<void> {
  const now = ctx.now().getTime()
  const wait = waitAfter(tries, now - due_at.getTime())
  const late = { reason: 'slow-criteria', tries: tries + 1 }
  if (wait !== undefined) return settle(ctx, id, { status: 'queued', ...late }, new Date(now + wait))
  const error = 'Its criteria take too long. Ask for less, or set the status to requested to have them asked again.'
  await endSubscription(ctx, watching, { status: 'error', error })
  await settle(ctx, id, { status: 'dead', ...late })
}

const isWebsocket = ({ body }: Watching): boolean => (JSON.parse(body) as Subscription).channel.type === 'websocket'

/** As hl7.org/fhir/R4/subscription.html#rest-hook: with a payload as an update of it, else a POST of nothing. */
function requestFor({ body, header }: Watching, { type, id, body: resource }: Matching) {
  const { endpoint, payload, type: channel } = (JSON.parse(body) as Subscription).channel
  if (channel !== 'rest-hook' || endpoint === undefined) return undefined
  const headers = Object.fromEntries(
    (header ?? []).flatMap((line) => [headerOf(line)].filter((one) => one !== undefined)),
  )
  const url = new URL(endpoint)
  if (payload === undefined) return { method: 'POST' as const, url: url.href, headers }
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${type}/${id}`
  return { method: 'PUT' as const, url: url.href, headers: { ...headers, 'content-type': payload }, body: resource }
}

async function settle(
  ctx: Ctx,
  id: string,
  outcome: Parameters<typeof queries.settleNotice>[2],
  again?: Date,
): Promise<void> {
  await transact(ctx, async (ctx) => {
    if ((await queries.settleNotice(ctx.db, id, outcome)) && again) askToTell(ctx, id, again)
  })
}
