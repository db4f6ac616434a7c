import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { readContacts as contract } from './contract.ts'
import type { Tables } from './database.ts'
import { auditAccount } from './own-account.ts'
import { contactsOf } from './queries/accounts.ts'
import { provedContacts } from './queries/codes.ts'
import { ownContact } from './sign-in/contact.ts'

const kinds = ['phone', 'email'] as const

/** Where to write to these people. */
export async function readContacts(
  ctx: Context<Tables>,
  accounts: string[],
): Promise<Static<typeof contract.response>> {
  if (accounts.length === 0) return { items: [] }
  return transact(ctx, async (ctx) => {
    const [rows, proved] = [await contactsOf(ctx.db, accounts), await provedContacts(ctx.db, accounts)]
    const isProved = (row: (typeof rows)[number], kind: (typeof kinds)[number]) =>
      proved.some(
        (one) => one.account_id === row.id && one.kind === kind && one.address === ownContact(row, kind)?.address,
      )
    for (const { id } of rows) auditAccount(ctx, 'R', id)
    return {
      items: rows.map((row) => ({
        account: row.id,
        name: row.name,
        ...(row.email !== null && { email: row.email }),
        ...(row.phone !== null && { phone: row.phone }),
        proved: kinds.filter((kind) => isProved(row, kind)),
        language: row.language,
      })),
    }
  })
}
