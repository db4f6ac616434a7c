import { audit } from '#platform/audit.ts'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { insertDeliveries, type NewDelivery } from './queries/deliveries.ts'
import { insertNotifications, type Message } from './queries.ts'
import { askToDeliver } from './sending/ask-to-deliver.ts'
import type { NotificationsTables } from './tables.ts'

/**
 * Tells people, once for each delivery: a row in each inbox, one in the queue for each channel, and an entry in the audit wherever somebody is told
 * of somebody else, all in the transaction that records the delivery.
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
  await send(ctx, fresh.flatMap(deliveriesOf), ctx.once.key)
  if (patient !== undefined) for (const message of fresh) recordDisclosure(ctx, message, patient)
}

const deliveriesOf = ({ id, account, template, channels }: Message & { id: string }): NewDelivery[] =>
  channels.map((channel) => ({ id: newId(), notification: id, account, template, channel }))

async function send(
  ctx: TransactionContext<NotificationsTables>,
  deliveries: NewDelivery[],
  event: string,
): Promise<void> {
  if (deliveries.length === 0) return
  for (const id of await insertDeliveries(ctx.db, deliveries, { event, at: ctx.now() })) askToDeliver(ctx, id)
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
