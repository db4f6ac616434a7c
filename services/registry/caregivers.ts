import { randomInt } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, isAdministrator, notThere, unless } from './caller.ts'
import type * as contract from './contract/caregivers.ts'
import type { Tables } from './database.ts'
import { reachOf } from './facts.ts'
import { activityOf, checkOnlyActive } from './profiles/activity.ts'
import { projected } from './projection/projector.ts'
import * as queries from './queries/caregivers.ts'
import { insertGrant, lockMandatesOf, settleMandates } from './queries/grants.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Caregiver>

// A code is said aloud and copied by hand, so letters and digits that are taken for one another (0 O, 1 I L, U V) are left out.
// 30 to the eighth is 6.6 × 10¹¹: with a million caregivers a guess finds one in half a million tries, and gives no more than a mandate.
export const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const newCode = () => Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
export const foldCode = (code: string) => code.replaceAll('-', '').toUpperCase()

function toCaregiver(row: queries.CaregiverRow, account: string): View {
  return {
    id: row.id,
    name: row.name,
    language: row.language,
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.email !== null && { email: row.email }),
    ...(row.account_id === account && { code: `${row.code.slice(0, 4)}-${row.code.slice(4)}` }),
    active: row.deactivated_at === null,
    version: row.version,
  }
}

const auditCaregiver = (ctx: TransactionContext<Tables>, action: 'C' | 'R' | 'U', id: string) =>
  audit(ctx, { action, entity: `Caregiver/${id}`, subject: `Caregiver/${id}` })

export function createCaregiver(ctx: Ctx, given: Static<typeof contract.createCaregiver.body>): Promise<View> {
  const [id, account_id, now] = [newId(), accountOf(ctx), ctx.now()]
  const { name, language } = given
  const row = { id, account_id, name, language, ...reachOf(given), code: newCode(), created_at: now, updated_at: now }
  const insert = () =>
    transact(ctx, async (ctx) => {
      const made = await queries.insertCaregiver(ctx.db, row)
      const self = { relationship: 'self', subject_type: 'Caregiver', subject_id: id, powers: [], source_id: null }
      await insertGrant(ctx.db, { id: newId(), account_id, ...self, valid_from: now })
      auditCaregiver(ctx, 'C', id)
      return toCaregiver(made, account_id)
    })
  return unless('caregiver_one_per_account', onlyOne, () => unless('caregiver_code', unlucky, insert))
}

const onlyOne = () => new Problem('duplicate', 'You have a caregiver profile already; an account has one. Change that.')
const unlucky = () => new Problem('transient', 'The code that was drawn is taken; try again.')

export function readCaregiver(ctx: Ctx, id: string): Promise<View> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const row = await queries.visibleCaregiver(ctx.db, id, {
      account,
      patient: ctx.actor.self.patient ?? null,
      administrator: isAdministrator(ctx),
    })
    if (!row) throw notThere('caregiver')
    auditCaregiver(ctx, 'R', id)
    return toCaregiver(row, account)
  })
}

export function searchCaregivers(
  ctx: Ctx,
  { q, limit = 20, cursor }: Static<typeof contract.searchCaregivers.query>,
): Promise<Static<typeof contract.searchCaregivers.response>> {
  const account = accountOf(ctx)
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await queries.caregivers(ctx.db, { q, before, limit })
    const page = pageOf(
      rows,
      limit,
      ({ id }) => [id],
      (row) => toCaregiver(row, account),
    )
    for (const { id } of page.items) auditCaregiver(ctx, 'R', id)
    return page
  })
}

/** Out of use, also what patients let the caregiver do rests: see settleMandates. */
export function updateCaregiver(
  ctx: Ctx,
  id: string,
  given: Static<typeof contract.updateCaregiver.body>,
  version: number,
): Promise<View> {
  const account = accountOf(ctx)
  const { phone: _phone, email: _email, active, ...facts } = given
  return projected(ctx, async (ctx) => {
    if (active !== undefined) await lockMandatesOf(ctx.db, id)
    const was = await queries.caregiverBy(ctx.db, { id })
    if (!was || (was.account_id !== account && !isAdministrator(ctx))) throw notThere('caregiver')
    checkOnlyActive(was.account_id === account, given)
    if (was.version !== version) throw changedMeanwhile()
    const change = { ...facts, ...reachOf(given), ...activityOf(ctx, active, was) }
    const row = await queries.updateCaregiver(ctx.db, id, version, change, ctx.now())
    if (!row) throw changedMeanwhile()
    if (change.deactivated_by !== undefined) await settleMandates(ctx.db, { caregiver: id }, ctx.now())
    auditCaregiver(ctx, 'U', id)
    return toCaregiver(row, account)
  })
}
