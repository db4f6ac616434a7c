import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard, readPractitionerCard } from '../../registry/contract.ts'
import { reach, waysOf } from '../contacts.ts'
import { nextRecipients, type Recipient, settleRecipients } from '../queries/audience.ts'
import { endMessage, isAnybodyWaiting, lockMessage, type MessageRow, messageToSend } from '../queries/messages.ts'
import type { Message } from '../queries.ts'
import { asName } from '../render.ts'
import type { NotificationsTables } from '../tables.ts'
import { tellOf } from '../tell.ts'
import { askToSend } from './ask-to-send.ts'
import { messageTo } from './message-to.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>

/** As many are told in a second: what others are told meanwhile does not wait behind all the mails of an announcement. */
const A_SECOND = 100

/**
 * Tells who is next, and leaves the rest to a job of its own a second later. Each bite is one transaction with what it says of its recipients, so that a
 * process may die at any time: what was not committed is done again, and what was is not.
 */
export async function sendMessage(ctx: Ctx, { message: id }: { message: string }): Promise<void> {
  const message = await messageToSend(ctx.db, id)
  if (!message) return
  const from = await nameOf(ctx, message)
  for (let told = 0, some = -1; told < A_SECOND && some !== 0; told += some) {
    const next = await nextRecipients(ctx.db, message, ctx.now(), A_SECOND)
    some = (await tellSome(ctx, message, next, from)) ? next.length : 0
  }
  await transact(ctx, (ctx) => endOrGoOn(ctx, id))
}

const nameOf = async (ctx: Ctx, { practitioner_id: id }: MessageRow): Promise<string | undefined> =>
  id === null ? undefined : asName((await ctx.call(readPractitionerCard, { params: { id } })).name)

/** One patient with those who are told of them, or some of a role. `false` where there was nobody, or it was stopped. */
async function tellSome(
  ctx: Ctx,
  message: MessageRow,
  next: readonly Recipient[],
  from: string | undefined,
): Promise<boolean> {
  const [first] = next
  if (first === undefined) return false
  const patient = message.audience === 'role' ? undefined : first.about
  const messages = await messagesFor(
    ctx,
    message,
    next.filter(({ entitled }) => entitled),
    { from, patient },
  )
  return transact(ctx, async (ctx) => {
    // Of two jobs for one message, after a process was thought dead, the second finds what the first has told.
    if ((await lockMessage(ctx.db, message.id))?.status !== 'sending') return false
    const fresh = await settleRecipients(ctx.db, message.id, next)
    const told = messages.filter(({ account }) => fresh.has(account))
    await tellOf(ctx, `message ${message.id} ${patient ?? ''}`, told, patient)
    if (patient !== undefined && told.length > 0) auditWritten(ctx, message, patient)
    return true
  })
}

async function messagesFor(
  ctx: Ctx,
  { id, text, practitioner_id }: MessageRow,
  recipients: readonly Recipient[],
  { from, patient }: { from: string | undefined; patient: string | undefined },
): Promise<Message[]> {
  const ways = await waysOf(
    ctx,
    recipients.map(({ account }) => account),
  )
  const cared = patient !== undefined && recipients.some(({ part }) => part === 'caregiver')
  const about = cared ? asName((await ctx.call(readPatientCard, { params: { id: patient } })).name) : undefined
  const written = {
    ...{ id, text },
    ...(from !== undefined && { from }),
    ...(about !== undefined && { about }),
    concerns: [patient, practitioner_id].filter((one) => typeof one === 'string'),
  }
  return recipients.map(({ entitled: _, ...one }) =>
    messageTo({ ...one, ...reach(ctx, ways.get(one.account)) }, written),
  )
}

/** The house does it; the writer's it is. */
function auditWritten(ctx: Tx, { id, account_id: account }: MessageRow, patient: string): void {
  const writer = { ...ctx, actor: { ...ctx.actor, account } }
  audit(writer, { action: 'E', entity: `Message/${id}`, subject: `Patient/${patient}`, relationship: 'treatment' })
}

async function endOrGoOn(ctx: Tx, id: string): Promise<void> {
  if ((await lockMessage(ctx.db, id))?.status !== 'sending') return
  if (await isAnybodyWaiting(ctx.db, id)) askToSend(ctx, id, new Date(ctx.now().getTime() + 1_000))
  else await endMessage(ctx.db, id, 'sent', ctx.now())
}
