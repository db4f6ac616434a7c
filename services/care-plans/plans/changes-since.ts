import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Language } from '#platform/language.ts'
import type { CarePlansTables } from '../tables.ts'
import { difference } from './difference.ts'
import type { Plan } from './plan.ts'
import { planAt } from './read-plan.ts'

/** Refuses who has read an earlier version than there is, and says what changed since, by whom and when. */
export async function expectVersion(
  ctx: TransactionContext<CarePlansTables>,
  now: Plan,
  { version, language }: { version: number; language: Language },
): Promise<void> {
  if (now.version === version) return
  const changes = version < now.version ? difference(await planAt(ctx, now.id, version), now, language) : []
  throw new Problem(
    'lock-error',
    'The plan has changed since you read it; nothing was saved. Put both together, and send it with the version that is named here.',
    { details: { changes, ...now.changed, current: `"${now.version}"` } },
  )
}
