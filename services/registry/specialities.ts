import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, notThere } from './caller.ts'
import type * as contract from './contract/specialities.ts'
import type { Tables } from './database.ts'
import { activity } from './desk/organisations.ts'
import * as queries from './queries/specialities.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Speciality>

const toSpeciality = ({ code, display, synonyms, version, deactivated_at }: queries.SpecialityRow): View => ({
  code,
  display,
  synonyms,
  active: deactivated_at === null,
  version,
})

export async function searchSpecialities(
  ctx: Ctx,
  { q, limit = 20, cursor }: Static<typeof contract.searchSpecialities.query>,
): Promise<Static<typeof contract.searchSpecialities.response>> {
  const key = decodeCursor(cursor, ['number', 'text'])
  const after = key && { score: key[0] as number, code: key[1] as string }
  const rows = await queries.searchSpecialities(ctx.db, q, after, limit)
  return pageOf(rows, limit, ({ score, code }) => [score, code], toSpeciality)
}

export async function readSpeciality(ctx: Ctx, code: string): Promise<View> {
  const row = await queries.speciality(ctx.db, code)
  if (!row) throw notThere('speciality')
  return toSpeciality(row)
}

export function createSpeciality(
  ctx: Ctx,
  given: Static<typeof contract.createSpeciality.body>,
): Promise<Static<typeof contract.Speciality>> {
  return transact(ctx, async (ctx) => {
    const row = await queries.insertSpeciality(ctx.db, given, ctx.now())
    if (!row) throw new Problem('duplicate', 'There is a speciality with this code already.')
    audit(ctx, { action: 'C', entity: `Speciality/${row.code}` })
    return toSpeciality(row)
  })
}

export function updateSpeciality(
  ctx: Ctx,
  code: string,
  { active, ...words }: Static<typeof contract.updateSpeciality.body>,
  version: number,
): Promise<View> {
  const change = { ...words, ...activity(active, { account: accountOf(ctx), now: ctx.now() }) }
  return transact(ctx, async (ctx) => {
    const row = await queries.updateSpeciality(ctx.db, code, version, change, ctx.now())
    if (!row) throw (await queries.speciality(ctx.db, code)) ? changedMeanwhile() : notThere('speciality')
    audit(ctx, { action: 'U', entity: `Speciality/${code}` })
    return toSpeciality(row)
  })
}
