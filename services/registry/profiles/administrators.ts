import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, notThere, unless } from '../caller.ts'
import type * as contract from '../contract/administrators.ts'
import type { Tables } from '../database.ts'
import { reachOf } from '../facts.ts'
import { activityOf, checkOnlyActive } from './activity.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Administrator>

const toAdministrator = (row: queries.AdministratorRow): View => ({
  id: row.id,
  name: row.name,
  language: row.language,
  ...(row.duty !== null && { duty: row.duty }),
  ...(row.phone !== null && { phone: row.phone }),
  ...(row.email !== null && { email: row.email }),
  active: row.deactivated_at === null,
  version: row.version,
})

const auditAdministrator = (ctx: TransactionContext<Tables>, action: 'C' | 'R' | 'U', id: string) =>
  audit(ctx, { action, entity: `Administrator/${id}`, subject: `Administrator/${id}` })

export function createAdministrator(ctx: Ctx, given: Static<typeof contract.createAdministrator.body>): Promise<View> {
  const [id, account_id, now] = [newId(), accountOf(ctx), ctx.now()]
  const row = { id, account_id, ...given, ...reachOf(given), created_at: now, updated_at: now }
  return unless('administrator_one_per_account', onlyOne, () =>
    transact(ctx, async (ctx) => {
      auditAdministrator(ctx, 'C', id)
      return toAdministrator(await queries.insertAdministrator(ctx.db, row))
    }),
  )
}

const onlyOne = () =>
  new Problem('duplicate', 'You have an administrator profile already; an account has one. Change that.')

export function readAdministrator(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.administrator(ctx.db, id)
    if (!row) throw notThere('administrator')
    auditAdministrator(ctx, 'R', id)
    return toAdministrator(row)
  })
}

export function searchAdministrators(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.searchAdministrators.query>,
): Promise<Static<typeof contract.searchAdministrators.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await queries.administrators(ctx.db, { before, limit })
    const page = pageOf(rows, limit, ({ id }) => [id], toAdministrator)
    for (const { id } of page.items) auditAdministrator(ctx, 'R', id)
    return page
  })
}

/** Out of use, an administrator is none, from the next request on: also who took themselves out of use needs another one to come back. */
export function updateAdministrator(
  ctx: Ctx,
  id: string,
  given: Static<typeof contract.updateAdministrator.body>,
  version: number,
): Promise<View> {
  const { phone: _phone, email: _email, active, ...facts } = given
  return transact(ctx, async (ctx) => {
    const was = await queries.administrator(ctx.db, id)
    if (!was) throw notThere('administrator')
    checkOnlyActive(was.account_id === accountOf(ctx), given)
    if (was.version !== version) throw changedMeanwhile()
    if (active === false) await keepOneAdministrator(ctx, was.account_id)
    const change = { ...facts, ...reachOf(given), ...activityOf(ctx, active, was) }
    const row = await queries.updateAdministrator(ctx.db, id, version, change, ctx.now())
    if (!row) throw changedMeanwhile()
    if (active !== undefined) await queries.restRole(ctx.db, was.account_id, active ? null : ctx.now())
    auditAdministrator(ctx, 'U', id)
    return toAdministrator(row)
  })
}

/** As in identity, which locks the same rows: of two who leave at the same moment, whichever way, one stays. */
async function keepOneAdministrator(ctx: TransactionContext<Tables>, account: string): Promise<void> {
  const active = await queries.lockActiveAdministrators(ctx.db)
  if (active.length === 1 && active[0] === account)
    throw new Problem('business-rule', 'The last administrator stays. Make somebody else an administrator first.')
}
