import { hkdfSync } from 'node:crypto'
import type { Config, Secret } from './config.ts'

/**
 * Keys for one purpose, derived from the installation's secret key: what is made for one is nothing to another, and whoever reads the database has
 * none. For what lives for minutes or may be lost. The first signs; what the second made still counts, while there is OPENHCS_FORMER_SECRET_KEY.
 */
export function keysFor(
  { secretKey, formerSecretKey }: Pick<Config, 'secretKey' | 'formerSecretKey'>,
  purpose: string,
): [Buffer, ...Buffer[]] {
  return [keyFrom(secretKey, purpose), ...(formerSecretKey ? [keyFrom(formerSecretKey, purpose)] : [])]
}

/** Derived once for each purpose. */
const derived = new WeakMap<Secret, Map<string, Buffer>>()

function keyFrom(secret: Secret, purpose: string): Buffer {
  const keys = derived.get(secret) ?? new Map<string, Buffer>()
  derived.set(secret, keys)
  const key = keys.get(purpose) ?? Buffer.from(hkdfSync('sha256', Buffer.from(secret.reveal(), 'hex'), '', purpose, 32))
  keys.set(purpose, key)
  return key
}
