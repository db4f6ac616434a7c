import { hash, hkdfSync } from 'node:crypto'
import type { Config, Secret } from '#platform/config.ts'

type Keys = Pick<Config, 'secretKey' | 'formerSecretKey'>

/** What the database keeps of a value that opens something. */
export const hashOf = (value: string): Buffer => hash('sha256', value, 'buffer')

/**
 * Keys for one purpose, from the installation's: whoever reads the database does not have them. The first signs; what the second signed
 * still counts, while there is OPENHCS_FORMER_SECRET_KEY.
 */
export function keysFor(purpose: string, { secretKey, formerSecretKey }: Keys): [Buffer, ...Buffer[]] {
  const derive = (secret: Secret) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret.reveal(), 'hex'), '', `oauth ${purpose}`, 32))
  return [derive(secretKey), ...(formerSecretKey ? [derive(formerSecretKey)] : [])]
}
