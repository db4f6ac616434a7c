import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readErasureCard } from '../registry/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

type Ctx = Context<NotificationsTables>

/** Whoever has just taken over a record whose erasure waits. What was called off meanwhile is not told. */
export async function tellOfClaimedErasure(ctx: Ctx, { erasure, account }: { erasure: string; account: string }) {
  const { waiting, createdAt, dueAt } = await ctx.call(readErasureCard, { params: { id: erasure } })
  if (waiting) await tellOfPrivacy(ctx, 'erasure-claimed', account, `Erasure/${erasure}`, { createdAt, dueAt })
}

/** To the account itself, and without contents: that something is there, or will happen, for whoever signs in. */
export async function tellOfPrivacy(
  ctx: Ctx,
  what: 'erasure-requested' | 'erasure-claimed' | 'export-ready' | 'password-changed',
  account: string,
  resource: string,
  params: object = {},
): Promise<void> {
  const contacts = await contactsOf(ctx, [account])
  const message = {
    ...reach(ctx, contacts.get(account)),
    account,
    part: 'patient' as const,
    template: `${what}.person` as const,
    params,
    resource,
    subject: null,
    power: null,
  }
  await transact(ctx, (ctx) => tell(ctx, contacts.has(account) ? [message] : []))
}
