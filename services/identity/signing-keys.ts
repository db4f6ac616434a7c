import type { Context } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import { publishedKeys } from '#platform/signing/keys.ts'
import type { Tables } from './database.ts'

/** How long a verifier may go by what it has read: until then it does not know a new key, and believes one that was withdrawn. */
const CACHED_SECONDS = 300

export async function readSigningKeys({ db }: Context<Tables>, { reply }: Exchange) {
  const keys = await publishedKeys(db)
  reply.header('cache-control', `public, max-age=${CACHED_SECONDS}`).header('access-control-allow-origin', '*')
  return { keys }
}
