import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { sendMessage as contract, Message } from '../contract/messages.ts'
import { keepRecipients } from '../queries/audience.ts'
import { changeMessage, endMessage, isAnybodyWaiting, messageOf } from '../queries/messages.ts'
import type { NotificationsTables } from '../tables.ts'
import { askToSend } from './ask-to-send.ts'
import { audienceOf, factsOf } from './audience.ts'
import { checkLimits } from './limits.ts'
import { asWritten, held, noMessage, seerOf } from './messages.ts'

type Ctx = Context<NotificationsTables>
type View = Static<typeof Message>

/** Who is to be told is written down in the transaction that compares their number with what was seen: nothing goes to anybody unseen. */
export async function sendMessage(ctx: Ctx, id: string, seen: Static<typeof contract.body>): Promise<View> {
  const draft = await messageOf(ctx.db, id, seerOf(ctx))
  if (!draft) throw noMessage()
  const of = await audienceOf(ctx, draft)
  // Who may no longer practise, or is no administrator any more, sends nothing that they once drafted.
  factsOf(ctx, { audience: draft.audience as View['audience'], ...shapeOf(draft) })
  return transact(ctx, async (ctx) => {
    const row = await held(ctx, id)
    if (row.status !== 'draft') throw new Problem('conflict', 'This is no draft: it goes out, has, or was put aside.')
    await checkLimits(ctx, row)
    const people = await keepRecipients(ctx.db, id, of, ctx.now())
    if (people !== seen.people || row.version !== seen.version)
      throw new Problem('conflict', 'The text, or whom it reaches, has changed since you looked. Look again.', {
        details: { people, version: row.version },
      })
    if (people === 0) throw new Problem('business-rule', 'There is nobody to be told.')
    await changeMessage(ctx.db, id, { status: 'sending', confirmed_at: ctx.now() })
    askToSend(ctx, id)
    audit(ctx, { action: 'U', entity: `Message/${id}`, reason: 'sent' })
    return asWritten(ctx, id)
  })
}

const shapeOf = ({
  patient_id,
  role,
  category,
}: {
  patient_id: string | null
  role: string | null
  category: string
}) => ({
  ...(patient_id !== null && { patient: patient_id }),
  ...(role === null ? { category } : { role }),
})

export function stopMessage(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await held(ctx, id)
    const goesOn = row.status === 'sending' && (await isAnybodyWaiting(ctx.db, id))
    if (!goesOn && row.status !== 'draft') throw new Problem('conflict', 'It has ended already.')
    await endMessage(ctx.db, id, 'stopped', ctx.now())
    audit(ctx, { action: 'U', entity: `Message/${id}`, reason: 'stopped' })
    return asWritten(ctx, id)
  })
}
