import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, isAdministrator, notThere, wrong } from './caller.ts'
import type * as contract from './contract/licences.ts'
import type { Tables } from './database.ts'
import { keptAtDesk } from './desk/keep.ts'
import { checkCountry } from './facts.ts'
import { projected } from './projection/projector.ts'
import * as queries from './queries/licences.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Licence>
type Page = Static<typeof contract.listLicences.response>
type Facts = Static<typeof contract.createLicence.body>

/** Longer than any career: what exceeds it is a slip of the pen. */
const LONGEST_YEARS = 60

export function toLicence(row: queries.LicenceRow): View {
  return {
    id: row.id,
    practitioner: row.practitioner_id,
    number: row.number,
    issuer: row.issuer,
    country: row.country,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    status: row.status as View['status'],
    ...(row.reason !== null && { reason: row.reason }),
    certificate: row.certificate_key !== null,
    ...(row.decided_at !== null && { decidedAt: row.decided_at.toISOString() }),
    version: row.version,
  }
}

export const auditLicence = (
  ctx: TransactionContext<Tables>,
  action: 'C' | 'R' | 'U' | 'E',
  { id, practitioner_id }: { id: string; practitioner_id: string },
) => audit(ctx, { action, entity: `Licence/${id}`, subject: `Practitioner/${practitioner_id}` })

/** Its holder, or the desk that keeps it for somebody without an account. */
export const mayKeep = async (ctx: TransactionContext<Tables>, practitioner: string): Promise<boolean> =>
  ctx.actor.self.practitioner === practitioner || (await keptAtDesk(ctx, 'practitioner', practitioner)) !== undefined

/** Those, or an administrator. */
export const maySee = async (ctx: TransactionContext<Tables>, practitioner: string): Promise<boolean> =>
  isAdministrator(ctx) || (await mayKeep(ctx, practitioner))

function checkDates({ validFrom, validUntil }: Pick<Facts, 'validFrom' | 'validUntil'>, now: Date): void {
  if (validFrom < '1900-01-01') throw wrong('/body/validFrom', 'must be 1900-01-01 or later')
  if (validUntil < validFrom) throw wrong('/body/validUntil', 'must not be before validFrom')
  if (validUntil < now.toISOString().slice(0, 10)) throw wrong('/body/validUntil', 'must not be past')
  if (Number(validUntil.slice(0, 4)) - Number(validFrom.slice(0, 4)) > LONGEST_YEARS)
    throw wrong('/body/validUntil', `must be within ${LONGEST_YEARS} years of validFrom`)
}

export function createLicence(ctx: Ctx, practitioner: string, given: Facts): Promise<View> {
  checkCountry(given.country)
  const now = ctx.now()
  checkDates(given, now)
  const { number, issuer, country, validFrom: valid_from, validUntil: valid_until } = given
  return projected(ctx, async (ctx) => {
    if (!(await mayKeep(ctx, practitioner))) throw notThere('practitioner')
    const facts = { number, issuer, country, valid_from, valid_until }
    const row = { id: newId(), practitioner_id: practitioner, ...facts, created_at: now, updated_at: now }
    auditLicence(ctx, 'C', row)
    return toLicence(await queries.insertLicence(ctx.db, row))
  })
}

/** Corrects what has not been verified; whoever decides looks at it anew. */
export function updateLicence(
  ctx: Ctx,
  id: string,
  change: Static<typeof contract.updateLicence.body>,
  version: number,
): Promise<View> {
  checkCountry(change.country)
  return projected(ctx, async (ctx) => {
    const row = await lockOwnLicence(ctx, id)
    if (row.version !== version) throw changedMeanwhile()
    const { validFrom = row.valid_from, validUntil = row.valid_until, ...rest } = change
    checkDates({ validFrom, validUntil }, ctx.now())
    const facts = { ...rest, valid_from: validFrom, valid_until: validUntil }
    auditLicence(ctx, 'U', row)
    return toLicence(await queries.updateLicence(ctx.db, id, { ...facts, ...undecided }, ctx.now()))
  })
}

export const undecided = { status: 'pending', reason: null, decided_by: null, decided_at: null }

/** A licence that the caller keeps, locked; what has been verified is closed to change. */
export async function lockOwnLicence(ctx: TransactionContext<Tables>, id: string) {
  const row = await queries.lockLicence(ctx.db, id)
  if (!row || !(await mayKeep(ctx, row.practitioner_id))) throw notThere('licence')
  if (row.status === 'verified' || row.status === 'revoked')
    throw new Problem('business-rule', `A ${row.status} licence stays as it is. Add a new one for what has changed.`)
  return row
}

export function listLicences(
  ctx: Ctx,
  practitioner: string,
  { limit = 20, cursor }: Static<typeof contract.listLicences.query>,
): Promise<Page> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return shown(ctx, limit, async (ctx) => {
    if (!(await maySee(ctx, practitioner))) throw notThere('practitioner')
    return queries.licencesOf(ctx.db, practitioner, before, limit)
  })
}

export function searchLicences(
  ctx: Ctx,
  { status, endsWithin, limit = 20, cursor }: Static<typeof contract.searchLicences.query>,
): Promise<Page> {
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const [from, days] = [ctx.now(), endsWithin ?? 0]
  const ending = days > 0 ? { from, until: new Date(from.getTime() + days * 86_400_000) } : undefined
  return shown(ctx, limit, (ctx) => queries.licencesWith(ctx.db, status, after, limit, ending))
}

function shown(
  ctx: Ctx,
  limit: number,
  find: (ctx: TransactionContext<Tables>) => Promise<queries.LicenceRow[]>,
): Promise<Page> {
  return transact(ctx, async (ctx) => {
    const rows = await find(ctx)
    for (const row of rows.slice(0, limit)) auditLicence(ctx, 'R', row)
    return pageOf(rows, limit, ({ id }) => [id], toLicence)
  })
}
