import type { Kysely } from 'kysely'
import type { Tables } from '../database.ts'

/** All of one account that says something of the person. */
export async function aboutAccount(db: Kysely<Tables>, account: string) {
  const [accounts, sessions, roles] = await Promise.all([
    db
      .selectFrom('account')
      .select(['id', 'user_name', 'phone', 'email', 'name', 'language', 'created_at', 'updated_at'])
      .where('id', '=', account)
      .execute(),
    db
      .selectFrom('platform.session')
      .select(['device', 'created_at', 'expires_at', 'revoked_at'])
      .where('account_id', '=', account)
      .orderBy('created_at')
      .execute(),
    db
      .selectFrom('platform.role_grant')
      .select(['role', 'granted_at', 'revoked_at'])
      .where('account_id', '=', account)
      .execute(),
  ])
  return { accounts, sessions, roles }
}
