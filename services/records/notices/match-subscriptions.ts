import type { Matching, Watching } from '#fhir/store/subscriptions.ts'
import { watchersOf } from '#fhir/store/subscriptions.ts'
import type { Subscription } from '#fhir/subscription/subscription.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import * as queries from '../queries/notices.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import { endSubscription } from './end-subscription.ts'
import { askToTell } from './tell-subscriber.ts'
import { toldBy } from './told-by.ts'

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
  for (let after = 0; ; ) {
    const page = await watchersOf(storeOf(ctx), type, after, PAGE)
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
  const keys = written.map(([key]) => key)
  const told = await toldBy(ctx, watching, keys)
  const found = new Set(told?.matches.map(({ key }: Matching) => key))
  const versions = written.flatMap(([key, version]) => (found.has(key) ? [{ key, version }] : []))
  if (versions.length === 0) return
  const { channel } = JSON.parse(watching.body) as Subscription
  await transact(ctx, async (ctx) => {
    if (channel.type === 'websocket') return queries.ping(ctx.db, watching.key)
    const ids = await queries.insertNotices(ctx.db, watching.key, versions, ctx.now())
    for (const id of ids) askToTell(ctx, id)
  })
}
