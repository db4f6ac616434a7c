import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, newApiKey } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type * as contract from './contract/api-keys.ts'
import type { Tables } from './database.ts'
import { type ApiKeyRow, endApiKey, insertApiKey, isDemo, lockApiKeys, openApiKeys } from './queries/api-keys.ts'
import { confirmOwner } from './sign-in/confirm-owner.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type Made = Static<typeof contract.createApiKey.response>
type KeyPage = Static<typeof contract.listApiKeys.response>

const DAY = 86_400_000
/** Nobody loses sight of twenty. */
const MOST_KEYS = 20

const toApiKey = ({
  id,
  device,
  scopes,
  created_at,
  expires_at,
  last_used_at,
}: ApiKeyRow): KeyPage['items'][number] => ({
  id,
  name: device ?? '',
  scopes: scopes ?? [],
  createdAt: created_at.toISOString(),
  expiresAt: expires_at.toISOString(),
  ...(last_used_at && { usedAt: last_used_at.toISOString() }),
})

/** A key outlives the session that makes it, so that a session left open is not enough. */
export async function createApiKey(
  ctx: Ctx,
  { name, scopes, password, days = 90 }: Static<typeof contract.createApiKey.body>,
  address: string,
): Promise<Made> {
  const { id: account } = await confirmOwner(ctx, password, address)
  return transact(ctx, async (ctx) => {
    await keepFew(ctx, account)
    return make(ctx, account, { name, scopes, lifetime: days * DAY })
  })
}

/** Locks the account's keys, so that two requests at once count one after another. */
async function keepFew(ctx: Tx, account: string): Promise<ApiKeyRow[]> {
  const keys = await lockApiKeys(ctx.db, account, ctx.now())
  if (keys.length >= MOST_KEYS)
    throw new Problem('business-rule', 'An account has at most twenty API keys. Revoke one that is not used any more.')
  return keys
}

async function make(ctx: Tx, account: string, of: { name: string; scopes: string[]; lifetime: number }): Promise<Made> {
  const trial = ctx.config.OPENHCS_STAGING || (await isDemo(ctx.db))
  const { token: key, hash: token_hash } = newApiKey(trial ? 'test' : 'live')
  const [id, created_at] = [newId(), ctx.now()]
  const expires_at = new Date(created_at.getTime() + of.lifetime)
  const row = { id, account_id: account, device: of.name, scopes: of.scopes, created_at, expires_at }
  await insertApiKey(ctx.db, { ...row, token_hash })
  audit(ctx, { action: 'C', entity: `ApiKey/${id}`, subject: `Account/${account}` })
  return { ...toApiKey({ ...row, last_used_at: null }), key }
}

export async function listApiKeys(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.listApiKeys.query>,
): Promise<KeyPage> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await openApiKeys(ctx.db, { account: accountOf(ctx), now: ctx.now(), before, limit })
  return pageOf(rows, limit, ({ id }) => [id], toApiKey)
}

const notThere = () => new Problem('not-found', 'You have no such API key.')

/** Makes the next key and lets the old one work on for the overlap, never longer than it would have. */
export async function rotateApiKey(
  ctx: Ctx,
  id: string,
  { overlapHours = 24, password }: Static<typeof contract.rotateApiKey.body>,
  address: string,
): Promise<Made> {
  const { id: account } = await confirmOwner(ctx, password, address)
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    const old = (await keepFew(ctx, account)).find((key) => key.id === id)
    if (!old) throw notThere()
    const end = new Date(Math.min(old.expires_at.getTime(), now.getTime() + overlapHours * 3_600_000))
    await endApiKey(ctx.db, { id, account, now, at: end })
    audit(ctx, { action: 'U', entity: `ApiKey/${id}`, subject: `Account/${account}` })
    const lifetime = old.expires_at.getTime() - old.created_at.getTime()
    return make(ctx, account, { name: old.device ?? '', scopes: old.scopes ?? [], lifetime })
  })
}

export function deleteApiKey(ctx: Ctx, id: string): Promise<void> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    if (!(await endApiKey(ctx.db, { id, account, now, at: now }))) throw notThere()
    audit(ctx, { action: 'D', entity: `ApiKey/${id}`, subject: `Account/${account}` })
  })
}
