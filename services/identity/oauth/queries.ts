import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Session, Tables } from '../database.ts'
import { columns, type OauthClient } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type ClientRow = Selectable<OauthClient>

// Apps

export const insertClient = (tx: Tx, row: Insertable<OauthClient>) =>
  tx.insertInto('oauth_client').values(row).returning(columns.oauth_client).executeTakeFirstOrThrow()

export const clientById = (db: Db, id: string): Promise<ClientRow | undefined> =>
  db
    .selectFrom('oauth_client')
    .select(columns.oauth_client)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()

export const listClients = (db: Db, after: string | undefined, limit: number): Promise<ClientRow[]> =>
  db
    .selectFrom('oauth_client')
    .select(columns.oauth_client)
    .where('revoked_at', 'is', null)
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute()

type ClientChange = Partial<Pick<ClientRow, 'name' | 'redirect_uris' | 'scope' | 'jwks' | 'jwks_uri' | 'revoked_at'>>

export const updateClient = (tx: Tx, of: { id: string; version: number; change: ClientChange; now: Date }) =>
  tx
    .updateTable('oauth_client')
    .set((eb) => ({ ...of.change, version: eb('version', '+', 1), updated_at: of.now }))
    .where('id', '=', of.id)
    .where('version', '=', of.version)
    .where('revoked_at', 'is', null)
    .returning(columns.oauth_client)
    .executeTakeFirst()

export type ClientGrant = Tables['platform.client_grant']

const GRANT = ['client_id', 'name', 'purpose', 'patients', 'organisations', 'categories', 'imports'] as const

/** What apps may have of records for themselves. */
export const grantsOf = (db: Db, clients: readonly string[]): Promise<ClientGrant[]> =>
  db
    .selectFrom('platform.client_grant')
    .select(GRANT)
    .where('client_id', 'in', [...clients])
    .execute()

export const putGrant = (tx: Tx, row: ClientGrant) =>
  tx
    .insertInto('platform.client_grant')
    .values(row)
    .onConflict((c) =>
      c.column('client_id').doUpdateSet(({ ref }) => ({
        name: ref('excluded.name'),
        purpose: ref('excluded.purpose'),
        patients: ref('excluded.patients'),
        organisations: ref('excluded.organisations'),
        categories: ref('excluded.categories'),
        imports: ref('excluded.imports'),
      })),
    )
    .execute()

export const endClientGrant = (tx: Tx, client: string) =>
  tx
    .updateTable('platform.client_grant')
    .set({ patients: 'none', imports: false })
    .where('client_id', '=', client)
    .execute()

/** Everything that was given to an app ends. */
export const endTokensOf = (tx: Tx, client: string, now: Date) =>
  tx
    .updateTable('platform.session')
    .set({ revoked_at: now })
    .where('client_id', '=', client)
    .where('revoked_at', 'is', null)
    .execute()

// Tokens and grants, in the ground's table

export const insertToken = (tx: Tx, row: Insertable<Session>) => tx.insertInto('platform.session').values(row).execute()

const TOKEN = [
  's.id',
  's.account_id',
  's.kind',
  's.scopes',
  's.client_id',
  's.patient_id',
  's.parent_id',
  's.created_at',
  's.expires_at',
] as const

/** An access token that is still good for something, as the ground would find it. */
export const tokenByHash = (db: Db, hash: Buffer, kind: 'access-token' | 'client-token', now: Date) =>
  db
    .selectFrom('platform.session as s')
    .leftJoin('platform.session as p', 'p.id', 's.parent_id')
    .select(TOKEN)
    .where('s.token_hash', '=', hash)
    .where('s.kind', '=', kind)
    .where('s.revoked_at', 'is', null)
    .where('s.expires_at', '>', now)
    .where('p.revoked_at', 'is', null)
    .executeTakeFirst()

export const endToken = (tx: Tx, hash: Buffer, now: Date) =>
  tx.updateTable('platform.session').set({ revoked_at: now }).where('token_hash', '=', hash).execute()

/** Ends a grant, and so all that was given under it. */
export const endGrant = (tx: Tx, grant: string, now: Date) =>
  tx
    .updateTable('platform.session')
    .set({ revoked_at: now })
    .where('id', '=', grant)
    .where('kind', '=', 'grant')
    .where('revoked_at', 'is', null)
    .execute()

export const bindGrant = (tx: Tx, grant: string, to: { patient_id: string | null; scopes: string[] }) =>
  tx.updateTable('platform.session').set(to).where('id', '=', grant).where('kind', '=', 'grant').execute()

export const openGrant = (db: Db, grant: string, now: Date) =>
  db
    .selectFrom('platform.session')
    .select(['id', 'account_id', 'patient_id', 'client_id'])
    .where('id', '=', grant)
    .where('kind', '=', 'grant')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()

/** Newest first; ids are made in the order of time. */
export const openGrants = (db: Db, of: { account: string; now: Date; before: string | undefined; limit: number }) =>
  db
    .selectFrom('platform.session as s')
    .innerJoin('oauth_client as c', 'c.id', 's.client_id')
    .select(['s.id', 'c.id as client', 'c.name', 's.scopes', 's.patient_id', 's.created_at', 's.expires_at'])
    .where('s.account_id', '=', of.account)
    .where('s.kind', '=', 'grant')
    .where('s.revoked_at', 'is', null)
    .where('s.expires_at', '>', of.now)
    .$if(of.before !== undefined, (query) => query.where('s.id', '<', of.before as string))
    .orderBy('s.id', 'desc')
    .limit(of.limit + 1)
    .execute()

export async function endOwnGrant(tx: Tx, of: { id: string; account: string; now: Date }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('platform.session')
    .set({ revoked_at: of.now })
    .where('id', '=', of.id)
    .where('account_id', '=', of.account)
    .where('kind', '=', 'grant')
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** When a session began, while it lasts. */
export const openSession = (db: Db, id: string, now: Date) =>
  db
    .selectFrom('platform.session')
    .select(['account_id', 'created_at'])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()

export async function selvesOf(db: Db, account: string, now: Date): Promise<{ type: string; id: string }[]> {
  const { rows } = await sql<{ type: string; id: string }>`
    select subject_type as type, subject_id as id from platform.access_grant
    where account_id = ${account} and relationship = 'self' and revoked_at is null and valid_from <= ${now}
      and (valid_until is null or valid_until > ${now})`.execute(db)
  return rows
}

/** Whether a relationship lets this account see this patient: an administrator, who sees who anybody is, opens no record in an app. */
export async function seesPatient(db: Db, account: string, patient: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ sees: boolean }>`
    select coalesce(platform.may(${account}, ${patient}, 'see-record', ${now}), platform.may(${account}, ${patient}, 'see-profile', ${now})) is not null as sees`.execute(
    db,
  )
  return rows[0]?.sees === true
}

// What the provider remembers

/** How the sessions of the provider's own sign-in are called in a person's list. */
export const SIGN_IN = 'Sign-in for apps'

export interface State {
  model: string
  key: Buffer
  payload: string
  uid: string | null
  grant_id: string | null
  account_id: string | null
  signed_in_at: Date | null
  expires_at: Date
}

export const putState = (tx: Tx, row: State) =>
  tx
    .insertInto('oauth_state')
    .values(row)
    .onConflict((c) =>
      c.columns(['model', 'key']).doUpdateSet(({ ref }) => ({
        payload: ref('excluded.payload'),
        uid: ref('excluded.uid'),
        grant_id: ref('excluded.grant_id'),
        account_id: ref('excluded.account_id'),
        signed_in_at: ref('excluded.signed_in_at'),
        expires_at: ref('excluded.expires_at'),
      })),
    )
    .execute()

/** For what may be seen once: `false` where it is there already and has not expired. The key of the table decides a race. */
export async function putOnce(tx: Tx, row: State, now: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('oauth_state')
    .values(row)
    .onConflict((c) =>
      c
        .columns(['model', 'key'])
        .doUpdateSet({ payload: row.payload, expires_at: row.expires_at })
        .where('oauth_state.expires_at', '<', now),
    )
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/**
 * One row, unless what it stands and falls with has ended: a grant with its row in platform.session, a sign-in with the session that it made.
 */
export async function findState(db: Db, model: string, by: { key: Buffer } | { uid: string }, now: Date) {
  const which = 'key' in by ? sql`o.key = ${by.key}` : sql`o.uid = ${by.uid}`
  const { rows } = await sql<{ key: Buffer; payload: string; consumed_at: Date | null }>`
    select o.key, o.payload, o.consumed_at from oauth_state o
    where o.model = ${model} and ${which} and o.expires_at > ${now}
      and (o.grant_id is null or exists (
        select from platform.session g where g.id = o.grant_id and g.revoked_at is null and g.expires_at > ${now}))
      and (o.signed_in_at is null or exists (
        select from platform.session s where s.account_id = o.account_id and s.kind = 'session' and s.device = ${SIGN_IN}
          and date_trunc('second', s.created_at) = o.signed_in_at and s.revoked_at is null and s.expires_at > ${now}))`.execute(
    db,
  )
  return rows[0]
}

/** `false` for everybody but the first. */
export async function consumeState(tx: Tx, model: string, key: Buffer, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('oauth_state')
    .set({ consumed_at: now })
    .where('model', '=', model)
    .where('key', '=', key)
    .where('consumed_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const deleteState = (tx: Tx, model: string, key: Buffer) =>
  tx.deleteFrom('oauth_state').where('model', '=', model).where('key', '=', key).execute()

export async function grantOf(db: Db, model: string, key: Buffer): Promise<string | undefined> {
  const row = await db
    .selectFrom('oauth_state')
    .select('grant_id')
    .where('model', '=', model)
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.grant_id ?? undefined
}

export async function forgetState(tx: Tx, endedBefore: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from oauth_state where (model, key) in (
      select model, key from oauth_state where expires_at < ${endedBefore} limit 10000)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

// Signing keys

export const signingKeys = (db: Db) =>
  db.selectFrom('oauth_key').select(columns.oauth_key).orderBy('created_at', 'desc').orderBy('kid').execute()

/** Adds a key unless one is there that was made since `since`. One at a time: two processes that start at once make one. */
export async function insertKey(tx: Tx, row: { kid: string; jwk: string; created_at: Date }, since: Date) {
  await sql`select pg_advisory_xact_lock(hashtextextended('oauth-key', 0))`.execute(tx)
  await sql`
    insert into oauth_key (kid, jwk, created_at) select ${row.kid}, ${row.jwk}, ${row.created_at}
    where not exists (select from oauth_key where created_at > ${since})`.execute(tx)
}

/** Keys whose successor signs since before that. */
export const deleteKeys = (tx: Tx, replacedBefore: Date) =>
  sql`delete from oauth_key k where exists (
        select from oauth_key n where n.created_at > k.created_at and n.created_at < ${replacedBefore})`.execute(tx)
