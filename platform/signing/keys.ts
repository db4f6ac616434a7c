import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { CompiledQuery, type Kysely } from 'kysely'
import type { TransactionContext } from '../context.ts'
import { secretOf } from '../data-keys.ts'
import type { Send } from '../database.ts'
import { wrapKey } from '../encryption.ts'

// These keys sign what has to be checked years later and by strangers: records, documents, health cards. Those of the OAuth face (services/identity/oauth/keys.ts)
// sign id_tokens, which apps believe for minutes. They are apart so that neither can be passed off as the other, and since SMART Health Cards want ES256, the
// thumbprint as `kid`, and at this address nothing else.

export interface PublicKey {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

/** As verifiers want it: spec.smarthealth.cards, Determining keys associated with an issuer. */
export interface PublishedKey extends PublicKey {
  kid: string
  use: 'sig'
  alg: 'ES256'
}

export interface SigningKey {
  kid: string
  privateKey: CryptoKey
}

interface Row {
  kid: string
  jwk: PublicKey
  wrapped: Buffer
  withdrawn_at: Date | null
}

async function ask<R>(db: unknown, text: string, values: unknown[] = []): Promise<R[]> {
  return (await (db as Kysely<unknown>).executeQuery<R>(CompiledQuery.raw(text, values))).rows
}

/** The key that signs now, within the transaction of who signs. Made when there is none; whoever comes at the same time waits, and has the same one. */
export async function signingKey<T>(ctx: Pick<TransactionContext<T>, 'db' | 'config' | 'now'>): Promise<SigningKey> {
  const row = (await keyThatSigns(ctx.db)) ?? (await makeKey(ctx))
  const d = secretOf(ctx.config, { name: row.kid, wrapped: row.wrapped }).toString('base64url')
  return { kid: row.kid, privateKey: (await importJWK({ ...row.jwk, d }, 'ES256')) as CryptoKey }
}

const keyThatSigns = async (db: unknown) =>
  (await ask<Row>(db, 'select kid, jwk, wrapped from platform.signing_key where retired_at is null'))[0]

async function makeKey<T>({ db, config, now }: Pick<TransactionContext<T>, 'db' | 'config' | 'now'>): Promise<Row> {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const { d = '', ...jwk } = await exportJWK(pair.privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  const wrapped = wrapKey(config.secretKey.reveal(), kid, Buffer.from(d, 'base64url'))
  await ask(db, 'select platform.next_signing_key($1, $2, $3, $4)', [kid, JSON.stringify(jwk), wrapped, now()])
  const row = await keyThatSigns(db)
  if (!row) throw new Error('The key that signs was withdrawn while it was made; sign again')
  return row
}

/** By its name; `withdrawn` where nothing that it signed counts any more. */
export async function publicKey(db: unknown, kid: string): Promise<CryptoKey | 'withdrawn' | undefined> {
  const [row] = await ask<Row>(db, 'select jwk, withdrawn_at from platform.signing_key where kid = $1', [kid])
  if (!row) return undefined
  return row.withdrawn_at ? 'withdrawn' : ((await importJWK(row.jwk, 'ES256')) as CryptoKey)
}

/** All that something valid may be signed with, the newest first. */
export async function publishedKeys(db: unknown): Promise<PublishedKey[]> {
  const rows = await ask<Row>(
    db,
    'select kid, jwk from platform.signing_key where withdrawn_at is null order by created_at desc, kid',
  )
  return rows.map(({ kid, jwk: { kty, crv, x, y } }) => ({ kty, kid, use: 'sig', alg: 'ES256', crv, x, y }))
}

/** As the owner: its private half is destroyed, and whoever signs next makes another. */
export const retireSigningKey = (send: Send, now: Date) =>
  send('update platform.signing_key set wrapped = null, retired_at = $1 where retired_at is null', [now])

/** As the owner, after a leak: nobody is to believe what it signed. Whether there is such a key. */
export async function withdrawSigningKey(send: Send, kid: string, now: Date): Promise<boolean> {
  const { rows } = await send(
    `update platform.signing_key set wrapped = null, retired_at = coalesce(retired_at, $2), withdrawn_at = coalesce(withdrawn_at, $2)
     where kid = $1 returning kid`,
    [kid, now],
  )
  return rows.length === 1
}

export interface SigningKeyState {
  kid: string
  createdAt: Date
  retiredAt: Date | undefined
  withdrawnAt: Date | undefined
}

export async function listSigningKeys(send: Send): Promise<SigningKeyState[]> {
  const { rows } = await send(
    'select kid, created_at, retired_at, withdrawn_at from platform.signing_key order by created_at desc, kid',
  )
  return rows.map(({ kid, created_at, retired_at, withdrawn_at }) => ({
    kid,
    createdAt: created_at,
    retiredAt: retired_at ?? undefined,
    withdrawnAt: withdrawn_at ?? undefined,
  }))
}
