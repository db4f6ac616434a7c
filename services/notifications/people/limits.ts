import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { confirmedSince, lockLimit, type MessageRow } from '../queries/messages.ts'
import type { NotificationsTables } from '../tables.ts'

const DAY_MS = 86_400_000

/** In a day: of one practitioner to one patient, and to all; to a panel; and of all administrators to roles. */
const limits = { toOnePatient: 10, toPatients: 200, toPanel: 5, toRoles: 5 }

/** Counted in the database, under a lock: nobody's mailbox is a target, whoever's session was found open. */
export async function checkLimits(
  ctx: TransactionContext<NotificationsTables>,
  { audience, account_id: account, patient_id: patient }: Pick<MessageRow, 'audience' | 'account_id' | 'patient_id'>,
): Promise<void> {
  const since = new Date(ctx.now().getTime() - DAY_MS)
  await lockLimit(ctx.db, audience === 'role' ? 'roles' : account)
  const count = (of: { account?: string; patient?: string }) => confirmedSince(ctx.db, { audience, since, ...of })
  if (audience === 'role') return refuseFrom(await count({}), limits.toRoles)
  if (audience === 'panel') return refuseFrom(await count({ account }), limits.toPanel)
  refuseFrom(await count({ account }), limits.toPatients)
  if (patient !== null) refuseFrom(await count({ account, patient }), limits.toOnePatient)
}

function refuseFrom(count: number, limit: number): void {
  if (count < limit) return
  throw new Problem('throttled', 'That many messages have gone out within a day. Wait before the next one.', {
    retryAfterSeconds: 3_600,
    reason: 'messages-of-a-day',
  })
}
