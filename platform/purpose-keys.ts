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
  const derive = (secret: Secret) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret.reveal(), 'hex'), '', purpose, 32))
  return [derive(secretKey), ...(formerSecretKey ? [derive(formerSecretKey)] : [])]
}
