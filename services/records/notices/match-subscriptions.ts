import type { Matching, Watching } from '#fhir/store/subscriptions.ts'
import { watchersOf } from '#fhir/store/subscriptions.ts'
import type { Subscription } from '#fhir/subscription/subscription.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { FIRST_WAIT_MS } from '#platform/waits.ts'
import * as queries from '../queries/notices.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import { endSubscription } from './end-subscription.ts'
import { askToTell } from './tell-subscriber.ts'
import { toldBy, tookTooLong } from './told-by.ts'

type Ctx = Context<RecordsTables>

const PAGE = 100

interface Written {
  type: string
  /** Key and version. */
  written: [number, number][]
}

/**
 * Finds out whom to tell of what was written, each once for each version: what was overtaken meanwhile counts as what it is by now. One whose criteria fail keeps
 * nobody else from being told.
 */
export async function matchSubscriptions(ctx: Ctx, { type, written }: Written): Promise<void> {
  const failures: unknown[] = []
  const keys = written.map(([key]) => key)
  for (let after = 0; ; ) {
    const page = await watchersOf(storeOf(ctx), { type, keys, after, limit: PAGE })
    for (const watching of page)
      await matchOne(ctx, watching, written).catch((error: unknown) => {
        failures.push(error)
      })
    const last = page.at(-1)
    if (!last || page.length < PAGE) break
    after = last.key
  }
  if (failures.length > 0) throw failures[0]
}

async function matchOne(ctx: Ctx, watching: Watching, written: Written['written']): Promise<void> {
  if (watching.until && watching.until <= ctx.now()) return endSubscription(ctx, watching, { status: 'off' })
  const versions = written.map(([key, version]) => ({ key, version }))
  const keys = versions.map(({ key }) => key)
  try {
    const told = await toldBy(ctx, watching, keys)
    const found = new Set(told?.matches.map(({ key }: Matching) => key))
    await note(
      ctx,
      watching,
      versions.filter(({ key }) => found.has(key)),
    )
  } catch (error) {
    if (!tookTooLong(error)) throw error
    await noteLate(ctx, watching, versions)
  }
}

type Versions = { key: number; version: number }[]

async function note(ctx: Ctx, { key, body }: Watching, versions: Versions): Promise<void> {
  if (versions.length === 0) return
  const { channel } = JSON.parse(body) as Subscription
  await transact(ctx, async (ctx) => {
    if (channel.type === 'websocket') return queries.ping(ctx.db, key)
    const ids = await queries.insertNotices(ctx.db, key, versions, { at: ctx.now() })
    for (const id of ids) askToTell(ctx, id)
  })
}

/** Asked again one by one when they are to be told, as often as one who does not answer (platform/waits.ts). */
async function noteLate(ctx: Ctx, { key }: Watching, versions: Versions): Promise<void> {
  await transact(ctx, async (ctx) => {
    const at = ctx.now()
    const ids = await queries.insertNotices(ctx.db, key, versions, { at, matched: false })
    for (const id of ids) askToTell(ctx, id, new Date(at.getTime() + FIRST_WAIT_MS))
  })
}
