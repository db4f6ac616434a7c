import { audit } from '#platform/audit.ts'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { lookBeforeVisit } from './escalation/ask-to-escalate.ts'
import { planOf } from './preferences/plan.ts'
import { insertDeliveries, type NewDelivery } from './queries/deliveries.ts'
import { type PreferencesRow, preferencesOf } from './queries/preferences.ts'
import { keepWordings } from './queries/wordings.ts'
import { insertNotifications, type Message } from './queries.ts'
import { askForDigest, askToDeliver } from './sending/ask-to-deliver.ts'
import type { NotificationsTables } from './tables.ts'
import { versionOf } from './words/catalogues.ts'

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
  await tellOf(ctx, ctx.once.key, messages, patient)
}

/** As `tell`, of what has a name of its own: under that each account is told once. */
export async function tellOf(
  ctx: TransactionContext<NotificationsTables>,
  event: string,
  messages: readonly Message[],
  patient?: string,
): Promise<void> {
  if (messages.length === 0) return
  const at = ctx.now()
  const preferences = await preferencesOf(
    ctx.db,
    messages.map(({ account }) => account),
  )
  const versions = messages.map(({ template, language }) => versionOf(template, language))
  await keepWordings(
    ctx.db,
    versions.filter((one) => one !== undefined),
    at,
  )
  const told = messages.map((message, n) => ({
    ...message,
    id: newId(),
    wording: versions[n]?.version ?? null,
    zone: zoneOf(message.account, preferences),
  }))
  const kept = new Set(await insertNotifications(ctx.db, told, { delivery: event, at }))
  const fresh = told.filter(({ id }) => kept.has(id))
  await send(ctx, fresh, { event, preferences })
  for (const message of fresh) if (message.reachable.length > 0) lookBeforeVisit(ctx, message)
  if (patient !== undefined) for (const message of fresh) recordDisclosure(ctx, message, patient)
}

const zoneOf = (account: string, all: readonly PreferencesRow[]): string | null =>
  all.find((one) => one.account_id === account && one.about === account)?.zone ?? null

/** By each channel that its reader wants, when they want it. */
async function send(
  ctx: TransactionContext<NotificationsTables>,
  messages: readonly (Message & { id: string })[],
  { event, preferences }: { event: string; preferences: readonly PreferencesRow[] },
): Promise<void> {
  const at = ctx.now()
  const deliveries = messages.flatMap((message) =>
    planOf(message, preferences, at).map((planned): NewDelivery => ({ id: newId(), message, ...planned })),
  )
  if (deliveries.length === 0) return
  const fresh = await insertDeliveries(ctx.db, deliveries, { event, at })
  for (const { id, message, ...planned } of deliveries)
    if (fresh.has(id) && planned.reason === undefined) askFor(ctx, id, message.account, planned, at)
}

function askFor(
  ctx: TransactionContext<NotificationsTables>,
  id: string,
  account: string,
  { digest, due }: Pick<NewDelivery, 'digest' | 'due'>,
  now: Date,
): void {
  if (digest) askForDigest(ctx, { account, due: due.toISOString() })
  else askToDeliver(ctx, id, due > now ? due : undefined)
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
