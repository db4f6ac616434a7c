import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, isAdministrator, notThere, unless } from '../caller.ts'
import type * as contract from '../contract/donors.ts'
import type { Tables } from '../database.ts'
import { reachOf } from '../facts.ts'
import { insertGrant } from '../queries/grants.ts'
import { activityOf, checkOnlyActive } from './activity.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Donor>

const toDonor = (row: queries.DonorRow): View => ({
  id: row.id,
  name: row.name,
  language: row.language,
  ...(row.phone !== null && { phone: row.phone }),
  ...(row.email !== null && { email: row.email }),
  anonymous: row.anonymous,
  active: row.deactivated_at === null,
  version: row.version,
})

const auditDonor = (ctx: TransactionContext<Tables>, action: 'C' | 'R' | 'U', id: string) =>
  audit(ctx, { action, entity: `Donor/${id}`, subject: `Donor/${id}` })

export function createDonor(ctx: Ctx, given: Static<typeof contract.createDonor.body>): Promise<View> {
  const [id, account_id, now] = [newId(), accountOf(ctx), ctx.now()]
  const row = { id, account_id, ...given, ...reachOf(given), created_at: now, updated_at: now }
  return unless('donor_one_per_account', onlyOne, () =>
    transact(ctx, async (ctx) => {
      const made = await queries.insertDonor(ctx.db, row)
      const self = { relationship: 'self', subject_type: 'Donor', subject_id: id, powers: [], source_id: null }
      await insertGrant(ctx.db, { id: newId(), account_id, ...self, valid_from: now })
      auditDonor(ctx, 'C', id)
      return toDonor(made)
    }),
  )
}

const onlyOne = () => new Problem('duplicate', 'You have a donor profile already; an account has one. Change that.')

const eyesOf = (ctx: Pick<Ctx, 'actor'>) => (isAdministrator(ctx) ? undefined : accountOf(ctx))

export function readDonor(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.donor(ctx.db, id, eyesOf(ctx))
    if (!row) throw notThere('donor')
    auditDonor(ctx, 'R', id)
    return toDonor(row)
  })
}

export function searchDonors(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.searchDonors.query>,
): Promise<Static<typeof contract.searchDonors.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await queries.donors(ctx.db, { before, limit })
    const page = pageOf(rows, limit, ({ id }) => [id], toDonor)
    for (const { id } of page.items) auditDonor(ctx, 'R', id)
    return page
  })
}

export function updateDonor(
  ctx: Ctx,
  id: string,
  given: Static<typeof contract.updateDonor.body>,
  version: number,
): Promise<View> {
  const { phone: _phone, email: _email, active, ...facts } = given
  return transact(ctx, async (ctx) => {
    const was = await queries.donor(ctx.db, id, eyesOf(ctx))
    if (!was) throw notThere('donor')
    checkOnlyActive(was.account_id === accountOf(ctx), given)
    if (was.version !== version) throw changedMeanwhile()
    const change = { ...facts, ...reachOf(given), ...activityOf(ctx, active, was) }
    const row = await queries.updateDonor(ctx.db, id, version, change, ctx.now())
    if (!row) throw changedMeanwhile()
    if (active !== undefined) await queries.setSelfGrant(ctx.db, id, active, ctx.now())
    auditDonor(ctx, 'U', id)
    return toDonor(row)
  })
}
