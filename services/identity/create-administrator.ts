import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { accountRow, orTaken } from './create-account.ts'
import type { Tables } from './database.ts'
import { insertAccount } from './queries/accounts.ts'
import { insertRole } from './queries/roles.ts'

/** Makes an account that is an administrator: by a command on the machine, since no request may make the first one. */
export async function createAdministrator(
  ctx: Context<Tables>,
  person: { userName: string; password: string; name: string },
): Promise<{ id: string; userName: string }> {
  const row = await accountRow(ctx, person)
  return orTaken(() =>
    transact(ctx, async (ctx) => {
      const { id } = await insertAccount(ctx.db, row)
      await insertRole(ctx.db, { account: id, role: 'administrator', by: null, now: ctx.now() })
      audit(ctx, { action: 'C', entity: `Account/${id}`, subject: `Account/${id}` })
      audit(ctx, { action: 'C', entity: 'Role/administrator', subject: `Account/${id}`, reason: 'by command' })
      return { id, userName: person.userName }
    }),
  )
}
