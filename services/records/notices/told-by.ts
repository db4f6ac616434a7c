import { faceOf } from '#fhir/face.ts'
import type { Watching } from '#fhir/store/subscriptions.ts'
import { matchesOf, type Told } from '#fhir/subscription/matches.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import { endSubscription } from './end-subscription.ts'

type Ctx = Context<RecordsTables>

/** PostgreSQL ended the statement: the criteria are too dear, or it had much to do. */
export const tookTooLong = (error: unknown): boolean => (error as { code?: string }).code === '57014'

/** Where it could not be asked for any more, it ends, and says why. Throws where it takes too long: that may be another time. */
export async function toldBy(
  ctx: Ctx,
  watching: Watching,
  keys: readonly number[],
  matched = false,
): Promise<Told | undefined> {
  const { base, types } = faceOf(ctx.config)
  try {
    return await matchesOf(storeOf(ctx), watching, keys, { base, types, now: ctx.now(), matched })
  } catch (error) {
    const why = whyItEnds(error)
    if (why === undefined) throw error
    await endSubscription(ctx, watching, { status: 'error', error: why })
    return undefined
  }
}

function whyItEnds(error: unknown): string | undefined {
  if (!(error instanceof Problem) || error.status >= 500) return undefined
  if (error.code === 'login')
    return 'What it was asked for with has ended: a session, a key, or what an app was let in for.'
  if (error.code === 'forbidden') return 'Whoever asked for it may not search for this any more.'
  return 'Its criteria cannot be answered any more.'
}
