import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import type { Tables } from './database.ts'
import * as queries from './queries/about.ts'

/** The account, how it is signed in to, and what was let in; of what guards it only that it is there, and since when. */
export async function aboutPerson({ db }: Context<Tables>, { account }: Person): Promise<AboutPerson> {
  if (account === undefined) return { data: {}, fhir: [] }
  return {
    data: {
      Account: await queries.accountFacts(db, account),
      'Signed in': await queries.sessionFacts(db, account),
      'Granted roles': await queries.roleFacts(db, account),
      Passkeys: await queries.passkeyFacts(db, account),
      'Proven phones and e-mail addresses': await queries.contactFacts(db, account),
      'Second factor': await queries.factorFacts(db, account),
      'Apps let in': await queries.appFacts(db, account),
      'API keys': await queries.keyFacts(db, account),
    },
    fhir: [],
  }
}
