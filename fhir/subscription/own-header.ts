import type { Kysely } from 'kysely'
import type { Actor } from '#platform/auth.ts'
import { parseExact } from '../decimal.ts'
import type { Resource } from '../resource.ts'
import { headersOf } from '../store/subscriptions.ts'
import { isSubscription, type Subscription } from './subscription.ts'

const MAY_BE_THERE = '"resourceType":"Subscription"'

/** An answer with the headers of Subscriptions that whoever asks gave in this session; nobody else is shown them (docs/decisions/0050). */
export async function withOwnHeaders(db: Kysely<unknown>, { session }: Actor, body: string): Promise<string> {
  if (session === undefined || !body.includes(MAY_BE_THERE)) return body
  const answer = parseExact(body) as Resource
  const found = within(answer)
  const headers = await headersOf(
    db,
    found.map(({ id = '' }) => id),
    session,
  )
  for (const { id = '', meta, channel } of found) {
    const own = headers.get(id)
    if (own && channel && meta?.versionId === String(own.version)) channel.header = own.header
  }
  return headers.size > 0 ? JSON.stringify(answer) : body
}

/** It, or those in the entries of a Bundle, and of Bundles in that. */
function within(resource: Resource): Subscription[] {
  if (isSubscription(resource)) return [resource]
  const { entry } = resource as { entry?: { resource?: Resource }[] }
  return resource.resourceType === 'Bundle'
    ? (entry ?? []).flatMap(({ resource }) => (resource ? within(resource) : []))
    : []
}
