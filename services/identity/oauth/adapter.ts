import type { Adapter, AdapterPayload, errors as Errors } from 'oidc-provider'
import { hashOfToken } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { metadataOf } from './metadata.ts'
import * as queries from './queries.ts'
import { clientById } from './queries.ts'
import { hashOf, sealState, unsealState } from './state.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type Model = Adapter

const at = (seconds: number) => new Date(seconds * 1_000)

/** Where the provider keeps things: access tokens and grants in the ground's table, apps in theirs, the rest sealed in oauth_state. */
export function adapterFor(ctx: Ctx, errors: typeof Errors): (name: string) => Model {
  return (name) => {
    const rest = stateModel(ctx, errors, name)
    if (name === 'Client') return { ...rest, find: (id) => findClient(ctx, id) }
    if (name === 'AccessToken' || name === 'ClientCredentials') return tokenModel(ctx, rest, name)
    if (name === 'Grant') return grantModel(ctx, rest)
    return rest
  }
}

async function findClient({ db }: Ctx, id: string): Promise<AdapterPayload | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  const row = await clientById(db, id)
  return row && (metadataOf(row) as AdapterPayload)
}

function stateModel(ctx: Ctx, errors: typeof Errors, model: string): Model {
  const find = async (by: { key: Buffer } | { uid: string }) => {
    const row = await queries.findState(ctx.db, model, by, ctx.now())
    if (!row) return undefined
    const payload = await unsealState<AdapterPayload>(ctx, model, row)
    return row.consumed_at ? { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1_000) } : payload
  }
  const rowOf = async (tx: Tx, id: string, payload: AdapterPayload, expiresIn: number): Promise<queries.State> => {
    const key = hashOf(id)
    const signedIn = model === 'Session' && payload.accountId !== undefined
    return {
      model,
      key,
      payload: await sealState(tx, model, key, payload),
      uid: model === 'Session' ? (payload.uid ?? null) : null,
      grant_id: model === 'Grant' ? id : model === 'Interaction' ? null : (payload.grantId ?? null),
      account_id: payload.accountId ?? null,
      signed_in_at: signedIn && payload.loginTs !== undefined ? at(payload.loginTs) : null,
      expires_at: payload.exp ? at(payload.exp) : new Date(ctx.now().getTime() + expiresIn * 1_000),
    }
  }
  return {
    async upsert(id, payload, expiresIn = 0) {
      const put = async (tx: Tx) => {
        const row = await rowOf(tx, id, payload, expiresIn)
        if (model === 'ReplayDetection') return queries.putOnce(tx.db, row, ctx.now())
        await queries.putState(tx.db, row)
        return true
      }
      if (!(await transact(ctx, put)))
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once')
    },
    find: (id) => find({ key: hashOf(id) }),
    findByUid: (uid) => find({ uid }),
    findByUserCode: async () => undefined,
    /** The first wins. Whoever comes at the same moment repeats what was used, and that ends the grant as a later repetition would. */
    async consume(id) {
      const first = await transact(ctx, async ({ db }) => {
        if (await queries.consumeState(db, model, hashOf(id), ctx.now())) return true
        const grant = await queries.grantOf(db, model, hashOf(id))
        if (grant) await queries.endGrant(db, grant, ctx.now())
        return false
      })
      if (!first) throw new errors.InvalidGrant('it has been used already')
    },
    destroy: async (id) => void (await transact(ctx, ({ db }) => queries.deleteState(db, model, hashOf(id)))),
    revokeByGrantId: async (grant) => void (await transact(ctx, ({ db }) => queries.endGrant(db, grant, ctx.now()))),
  }
}

function tokenModel(ctx: Ctx, rest: Model, model: 'AccessToken' | 'ClientCredentials'): Model {
  const kind = model === 'AccessToken' ? 'access-token' : 'client-token'
  return {
    ...rest,
    async upsert(id, { accountId, clientId = '', scope, grantId, extra, iat = 0, exp = 0 }) {
      const row = {
        id: newId(),
        kind,
        account_id: accountId ?? clientId,
        token_hash: hashOfToken(id),
        device: null,
        created_at: at(iat),
        expires_at: at(exp),
        scopes: scope?.split(' ') ?? [],
        client_id: clientId,
        patient_id: (extra as { patient?: string } | undefined)?.patient ?? null,
        parent_id: grantId ?? null,
      } as const
      await transact(ctx, ({ db }) => queries.insertToken(db, row))
    },
    async find(id) {
      const row = await queries.tokenByHash(ctx.db, hashOfToken(id), kind, ctx.now())
      if (!row) return undefined
      return {
        kind: model,
        jti: id,
        iat: Math.floor(row.created_at.getTime() / 1_000),
        exp: Math.floor(row.expires_at.getTime() / 1_000),
        aud: ctx.config.PUBLIC_URL,
        clientId: row.client_id ?? '',
        scope: row.scopes?.join(' ') ?? '',
        ...(kind === 'access-token' && { accountId: row.account_id, grantId: row.parent_id ?? '' }),
        ...(row.patient_id && { extra: await contextOf(ctx, row.account_id, row.patient_id) }),
      }
    },
    destroy: async (id) => void (await transact(ctx, ({ db }) => queries.endToken(db, hashOfToken(id), ctx.now()))),
  }
}

/** What a token says of the patient in context, and where that is somebody else than who signed in, of both (RFC 8693 §4.1). */
export async function contextOf(ctx: Pick<Ctx, 'db' | 'now'>, account: string, patient: string) {
  const own = (await queries.selvesOf(ctx.db, account, ctx.now())).some(({ id }) => id === patient)
  return { patient, ...(!own && { act: { sub: account } }) }
}

/** A grant has a row beside the tokens, so that it ends there, also when all sessions of the account end. */
function grantModel(ctx: Ctx, rest: Model): Model {
  return {
    ...rest,
    async upsert(id, payload, expiresIn) {
      const { accountId = '', clientId = '', iat = 0, exp = 0 } = payload
      if (!(await queries.openGrant(ctx.db, id, ctx.now()))) {
        const row = {
          id,
          kind: 'grant',
          account_id: accountId,
          client_id: clientId,
          token_hash: hashOf(`grant ${newId()}`),
        } as const
        await transact(ctx, ({ db }) =>
          queries.insertToken(db, { ...row, device: null, created_at: at(iat), expires_at: at(exp) }),
        )
      }
      await rest.upsert(id, payload, expiresIn)
    },
    async destroy(id) {
      await rest.revokeByGrantId(id)
      await rest.destroy(id)
    },
  }
}
