import { randomBytes } from 'node:crypto'
import { CompiledQuery, type Kysely } from 'kysely'
import type { Config } from './config.ts'
import type { Context, TransactionContext } from './context.ts'
import { blindIndex, type DataKey, dataKey, decrypt, keyNameOf, newKeyName, unwrapKey, wrapKey } from './encryption.ts'

// The keys of the installation are rows of platform.data_key. Whoever writes looks them up in its own transaction, under a shared lock that a change of
// keys must wait for: so no process goes on with a key that was retired, and none needs to be told. Whoever reads asks by the name in the sealed text.

/** Writers share it; `openhcs keys rotate` takes it alone while it adds or retires a key. */
export const KEYS_LOCK = 7_305_118

export interface KeyRow {
  name: string
  wrapped: Buffer
  created_at: Date
  retired_at: Date | null
}

export interface KeyRing {
  /** Encrypts what is written now. */
  current: DataKey
  /** All under which a blind index is kept, the current one among them. */
  indexing: DataKey[]
}

type Reading = Pick<Context, 'config'> & { db: unknown }

/** What a process has unwrapped, by name; the secret key that wraps it is the configuration's. */
const unwrapped = new WeakMap<Config, Map<string, DataKey>>()

const KEYS = 'select name, wrapped, created_at, retired_at from platform.data_key order by number desc'

async function ask<R>(db: unknown, text: string, values: unknown[] = []): Promise<R[]> {
  return (await (db as Kysely<unknown>).executeQuery<R>(CompiledQuery.raw(text, values))).rows
}

/** Also by the secret key before the present one, until `openhcs keys rotate` has wrapped all keys anew. */
export function secretOf(
  { secretKey, formerSecretKey }: Config,
  { name, wrapped }: Pick<KeyRow, 'name' | 'wrapped'>,
): Buffer {
  for (const key of [secretKey, formerSecretKey]) {
    try {
      if (key) return unwrapKey(key.reveal(), name, wrapped)
    } catch {} // wrapped by the other
  }
  throw new Error(
    `The key ${name} was wrapped by another secret key: set OPENHCS_SECRET_KEY, or OPENHCS_FORMER_SECRET_KEY, to that one.`,
  )
}

function opened(config: Config, row: KeyRow): DataKey {
  const known = unwrapped.get(config) ?? new Map<string, DataKey>()
  unwrapped.set(config, known)
  const key = known.get(row.name) ?? dataKey(row.name, secretOf(config, row))
  known.set(row.name, key)
  return key
}

/** Before the transaction that writes: sees to it that there is a key at all. */
export async function requireKey<T>({ db, config, now }: Pick<Context<T>, 'db' | 'config' | 'now'>): Promise<void> {
  if ((await ask(db, 'select 1 from platform.data_key limit 1')).length > 0) return
  const name = newKeyName()
  const wrapped = wrapKey(config.secretKey.reveal(), name, randomBytes(32))
  await ask(db, 'select platform.first_data_key($1, $2, $3)', [name, wrapped, now()])
}

/** The keys to write with, which stay so until the transaction ends. */
export async function keysForWriting<T>({
  db,
  config,
}: Pick<TransactionContext<T>, 'db' | 'config'>): Promise<KeyRing> {
  await ask(db, 'select pg_advisory_xact_lock_shared($1)', [KEYS_LOCK])
  const rows = await ask<KeyRow>(db, KEYS) // a statement of its own: its snapshot is newer than the lock
  const [current, ...others] = rows.filter(({ retired_at }) => retired_at === null).map((row) => opened(config, row))
  if (!current) throw new Error('There is no data key: requireKey() comes before the transaction')
  return { current, indexing: [current, ...others] }
}

/** All keys under which something may be indexed, to look it up. */
export async function keysForFinding<T>({ db, config }: Pick<Context<T>, 'config'> & { db: Kysely<T> }) {
  const rows = await ask<KeyRow>(db, KEYS)
  return rows.filter(({ retired_at }) => retired_at === null).map((row) => opened(config, row))
}

/**
 * Digests of the same parts under every key that there has been, the newest first, to find what was kept under any of them. For what stands on paper:
 * its digest cannot be made anew when the keys change.
 */
export async function digestsOf(ctx: Reading, ...parts: string[]): Promise<Buffer[]> {
  return (await ask<KeyRow>(ctx.db, KEYS)).map((row) => blindIndex(opened(ctx.config, row), ...parts))
}

/** The one of them to keep. */
export async function digestToKeep(ctx: Reading, ...parts: string[]): Promise<Buffer> {
  const [newest] = await digestsOf(ctx, ...parts)
  if (!newest) throw new Error('There is no data key: requireKey() comes first')
  return newest
}

/** A key that this process has not met yet is looked for in the database before that is a failure. */
export async function unseal(ctx: Reading, sealed: string, bound: string): Promise<string> {
  const name = keyNameOf(sealed)
  const known = unwrapped.get(ctx.config)?.get(name)
  if (known) return decrypt(known, sealed, bound)
  const row = (await ask<KeyRow>(ctx.db, KEYS)).find((row) => row.name === name)
  if (!row) throw new Error(`There is no data key ${name}`)
  return decrypt(opened(ctx.config, row), sealed, bound)
}
