import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { changedMeanwhile, isAdministrator, notThere } from '../caller.ts'
import type * as contract from '../contract/organisations.ts'
import type { Tables } from '../database.ts'
import { checkCountry, reachOf } from '../facts.ts'
import { projected } from '../projection/projector.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = Static<typeof contract.Organisation>

function toOrganisation(row: queries.OrganisationRow): View {
  const { id, name, city, country, phone, email, version } = row
  return {
    ...{ id, name, city, country },
    ...(phone !== null && { phone }),
    ...(email !== null && { email }),
    active: row.deactivated_at === null,
    version,
  }
}

export async function searchOrganisations(
  ctx: Ctx,
  { q, limit = 20, cursor }: Static<typeof contract.searchOrganisations.query>,
): Promise<Static<typeof contract.searchOrganisations.response>> {
  const key = decodeCursor(cursor, ['text', 'uuid'])
  const after = key && { name: key[0] as string, id: key[1] as string }
  const rows = await queries.searchOrganisations(ctx.db, { q, after, limit })
  return pageOf(rows, limit, ({ name, id }) => [name, id], toOrganisation)
}

export async function readOrganisation(ctx: Ctx, id: string): Promise<View> {
  const row = await queries.organisation(ctx.db, id)
  if (!row) throw notThere('organisation')
  return toOrganisation(row)
}

export function createOrganisation(ctx: Ctx, given: Static<typeof contract.createOrganisation.body>): Promise<View> {
  return projected(ctx, (ctx) => insertNewOrganisation(ctx, newId(), given))
}

export async function insertNewOrganisation(
  ctx: Tx,
  id: string,
  given: Static<typeof contract.createOrganisation.body>,
): Promise<View> {
  checkCountry(given.country)
  const row = { id, ...given, ...reachOf(given), created_at: ctx.now(), updated_at: ctx.now() }
  audit(ctx, { action: 'C', entity: `Organisation/${id}` })
  return toOrganisation(await queries.insertOrganisation(ctx.db, row))
}

type OrganisationChange = Static<typeof contract.updateOrganisation.body>

export const updateOrganisation = (ctx: Ctx, id: string, given: OrganisationChange, version: number): Promise<View> =>
  projected(ctx, (ctx) => changeOrganisation(ctx, id, given, version))

export const managesOrganisation = async (ctx: Tx, id: string): Promise<boolean> => {
  const by = { account: accountOf(ctx), functions: ['manager'] as const, administrator: isAdministrator(ctx) }
  return (await queries.workplace(ctx.db, id, by)) !== undefined
}

/** Without a version, whatever the present one is: of whoever holds the row. */
export async function changeOrganisation(
  ctx: Tx,
  id: string,
  given: OrganisationChange,
  version?: number,
): Promise<View> {
  checkCountry(given.country)
  const { phone: _phone, email: _email, active, ...facts } = given
  const by = { account: accountOf(ctx), now: ctx.now() }
  if (!(await managesOrganisation(ctx, id))) throw notThere('organisation')
  if (active !== undefined && !isAdministrator(ctx))
    throw new Problem('forbidden', 'Only an administrator takes an organisation out of use, or back into it.')
  const change = { ...facts, ...reachOf(given), ...activity(active, by) }
  const row = await queries.updateOrganisation(ctx.db, id, version, change, by.now)
  if (!row) throw changedMeanwhile()
  if (active === false) await queries.endMemberships(ctx.db, id, by)
  audit(ctx, { action: 'U', entity: `Organisation/${id}` })
  return toOrganisation(row)
}

/** What `active` in a change means for the row. */
export const activity = (active: boolean | undefined, { account, now }: { account: string; now: Date }) =>
  active === undefined ? {} : { deactivated_at: active ? null : now, deactivated_by: active ? null : account }
