import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { createMessage as createContract, listMessages as listContract, Message } from '../contract/messages.ts'
import { keepRecipients } from '../queries/audience.ts'
import {
  changeMessage,
  insertMessage,
  lockMessage,
  type MessageRow,
  type MessageWithProgress,
  messageOf,
  messagesOf,
  type Seer,
} from '../queries/messages.ts'
import { render } from '../render.ts'
import type { NotificationsTables } from '../tables.ts'
import { askToSend } from './ask-to-send.ts'
import { audienceOf, factsOf } from './audience.ts'
import { countOf } from './count.ts'
import { checkLimits } from './limits.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>
type View = Static<typeof Message>

export const seerOf = (ctx: Pick<Ctx, 'actor'>): Seer => ({
  account: accountOf(ctx),
  announcements: ctx.actor.roles.includes('administrator'),
})

export const noMessage = () => new Problem('not-found', 'There is no such message, or you may not see it.')

/** To one patient it goes at once; all else is a draft until somebody has seen whom it reaches. */
export async function createMessage(ctx: Ctx, { text, ...wish }: Static<typeof createContract.body>): Promise<View> {
  const facts = factsOf(ctx, wish)
  const of = await audienceOf(ctx, facts)
  const counted = await countOf(ctx, of)
  if (of.audience === 'patient' && counted.patients === 0)
    throw new Problem('not-found', 'There is no such patient, or you do not treat them.')
  const once = of.audience === 'patient'
  const now = ctx.now()
  const row: MessageRow = {
    ...facts,
    ...{ id: newId(), text, counted, version: 1, status: once ? 'sending' : 'draft' },
    ...{ created_at: now, confirmed_at: once ? now : null, ended_at: null },
  }
  return transact(ctx, async (ctx) => {
    if (once) await checkLimits(ctx, row)
    await insertMessage(ctx.db, row)
    if (once && (await keepRecipients(ctx.db, row.id, of, now)) === 0)
      throw new Problem('business-rule', 'Nobody can be told: neither the patient nor a caregiver has an account here.')
    if (once) askToSend(ctx, row.id)
    audit(ctx, { action: 'C', entity: `Message/${row.id}` })
    return toMessage((await messageOf(ctx.db, row.id, seerOf(ctx))) as MessageWithProgress)
  })
}

export async function listMessages(ctx: Ctx, { limit = 20, cursor }: Static<typeof listContract.query>) {
  const [before] = decodeCursor(cursor, ['uuid']) ?? []
  const rows = await messagesOf(ctx.db, seerOf(ctx), { before: before as string | undefined, limit: limit + 1 })
  return pageOf(rows, limit, ({ id }) => [id], toMessage)
}

/** A draft with the count as it is now: that is what its confirmation will name. */
export async function readMessage(ctx: Ctx, id: string): Promise<View> {
  const row = await messageOf(ctx.db, id, seerOf(ctx))
  if (!row) throw noMessage()
  if (row.status !== 'draft') return toMessage(row)
  return toMessage({ ...row, counted: await countOf(ctx, await audienceOf(ctx, row)) })
}

export async function asWritten(ctx: Pick<Ctx, 'db' | 'actor'>, id: string): Promise<View> {
  const row = await messageOf(ctx.db, id, seerOf(ctx))
  if (!row) throw noMessage()
  return toMessage(row)
}

export async function updateMessage(ctx: Ctx, id: string, text: string, version: number): Promise<View> {
  const seen = await messageOf(ctx.db, id, seerOf(ctx))
  if (!seen) throw noMessage()
  const counted = await countOf(ctx, await audienceOf(ctx, seen))
  return transact(ctx, async (ctx) => {
    const row = await held(ctx, id)
    if (row.version !== version)
      throw new Problem('lock-error', 'This has been changed since you read it. Read it again.')
    if (row.status !== 'draft') throw new Problem('business-rule', 'A message that goes out, or has, is not changed.')
    await changeMessage(ctx.db, id, { text, counted })
    audit(ctx, { action: 'U', entity: `Message/${id}` })
    return asWritten(ctx, id)
  })
}

/** Locked, by somebody who may see it. */
export async function held(ctx: Tx, id: string): Promise<MessageRow> {
  const row = await lockMessage(ctx.db, id)
  if (!row || !(await messageOf(ctx.db, id, seerOf(ctx)))) throw noMessage()
  return row
}

/** As it is around the text, and what leaves the house; in English, where each reader has it in a language of their own. */
function previewOf({ audience }: Pick<MessageRow, 'audience'>): View['preview'] {
  const template = audience === 'role' ? 'announcement.person' : 'message.patient'
  const { title, mail, short } = render(template, { text: '' }, { language: 'en' })
  return { title, subject: title, mail, sms: short }
}

export const toMessage = (row: MessageWithProgress): View => ({
  id: row.id,
  audience: row.audience as View['audience'],
  ...(row.patient_id !== null && { patient: row.patient_id }),
  ...(row.role !== null && { role: row.role as NonNullable<View['role']> }),
  ...(row.visits_from && { visitsFrom: row.visits_from.toISOString() }),
  ...(row.visits_until && { visitsUntil: row.visits_until.toISOString() }),
  category: row.category as View['category'],
  text: row.text,
  status: row.status as View['status'],
  counted: row.counted,
  preview: previewOf(row),
  waiting: row.waiting,
  told: row.told,
  skipped: row.skipped,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  ...(row.confirmed_at && { confirmedAt: row.confirmed_at.toISOString() }),
  ...(row.ended_at && { endedAt: row.ended_at.toISOString() }),
})
