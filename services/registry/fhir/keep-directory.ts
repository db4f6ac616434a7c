import type { TransactionContext } from '#platform/context.ts'
import type { Keeping, KeptResource } from '#platform/keeper.ts'
import { bringsIn } from '../caller.ts'
import type { Tables } from '../database.ts'
import { changeOrganisation, insertNewOrganisation } from '../desk/organisations.ts'
import { changePlace, insertNewPlace } from '../places.ts'
import { organisationFrom, placeFrom } from '../projection/from-fhir.ts'
import { type Extension, zoneIn } from '../projection/heard.ts'
import { refused } from '../projection/said.ts'
import { zoneAround } from '../queries/held.ts'
import { place as placeById } from '../queries/places.ts'
import { activeIn } from './keep-people.ts'

type Tx = TransactionContext<Tables>

interface Organization extends KeptResource {
  active?: boolean
}
interface Location extends KeptResource {
  status?: string
  mode?: string
  extension?: Extension[]
  managingOrganization?: { reference?: string }
}

export function keepOrganisation(ctx: Tx, one: Keeping): Promise<unknown> {
  const [resource, before] = [one.resource as Organization, one.before as Organization | undefined]
  const facts = organisationFrom(resource)
  if (!before) return insertNewOrganisation(ctx, one.id, facts)
  const reach = { phone: facts.phone ?? null, email: facts.email ?? null }
  return changeOrganisation(ctx, one.id, { ...facts, ...reach, ...activeIn(resource.active, before.active) })
}

export async function keepPlace(ctx: Tx, one: Keeping): Promise<unknown> {
  const [resource, before] = [one.resource as Location, one.before as Location | undefined]
  if (resource.mode === 'kind') throw refused('/mode', 'must be instance: a place where somebody can go')
  const organisation = resource.managingOrganization?.reference?.replace(/^Organization\//, '')
  if (organisation !== undefined && !UUID.test(organisation))
    throw refused('/managingOrganization', 'must be Organization/… of one that is here')
  const facts = placeFrom(resource, { zone: await zoneOf(ctx, one, organisation) })
  if (!before) return insertNewPlace(ctx, one.id, { ...facts, ...(organisation !== undefined && { organisation }) })
  const active = activeIn(resource.status !== 'inactive', before.status !== 'inactive')
  const rest = { phone: facts.phone ?? null, organisation: organisation ?? null }
  return changePlace(ctx, one.id, { ...facts, ...rest, ...active })
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** As it says, as it was, or as that of its organisation. */
async function zoneOf(ctx: Tx, { id, resource, before }: Keeping, organisation: string | undefined) {
  const said = zoneIn((resource as Location).extension).value
  if (said !== undefined) return said
  if (before) return (await placeById(ctx.db, id))?.zone
  const around = organisation === undefined ? undefined : await zoneAround(ctx.db, organisation)
  return around ?? (bringsIn(ctx) ? 'UTC' : undefined)
}
