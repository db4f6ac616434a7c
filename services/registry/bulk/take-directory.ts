import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { KeptResource } from '#platform/keeper.ts'
import { inPart } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { takeUpRole } from '../fhir/keep-people.ts'
import { keepOne, types } from '../fhir/keeper.ts'
import { withoutNumbersWithin } from '../projection/numbers.ts'
import { keepSaid } from '../projection/queries.ts'
import { saidOf } from '../projection/said.ts'
import { saidOfThese } from './queries.ts'
import { faultOf, type Taken } from './taken.ts'

type Tx = TransactionContext<Tables>

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/**
 * Takes in organisations, places, practitioners and their roles from elsewhere, in whichever order they come, each under the id that it has there; a role under that of its
 * practitioner, who has one here. What is there already stays as it is: the same is no change, and anything else is refused.
 */
export async function takeDirectory(ctx: Tx, resources: readonly KeptResource[]): Promise<Taken[]> {
  const place = ({ resourceType }: KeptResource) => types.indexOf(resourceType)
  const named = resources.map((resource) => ({ resource, id: idOf(resource) }))
  const ids = named.map(({ id }) => id).filter((id) => UUID.test(id))
  const before = ids.length > 0 ? await saidOfThese(ctx.db, types, ids) : new Map<string, string>()
  const taken = new Map<KeptResource, Taken>()
  for (const one of named.toSorted((a, b) => place(a.resource) - place(b.resource)))
    taken.set(one.resource, await takeOne(ctx, one, before))
  return resources.map((one) => taken.get(one) as Taken)
}

async function takeOne(
  ctx: Tx,
  { resource: given, id }: { resource: KeptResource; id: string },
  all: Map<string, string>,
): Promise<Taken> {
  try {
    const { resourceType: type } = given
    const name = `${type}/${id}`
    if (!UUID.test(id)) throw new Problem('business-rule', 'Its id, or that of the practitioner, must be a UUID.')
    const resource: KeptResource = { ...withoutNumbersWithin(given), id }
    const [said, before] = [saidOf(resource, undefined, ctx.config.PUBLIC_URL), all.get(name)]
    if (before === said) return { outcome: 'unchanged' }
    if (before !== undefined) throw new Problem('conflict', 'Something else is here under this id. It stays as it is.')
    const one = { type, id, resource, before: undefined, named: false, at: '' }
    await inPart(ctx, async (ctx) => {
      if (type === 'PractitionerRole') await takeUpRole(ctx, one)
      else await keepOne(ctx, one, [one])
      await keepSaid(ctx.db, [{ type, id, resource: said }])
    })
    all.set(name, said)
    return { outcome: 'created' }
  } catch (error) {
    return { outcome: 'refused', fault: faultOf(error) }
  }
}

const idOf = (one: KeptResource): string => (one.resourceType === 'PractitionerRole' ? practitionerOf(one) : one.id)

const practitionerOf = ({ practitioner }: KeptResource): string =>
  /^Practitioner\/([\w.-]+)$/.exec((practitioner as { reference?: string } | undefined)?.reference ?? '')?.[1] ?? ''
