import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from './database.ts'
import { keepOneAdministrator } from './own-account.ts'
import { eraseAnswers, eraseRoles, eraseSessions, forgetAccount } from './queries/erase.ts'

/** The account with everything that belongs to it. Who did what under it stays in the audit, by its number alone. */
export function erase(ctx: Context<Tables>, { account, patient, practitioner, caregiver }: Person): Promise<Trace[]> {
  return transact(ctx, async (ctx) => {
    const records = [account, patient, practitioner, caregiver].filter((id) => id !== undefined)
    const answers = await eraseAnswers(ctx.db, account, records)
    const traces: Trace[] = [{ what: 'answers kept for repeated requests', outcome: 'erased', count: answers }]
    if (account === undefined) return traces
    await keepOneAdministrator(ctx, account)
    const [sessions, roles] = [await eraseSessions(ctx.db, account), await eraseRoles(ctx.db, account)]
    return [
      ...traces,
      { what: 'sessions', outcome: 'erased', count: sessions },
      { what: 'granted roles', outcome: 'erased', count: roles },
      { what: 'account, and what guards it', outcome: 'erased', count: await forgetAccount(ctx.db, account) },
    ]
  })
}
