import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import type { Tables } from './database.ts'
import { aboutAccount } from './queries/about.ts'

/** The account, its sessions and roles; never what guards it. */
export async function aboutPerson(ctx: Context<Tables>, { account }: Person): Promise<AboutPerson> {
  if (account === undefined) return { data: {}, fhir: [] }
  const { accounts, sessions, roles } = await aboutAccount(ctx.db, account)
  return { data: { Account: accounts, 'Signed in': sessions, 'Granted roles': roles }, fhir: [] }
}
