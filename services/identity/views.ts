import type { Static } from 'typebox'
import type { Account } from './contract.ts'
import type { AccountRow } from './queries/accounts.ts'

/** Row → what the API shows. */
export function toAccount(row: AccountRow): Static<typeof Account> {
  return {
    id: row.id,
    ...(row.user_name !== null && { userName: row.user_name }),
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.email !== null && { email: row.email }),
    name: row.name,
    language: row.language,
    version: row.version,
  }
}
