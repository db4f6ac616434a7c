/** The part of npm http_ece (RFC 8188, by its author) that is used here; it has no types of its own. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto'

  export function encrypt(
    text: Buffer,
    how: { version: 'aes128gcm'; dh: Buffer; privateKey: ECDH; authSecret: Buffer; pad: number },
  ): Buffer
}
