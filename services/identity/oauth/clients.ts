import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type * as contract from '../contract/oauth.ts'
import type { Tables } from '../database.ts'
import {
  type ClientGrant,
  type ClientRow,
  clientById,
  endClientGrant,
  endTokensOf,
  grantsOf,
  insertClient,
  listClients,
  putGrant,
  updateClient,
} from './queries.ts'
import { isKnownScope } from './scopes.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.OAuthClient>
type Given = Static<typeof contract.updateOAuthClient.body>

const toClient = (
  { id, name, redirect_uris, scope, jwks, jwks_uri, created_at, version }: ClientRow,
  grant: ClientGrant | undefined,
): View => ({
  id,
  name,
  redirectUris: redirect_uris,
  scope,
  ...(jwks !== null && { jwks: jwks as NonNullable<View['jwks']> }),
  ...(jwks_uri !== null && { jwksUri: jwks_uri }),
  ...(grant && { records: toRecords(grant) }),
  createdAt: created_at.toISOString(),
  version,
})

const toRecords = ({ purpose, patients, organisations, categories, imports }: ClientGrant) =>
  ({
    ...{ purpose, patients, imports },
    ...(organisations.length > 0 && { organisations }),
    ...(categories.length > 0 && { categories }),
  }) as NonNullable<View['records']>

const wrong = (pointer: string, detail: string) =>
  new Problem('invalid', 'Parts of the app’s registration are wrong; see errors.', { errors: [{ pointer, detail }] })

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Exact addresses without a fragment or a user in them: where a code is sent must leave no room for reading it otherwise. */
function checkRedirect(uri: string, at: number): void {
  const url = URL.parse(uri)
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (!url || !secure || uri.includes('#') || url.username || url.password || /[\s\\*]/.test(uri))
    throw wrong(`/body/redirectUris/${at}`, 'must be https, or http on this machine, without fragment and user')
}

/** Fetched by the rules for whatever somebody names (platform/guarded-fetch.ts); what could never be is refused at once. */
function checkKeysAddress(uri: string): void {
  const url = URL.parse(uri)
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (!url || !secure || url.username || url.password || uri.includes('#'))
    throw wrong('/body/jwksUri', 'must be https, without fragment and user')
}

function check({ redirectUris, scope, jwks, jwksUri, records }: Given): void {
  redirectUris?.forEach(checkRedirect)
  if (jwksUri !== undefined) checkKeysAddress(jwksUri)
  if (jwks && jwksUri !== undefined) throw wrong('/body/jwksUri', 'must not come with jwks: one of the two')
  if (records?.patients === 'organisations' && !records.organisations?.length)
    throw wrong('/body/records/organisations', 'must name at least one, or patients must say something else')
  const unknown = scope?.split(' ').find((one) => !isKnownScope(one))
  if (unknown) throw wrong('/body/scope', 'names a scope that does not exist here')
  jwks?.keys.forEach((key, at) => {
    if (key.kty === 'EC' ? !(key.crv && key.x && key.y) : !(key.n && key.n.length >= 340 && key.e))
      throw wrong(
        `/body/jwks/keys/${at}`,
        'must be a whole public key: EC on P-256 or P-384, or RSA of 2048 bits or more',
      )
  })
  const kids = jwks?.keys.map(({ kid }) => kid)
  if (kids && new Set(kids).size < kids.length) throw wrong('/body/jwks/keys', 'must have different kids')
}

/** An app that nobody can sign in to and that has no key could not get a token at all. */
function checkWhole({ redirect_uris, jwks, jwks_uri }: Pick<ClientRow, 'redirect_uris' | 'jwks' | 'jwks_uri'>): void {
  if (redirect_uris.length === 0 && jwks === null && jwks_uri === null)
    throw wrong('/body/redirectUris', 'needs an address, or jwks with a key, or jwksUri')
}

const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value))

const auditClient = (ctx: TransactionContext<Tables>, action: 'C' | 'U' | 'D', id: string) =>
  audit(ctx, { action, entity: `OAuthClient/${id}` })

const grantOf = ({ id, name }: ClientRow, records: NonNullable<Given['records']>): ClientGrant => ({
  ...{ client_id: id, name, purpose: records.purpose, patients: records.patients },
  organisations: records.organisations ?? [],
  categories: records.categories ?? [],
  imports: records.imports ?? false,
})

/** What it may have of records from now on; undefined: as before. */
async function keepGrant(
  ctx: TransactionContext<Tables>,
  client: ClientRow,
  records: Given['records'],
): Promise<ClientGrant | undefined> {
  const [before] = await grantsOf(ctx.db, [client.id])
  const row = records ? grantOf(client, records) : before && { ...before, name: client.name }
  if (!row) return undefined
  await putGrant(ctx.db, row)
  if (records) audit(ctx, { action: 'U', entity: `OAuthClient/${client.id}`, reason: `records of ${row.patients}` })
  return row
}

export function createOAuthClient(ctx: Ctx, given: Static<typeof contract.createOAuthClient.body>): Promise<View> {
  check(given)
  const { name, redirectUris: redirect_uris, scope, jwks, jwksUri: jwks_uri = null, records } = given
  const [id, now] = [newId(), ctx.now()]
  const row = { id, name, redirect_uris, scope, jwks: json(jwks), jwks_uri }
  checkWhole(row)
  return transact(ctx, async (ctx) => {
    const made = await insertClient(ctx.db, { ...row, created_by: accountOf(ctx), created_at: now, updated_at: now })
    auditClient(ctx, 'C', id)
    return toClient(made, await keepGrant(ctx, made, records))
  })
}

export async function listOAuthClients(
  { db }: Ctx,
  { limit = 20, cursor }: Static<typeof contract.listOAuthClients.query>,
): Promise<Static<typeof contract.listOAuthClients.response>> {
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await listClients(db, after, limit)
  const found =
    rows.length === 0
      ? []
      : await grantsOf(
          db,
          rows.map(({ id }) => id),
        )
  const grants = new Map(found.map((one) => [one.client_id, one]))
  return pageOf(
    rows,
    limit,
    ({ id }) => [id],
    (row) => toClient(row, grants.get(row.id)),
  )
}

export function updateOAuthClient(ctx: Ctx, id: string, given: Given, version: number): Promise<View> {
  check(given)
  const { redirectUris, jwks, jwksUri, records, ...facts } = given
  // Of keys that are said and an address where they are, the one that came last counts.
  const change = {
    ...facts,
    ...(redirectUris && { redirect_uris: redirectUris }),
    ...(jwks && { jwks: json(jwks), jwks_uri: null }),
    ...(jwksUri !== undefined && { jwks: null, jwks_uri: jwksUri }),
  }
  return transact(ctx, async (ctx) => {
    const row = await updateClient(ctx.db, { id, version, change, now: ctx.now() })
    if (!row) throw await missing(ctx, id)
    checkWhole(row)
    auditClient(ctx, 'U', id)
    return toClient(row, await keepGrant(ctx, row, records))
  })
}

export function revokeOAuthClient(ctx: Ctx, id: string, version: number): Promise<void> {
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    const row = await updateClient(ctx.db, { id, version, change: { revoked_at: now }, now })
    if (!row) throw await missing(ctx, id)
    await endTokensOf(ctx.db, id, now)
    await endClientGrant(ctx.db, id)
    auditClient(ctx, 'D', id)
  })
}

async function missing(ctx: TransactionContext<Tables>, id: string): Promise<Problem> {
  return (await clientById(ctx.db, id))
    ? new Problem('lock-error', 'The app has changed since you read it. Read it again.')
    : new Problem('not-found', 'There is no such app.')
}
