import { faceOf } from '#fhir/face.ts'
import { changeOf } from '#fhir/interactions/checked.ts'
import { type Watching, watchedUntil } from '#fhir/store/subscriptions.ts'
import { storeResources } from '#fhir/store/write.ts'
import type { Subscription } from '#fhir/subscription/subscription.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { deleteNotices } from '../queries/notices.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'

type Ctx = Context<RecordsTables>

/** As a version of it, by the house. Whoever has changed it meanwhile has decided otherwise. */
export async function endSubscription(
  ctx: Ctx,
  { id, version, body, account, session, header }: Watching,
  ending: { status: 'off' } | { status: 'error'; error: string },
): Promise<void> {
  const resource = { ...(JSON.parse(body) as Subscription), ...ending }
  const written = { type: 'Subscription', id, version: version + 1, at: ctx.now(), method: 'PUT' as const }
  const change = {
    ...changeOf(resource, written, faceOf(ctx.config), { author: account }),
    secret: header ? { session, header } : undefined,
  }
  try {
    await transact(ctx, (ctx) => storeResources(storeOf(ctx), ctx, [change], { relationships: undefined }))
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'lock-error') throw error
  }
}

const AT_ONCE = 500
/** What was given up can be asked for again for so long. */
const KEPT_MS = 7 * 86_400_000

/** Those whose `end` has come; and what was told long ago is forgotten. */
export async function endSubscriptions(ctx: Ctx): Promise<void> {
  for (const watching of await watchedUntil(storeOf(ctx), ctx.now(), AT_ONCE))
    await endSubscription(ctx, watching, { status: 'off' })
  await transact(ctx, (ctx) => deleteNotices(ctx.db, new Date(ctx.now().getTime() - KEPT_MS)))
}
