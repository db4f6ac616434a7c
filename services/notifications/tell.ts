import { audit } from '#platform/audit.ts'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { insertEmails, insertNotifications, type Message } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

/** A mail about an appointment is worth nothing days later: 12 attempts of the engine's back-off are sixteen hours. */
export const EMAIL_ATTEMPTS = 12

/**
 * Tells people, once for each delivery: a row in each inbox, an e-mail in the queue, and an entry in the audit wherever somebody is told of
 * somebody else, all in the transaction that records the delivery.
 */
export async function tell(
  ctx: TransactionContext<NotificationsTables>,
  messages: readonly Message[],
  patient?: string,
): Promise<void> {
  if (!ctx.once) throw new Error(`${ctx.doing}: a message needs a delivery, or it could be told twice`)
  if (messages.length === 0) return
  const at = ctx.now()
  const told = messages.map((message) => ({ ...message, id: newId() }))
  const kept = new Set(await insertNotifications(ctx.db, told, { delivery: ctx.once.key, at }))
  const fresh = told.filter(({ id }) => kept.has(id))
  const emails = fresh.filter(({ email }) => email).map(({ id }) => ({ id: newId(), notification: id }))
  if (emails.length > 0) await insertEmails(ctx.db, emails, at)
  for (const { id } of emails) addJob(ctx, 'send-email', { email: id }, { maxAttempts: EMAIL_ATTEMPTS })
  if (patient !== undefined) for (const message of fresh) recordDisclosure(ctx, message, patient)
}

/** So that a patient who asks who saw their record also finds who was written to. The account is the reader's; the house did it. */
function recordDisclosure(
  ctx: TransactionContext<NotificationsTables>,
  { account, part, resource }: Message,
  patient: string,
): void {
  if (part === 'patient') return
  const reader = { ...ctx, actor: { ...ctx.actor, account } }
  const relationship = part === 'caregiver' ? 'mandate' : 'treatment'
  audit(reader, { action: 'R', entity: resource, subject: `Patient/${patient}`, relationship, reason: 'told' })
}
