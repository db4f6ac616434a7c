import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'

type Db = Kysely<Tables>

// All of one account that says something of the person.

export const accountFacts = (db: Db, account: string) =>
  db
    .selectFrom('account')
    .select(['id', 'user_name', 'phone', 'email', 'name', 'language', 'created_at', 'updated_at'])
    .where('id', '=', account)
    .execute()

/** Also what apps were given to ask with; not their grants and keys, which are told by themselves. */
export const sessionFacts = (db: Db, account: string) =>
  db
    .selectFrom('platform.session')
    .select(['kind', 'device', 'created_at', 'last_used_at', 'expires_at', 'revoked_at'])
    .where('account_id', '=', account)
    .where('kind', 'not in', ['grant', 'api-key'])
    .orderBy('created_at')
    .execute()

export const roleFacts = (db: Db, account: string) =>
  db
    .selectFrom('platform.role_grant')
    .select(['role', 'granted_at', 'revoked_at'])
    .where('account_id', '=', account)
    .execute()

export const passkeyFacts = (db: Db, account: string) =>
  db
    .selectFrom('passkey')
    .select(['name', 'backed_up', 'created_at', 'last_used_at'])
    .where('account_id', '=', account)
    .orderBy('id')
    .execute()

export const contactFacts = (db: Db, account: string) =>
  db
    .selectFrom('verified_contact')
    .select(['kind', 'address', 'verified_at'])
    .where('account_id', '=', account)
    .orderBy('kind')
    .execute()

/** That there is one; one that waits to be confirmed is none. */
export const factorFacts = (db: Db, account: string) =>
  db
    .selectFrom('totp')
    .select(['confirmed_at as since'])
    .select(
      sql<number>`(select count(*)::int from recovery_code r where r.account_id = totp.account_id and r.used_at is null)`.as(
        'recovery_codes_left',
      ),
    )
    .where('account_id', '=', account)
    .where('confirmed_at', 'is not', null)
    .execute()

export const appFacts = (db: Db, account: string) =>
  db
    .selectFrom('platform.session as s')
    .leftJoin('oauth_client as c', 'c.id', 's.client_id')
    .select(['c.name as app', 's.scopes', 's.patient_id as patient', 's.created_at', 's.expires_at', 's.revoked_at'])
    .where('s.account_id', '=', account)
    .where('s.kind', '=', 'grant')
    .orderBy('s.id')
    .execute()

export const keyFacts = (db: Db, account: string) =>
  db
    .selectFrom('platform.session')
    .select(['device as name', 'scopes', 'created_at', 'last_used_at', 'expires_at', 'revoked_at'])
    .where('account_id', '=', account)
    .where('kind', '=', 'api-key')
    .orderBy('id')
    .execute()
