import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { readContacts } from '../../identity/contract.ts'
import { isAdministrator, notThere, unless } from '../caller.ts'
import type * as contract from '../contract/organisations.ts'
import type { Tables } from '../database.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Membership>
type Page = Static<typeof contract.listMembers.response>
type Query = Static<typeof contract.listMembers.query>

const toMembership = (row: queries.MembershipRow): View => ({
  id: row.id,
  organisation: row.organisation_id,
  account: row.account_id,
  function: row.function as View['function'],
  since: row.given_at.toISOString(),
})

const mayManage = (ctx: Pick<Ctx, 'actor'>) => ({
  account: accountOf(ctx),
  functions: ['manager'] as const,
  administrator: isAdministrator(ctx),
})

export async function addMember(
  ctx: Ctx,
  organisation: string,
  { account, function: what }: Static<typeof contract.addMember.body>,
): Promise<View> {
  const place = await queries.workplace(ctx.db, organisation, mayManage(ctx))
  if (!place) throw notThere('organisation')
  if (place.deactivated_at !== null) throw new Problem('business-rule', 'This organisation is out of use.')
  const { items } = await ctx.call(readContacts, { body: { accounts: [account] } })
  if (items.length === 0)
    throw new Problem('business-rule', 'There is no such account. Ask its owner for the id in GET /v1/accounts/me.', {
      errors: [{ pointer: '/body/account', detail: 'names no account' }],
    })
  return unless('membership_once', hasOne, () =>
    transact(ctx, async (ctx) => {
      // Held, so that nobody takes it out of use meanwhile: that would end every membership but this one.
      if (!(await queries.holdInUse(ctx.db, organisation))) throw notThere('organisation')
      if (!(await queries.workplace(ctx.db, organisation, mayManage(ctx)))) throw notThere('organisation')
      const row = { id: newId(), account_id: account, organisation_id: organisation, function: what }
      const given = { ...row, given_by: accountOf(ctx), given_at: ctx.now() }
      await queries.insertMembership(ctx.db, given)
      audit(ctx, { action: 'C', entity: `Membership/${row.id}`, subject: `Account/${account}` })
      return toMembership(given)
    }),
  )
}

const hasOne = () =>
  new Problem('duplicate', 'This account works there already. End that membership before you give another.')

export async function listMembers(ctx: Ctx, organisation: string, query: Query): Promise<Page> {
  const of = { ...mayManage(ctx), functions: ['desk', 'manager'] as const }
  if (!(await queries.workplace(ctx.db, organisation, of))) throw notThere('organisation')
  return listed(ctx, { organisation }, query)
}

export const listOwnMemberships = (ctx: Ctx, query: Query): Promise<Page> =>
  listed(ctx, { account: accountOf(ctx) }, query)

async function listed(
  ctx: Ctx,
  of: { organisation: string } | { account: string },
  { limit = 20, cursor }: Query,
): Promise<Page> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await queries.memberships(ctx.db, { ...of, before, limit })
  return pageOf(rows, limit, ({ id }) => [id], toMembership)
}

export function endMembership(ctx: Ctx, id: string): Promise<void> {
  return transact(ctx, async (ctx) => {
    const by = { account: accountOf(ctx), administrator: isAdministrator(ctx), now: ctx.now() }
    const row = await queries.endMembership(ctx.db, id, by)
    if (!row) throw notThere('membership')
    audit(ctx, { action: 'D', entity: `Membership/${id}`, subject: `Account/${row.account_id}` })
  })
}
