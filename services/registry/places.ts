import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { changedMeanwhile, notThere, wrong } from './caller.ts'
import type * as contract from './contract/places.ts'
import { placeChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { activity } from './desk/organisations.ts'
import { organisation as organisationById } from './desk/queries.ts'
import { checkCountry, reachOf } from './facts.ts'
import { projected } from './projection/projector.ts'
import * as queries from './queries/places.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = Static<typeof contract.Place>
type Search = Static<typeof contract.searchPlaces.query>
type Page = Static<typeof contract.searchPlaces.response>

const DEFAULT_KM = 25

function toPlace({ phone, km, ...row }: queries.PlaceRow & { km?: number }): View {
  const { id, name, address, city, country, latitude, longitude, zone, version } = row
  return {
    ...{ id, name, address, city, country, latitude, longitude, zone },
    ...(phone !== null && { phone }),
    ...(row.organisation_id !== null && { organisation: row.organisation_id }),
    active: row.deactivated_at === null,
    ...(km !== undefined && { distanceKm: km }),
    version,
  }
}

export async function searchPlaces(ctx: Ctx, { q, near, within, limit = 20, cursor }: Search): Promise<Page> {
  if (near === undefined) {
    if (within !== undefined) throw wrong('/query/within', 'needs near')
    const key = decodeCursor(cursor, ['text', 'uuid'])
    const after = key && { name: key[0] as string, id: key[1] as string }
    const { rows } = await queries.placesByName(ctx.db, q, after, limit)
    return pageOf(rows, limit, ({ name, id }) => [name, id], toPlace)
  }
  const key = decodeCursor(cursor, ['number', 'uuid'])
  const after = key && { km: key[0] as number, id: key[1] as string }
  const { rows } = await queries.placesAround(ctx.db, { ...pointOf(near), km: within ?? DEFAULT_KM }, q, after, limit)
  return pageOf(rows, limit, ({ km, id }) => [km, id], toPlace)
}

function pointOf(near: string) {
  const [latitude = 0, longitude = 0] = near.split(',').map(Number)
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    throw wrong('/query/near', 'must be latitude,longitude within ±90 and ±180')
  return { latitude, longitude }
}

export async function readPlace(ctx: Ctx, id: string): Promise<View> {
  const row = await queries.place(ctx.db, id)
  if (!row) throw notThere('place')
  return toPlace(row)
}

async function checkOrganisation({ db }: Pick<Ctx, 'db'>, id: string | null | undefined): Promise<void> {
  if (id == null || (await organisationById(db, id))) return
  throw new Problem('business-rule', 'There is no such organisation; see GET /v1/organisations.', {
    errors: [{ pointer: '/body/organisation', detail: 'names no organisation' }],
  })
}

export const createPlace = (ctx: Ctx, given: Static<typeof contract.NewPlace>): Promise<View> =>
  projected(ctx, (ctx) => insertNewPlace(ctx, newId(), given))

export async function insertNewPlace(
  ctx: Tx,
  id: string,
  { organisation, ...facts }: Static<typeof contract.NewPlace>,
): Promise<View> {
  checkCountry(facts.country)
  const row = { id, ...facts, ...reachOf(facts), created_at: ctx.now(), updated_at: ctx.now() }
  await checkOrganisation(ctx, organisation)
  audit(ctx, { action: 'C', entity: `Place/${id}` })
  publish(ctx, placeChanged, { place: id })
  return toPlace(await queries.insertPlace(ctx.db, { ...row, organisation_id: organisation ?? null }))
}

type PlaceChange = Static<typeof contract.updatePlace.body>

export const updatePlace = (ctx: Ctx, id: string, given: PlaceChange, version: number): Promise<View> =>
  projected(ctx, (ctx) => changePlace(ctx, id, given, version))

/** Without a version, whatever the present one is: of whoever holds the row. */
export async function changePlace(ctx: Tx, id: string, given: PlaceChange, version?: number): Promise<View> {
  checkCountry(given.country)
  const { phone: _phone, organisation, active, ...facts } = given
  const out = activity(active, { account: accountOf(ctx), now: ctx.now() })
  const change = {
    ...facts,
    ...reachOf(given),
    ...out,
    ...(organisation !== undefined && { organisation_id: organisation }),
  }
  await checkOrganisation(ctx, organisation)
  const row = await queries.updatePlace(ctx.db, id, version, change, ctx.now())
  if (!row) throw (await queries.place(ctx.db, id)) ? changedMeanwhile() : notThere('place')
  audit(ctx, { action: 'U', entity: `Place/${id}` })
  publish(ctx, placeChanged, { place: id })
  return toPlace(row)
}
