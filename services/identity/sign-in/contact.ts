import { Problem } from '#platform/errors.ts'
import { toE164 } from '#platform/phone.ts'
import type { AccountRow } from '../queries/accounts.ts'
import { digest, isDigest } from './sealing.ts'

/** Where a code can be sent, in the one form in which it is compared. */
export interface Contact {
  kind: 'phone' | 'email'
  address: string
}

/** Case makes no difference to people. Dots and plus signs do to mail servers: they are other mailboxes. */
export const foldEmail = (email: string): string => email.normalize('NFKC').toLowerCase().normalize('NFKC')

export function contactOf({ phone, email }: { phone?: string; email?: string }): Contact {
  if (phone !== undefined && email === undefined) return { kind: 'phone', address: toE164(phone, '/body/phone') }
  if (email !== undefined && phone === undefined) return { kind: 'email', address: foldEmail(email) }
  throw new Problem('business-rule', 'Ask for a code by either phone or email.', {
    errors: [{ pointer: '/body', detail: 'needs one of phone and email' }],
  })
}

/** What the account itself names, as it was typed by whoever it belongs to: what is sent, is sent there. */
export const namedBy = (account: Pick<AccountRow, 'phone' | 'email'>, kind: Contact['kind']): string | undefined =>
  account[kind] ?? undefined

export function ownContact(account: Pick<AccountRow, 'phone' | 'email'>, kind: Contact['kind']): Contact | undefined {
  const named = namedBy(account, kind)
  return named === undefined ? undefined : { kind, address: kind === 'email' ? foldEmail(named) : named }
}

export const targetOf = (ctx: Parameters<typeof digest>[0], { kind, address }: Contact): Buffer =>
  digest(ctx, 'contact', `${kind} ${address}`)

export const isTarget = (ctx: Parameters<typeof digest>[0], { kind, address }: Contact, target: Buffer): boolean =>
  isDigest(ctx, 'contact', `${kind} ${address}`, target)
