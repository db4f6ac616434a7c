import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { readContacts as contract, readReach as reachContract } from './contract.ts'
import type { Tables } from './database.ts'
import { auditAccount } from './own-account.ts'
import { contactsOf } from './queries/accounts.ts'
import { provedContacts } from './queries/codes.ts'
import { ownContact } from './sign-in/contact.ts'

const kinds = ['phone', 'email'] as const

type Row = Awaited<ReturnType<typeof contactsOf>>[number]

const provedOf = (row: Row, proved: Awaited<ReturnType<typeof provedContacts>>) =>
  kinds.filter((kind) =>
    proved.some(
      (one) => one.account_id === row.id && one.kind === kind && one.address === ownContact(row, kind)?.address,
    ),
  )

/** Where to write to these people. */
export async function readContacts(
  ctx: Context<Tables>,
  accounts: string[],
): Promise<Static<typeof contract.response>> {
  if (accounts.length === 0) return { items: [] }
  return transact(ctx, async (ctx) => {
    const [rows, proved] = [await contactsOf(ctx.db, accounts), await provedContacts(ctx.db, accounts)]
    for (const { id } of rows) auditAccount(ctx, 'R', id)
    return {
      items: rows.map((row) => ({
        account: row.id,
        name: row.name,
        ...(row.email !== null && { email: row.email }),
        ...(row.phone !== null && { phone: row.phone }),
        proved: provedOf(row, proved),
        language: row.language,
      })),
    }
  })
}

/** Whether they can be written to: no address leaves this room, so nothing is read that would have to be in the audit. */
export async function readReach(
  { db }: Context<Tables>,
  accounts: string[],
): Promise<Static<typeof reachContract.response>> {
  if (accounts.length === 0) return { items: [] }
  const [rows, proved] = await Promise.all([contactsOf(db, accounts), provedContacts(db, accounts)])
  return {
    items: rows.map((row) => ({
      account: row.id,
      ...(row.email !== null && { email: true }),
      ...(row.phone !== null && { phone: true }),
      proved: provedOf(row, proved),
      language: row.language,
    })),
  }
}
