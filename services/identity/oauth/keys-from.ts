import type { Configuration } from 'oidc-provider'
import type { Config } from '#platform/config.ts'
import { guardedFetch } from '#platform/guarded-fetch.ts'
import { permittedBy } from '#platform/public-addresses.ts'

/** A set of ten keys of RSA is 5 kB. */
const MAX_BYTES = 65_536
const TIMEOUT_MS = 2_500

/** How the provider's library fetches the keys of an app that says where they are: as anything is that somebody else names, and nothing that leads elsewhere. */
export const keysFrom = ({ WEBHOOK_PRIVATE_HOSTS }: Config): NonNullable<Configuration['fetch']> => {
  const permitted = permittedBy(WEBHOOK_PRIVATE_HOSTS)
  return async (url) => {
    const { status, body } = await guardedFetch(new URL(url instanceof Request ? url.url : url), {
      ...{ permitted, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, redirects: 'refuse' },
      headers: { accept: 'application/json' },
    })
    // Without the other side's headers: how long keys are believed is not for them to say.
    return new Response(new Uint8Array(body), { status: status < 200 ? 502 : status })
  }
}
