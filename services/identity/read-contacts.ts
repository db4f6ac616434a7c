import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { readContacts as contract } from './contract.ts'
import type { Tables } from './database.ts'
import { auditAccount } from './own-account.ts'
import { contactsOf } from './queries/accounts.ts'

/** Where to write to these people. */
export async function readContacts(
  ctx: Context<Tables>,
  accounts: string[],
): Promise<Static<typeof contract.response>> {
  if (accounts.length === 0) return { items: [] }
  return transact(ctx, async (ctx) => {
    const rows = await contactsOf(ctx.db, accounts)
    for (const { id } of rows) auditAccount(ctx, 'R', id)
    return {
      items: rows.map(({ id, name, email, phone, language }) => ({
        account: id,
        name,
        ...(email !== null && { email }),
        ...(phone !== null && { phone }),
        language,
      })),
    }
  })
}
