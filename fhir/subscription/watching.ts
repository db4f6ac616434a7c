import type { Kysely } from 'kysely'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { permittedBy } from '#platform/public-addresses.ts'
import type { Asked, Face } from '../interactions/asked.ts'
import { changeOf } from '../interactions/checked.ts'
import { permitted } from '../interactions/permitted.ts'
import { isThere } from '../interactions/read.ts'
import type { Query } from '../query/query.ts'
import { type Change, COMPARTMENT, type Secret } from '../store/change.ts'
import { referencesToPatients } from '../store/conditions.ts'
import { asking } from '../store/find.ts'
import type { Stored } from '../store/read.ts'
import { seerOf } from '../store/seer.ts'
import { resolveQuery } from '../terminology/resolve-query.ts'
import { terminologyIn } from '../terminology/terminology.ts'
import { checkChannel } from './channel.ts'
import { asRefused, criteriaOf } from './criteria.ts'
import { isSubscription, type Subscription } from './subscription.ts'

type Ctx = Pick<Context, 'actor' | 'config' | 'now'>

/**
 * What becomes of a Subscription that is to be written: what was requested is checked and active, or refused. Whoever writes it must be permitted to search for
 * what it watches, and it is theirs: with what they ask now (hl7.org/fhir/R4/subscription.html#status).
 */
export async function watching(
  ctx: Ctx,
  db: Kysely<unknown>,
  { change, before }: { change: Change; before: Stored | undefined },
  { face, asked }: { face: Face; asked: Pick<Asked, 'admit'> },
): Promise<Change> {
  const { resource } = change
  if (!resource || !isSubscription(resource)) return change
  checkChannel(resource.channel, permittedBy(ctx.config.WEBHOOK_PRIVATE_HOSTS))
  const { session } = ctx.actor
  const query = criteriaOf(resource.criteria, {
    base: face.base,
    types: face.types.filter((type) => type !== 'Subscription'),
  })
  const [type = ''] = query.types
  const open = permitted(query, asked.admit(type, 's'), asked)
  const seer = seerOf({ ...ctx, actor: open.actor })
  // Once as a search: what is known only when it is asked is refused now.
  await resolveQuery(open.query, terminologyIn(db)).then(
    (query) => asking(query, seer),
    (error) => Promise.reject(asRefused(error)),
  )
  const { shown, secret } = apart(resource, session)
  const written = (resource: Subscription) => ({
    ...changeOf(resource, change, face),
    concerns: change.concerns,
    secret,
  })
  if (resource.status === 'off' || staysBroken(resource, before)) return written(shown)
  if (session === undefined) throw new Problem('forbidden', 'Who is told must have signed in.')
  const until = endOf(resource, ctx.now())
  const { error: _, ...rest } = shown
  const bound = boundOf(open.query, { within: open.actor.within, clinical: face.clinical })
  const watch = { account: accountOf(ctx), session, type, criteria: resource.criteria, bound, until }
  return { ...written({ ...rest, status: 'active' }), watch }
}

/** What it is for everybody who may see it, and what is for the session alone that says it. */
function apart(resource: Subscription, session: string | undefined): { shown: Subscription; secret?: Secret } {
  const { header, ...channel } = resource.channel
  const shown = { ...resource, channel }
  return header === undefined || session === undefined ? { shown } : { shown, secret: { session, header } }
}

/** What refers to patients in each resource that it can tell of: those of a criterion, or the patient to whom a token is bound where the type is always about one. */
function boundOf(
  { types: [type = ''], criteria }: Query,
  { within, clinical }: { within: string | undefined; clinical: ReadonlySet<string> },
): string[] | undefined {
  const [first] = criteria.flatMap((one) => [referencesToPatients(one) ?? []]).filter((one) => one.length > 0)
  const refs = first ?? (within !== undefined && clinical.has(type) ? [`${COMPARTMENT}=${within}`] : undefined)
  return refs?.map((one) => `${type}.${one}`)
}

/** Who writes back what they read has not asked for it to begin anew. */
function staysBroken({ status }: Subscription, before: Stored | undefined): boolean {
  if (status !== 'error') return false
  if (before && isThere(before) && (JSON.parse(before.body) as Subscription).status === 'error') return true
  throw refused('status', 'must be requested or off: error is for the server to say')
}

function endOf({ end }: Subscription, now: Date): string | undefined {
  if (end !== undefined && new Date(end) <= now) throw refused('end', 'must be in the future, or left out')
  return end
}

const refused = (member: string, detail: string) =>
  new Problem('business-rule', 'The subscription cannot be active; see the issues.', {
    errors: [{ pointer: `/body/${member}`, detail }],
  })
