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
import { type ClientRow, clientById, endTokensOf, insertClient, listClients, updateClient } from './queries.ts'
import { isKnownScope } from './scopes.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.OAuthClient>
type Given = Static<typeof contract.updateOAuthClient.body>

const toClient = ({ id, name, redirect_uris, scope, jwks, created_at, version }: ClientRow): View => ({
  id,
  name,
  redirectUris: redirect_uris,
  scope,
  ...(jwks !== null && { jwks: jwks as NonNullable<View['jwks']> }),
  createdAt: created_at.toISOString(),
  version,
})

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

function check({ redirectUris, scope, jwks }: Given): void {
  redirectUris?.forEach(checkRedirect)
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
function checkWhole({ redirect_uris, jwks }: Pick<ClientRow, 'redirect_uris' | 'jwks'>): void {
  if (redirect_uris.length === 0 && jwks === null)
    throw wrong('/body/redirectUris', 'needs an address, or jwks with a key')
}

const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value))

const auditClient = (ctx: TransactionContext<Tables>, action: 'C' | 'U' | 'D', id: string) =>
  audit(ctx, { action, entity: `OAuthClient/${id}` })

export function createOAuthClient(ctx: Ctx, given: Static<typeof contract.createOAuthClient.body>): Promise<View> {
  check(given)
  const [id, now] = [newId(), ctx.now()]
  const row = { id, name: given.name, redirect_uris: given.redirectUris, scope: given.scope, jwks: json(given.jwks) }
  checkWhole(row)
  return transact(ctx, async (ctx) => {
    const made = await insertClient(ctx.db, { ...row, created_by: accountOf(ctx), created_at: now, updated_at: now })
    auditClient(ctx, 'C', id)
    return toClient(made)
  })
}

export async function listOAuthClients(
  { db }: Ctx,
  { limit = 20, cursor }: Static<typeof contract.listOAuthClients.query>,
): Promise<Static<typeof contract.listOAuthClients.response>> {
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return pageOf(await listClients(db, after, limit), limit, ({ id }) => [id], toClient)
}

export function updateOAuthClient(ctx: Ctx, id: string, given: Given, version: number): Promise<View> {
  check(given)
  const { redirectUris, jwks, ...facts } = given
  const change = {
    ...facts,
    ...(redirectUris && { redirect_uris: redirectUris }),
    ...(jwks && { jwks: json(jwks) }),
  }
  return transact(ctx, async (ctx) => {
    const row = await updateClient(ctx.db, { id, version, change, now: ctx.now() })
    if (!row) throw await missing(ctx, id)
    checkWhole(row)
    auditClient(ctx, 'U', id)
    return toClient(row)
  })
}

export function revokeOAuthClient(ctx: Ctx, id: string, version: number): Promise<void> {
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    const row = await updateClient(ctx.db, { id, version, change: { revoked_at: now }, now })
    if (!row) throw await missing(ctx, id)
    await endTokensOf(ctx.db, id, now)
    auditClient(ctx, 'D', id)
  })
}

async function missing(ctx: TransactionContext<Tables>, id: string): Promise<Problem> {
  return (await clientById(ctx.db, id))
    ? new Problem('lock-error', 'The app has changed since you read it. Read it again.')
    : new Problem('not-found', 'There is no such app.')
}
