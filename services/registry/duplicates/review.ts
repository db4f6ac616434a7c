import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { toE164 } from '#platform/phone.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, notThere } from '../caller.ts'
import type * as contract from '../contract/duplicates.ts'
import type { Tables } from '../database.ts'
import { checkWorkplace } from '../desk/registrations.ts'
import { checkBirthDate } from '../facts.ts'
import * as queries from './queries/reviewing.ts'
import { candidatesFor } from './suspect.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = Static<typeof contract.Duplicate>
type Compared = View['patients'][number]
type ComparedRow = Awaited<ReturnType<typeof queries.comparedPatients>>[number]

/** Shown to administrators only, with an audit row for each person. */
const toCompared = ({ id, name, birth_date, gender, phone }: ComparedRow): Compared => ({
  patient: id,
  name,
  birthDate: birth_date,
  gender: gender as Compared['gender'],
  ...(phone !== null && { phoneEnding: phone.slice(-4) }),
})

async function comparedBy(ctx: Tx, ids: readonly string[]): Promise<Map<string, Compared>> {
  const rows = await queries.comparedPatients(ctx.db, ids)
  for (const { id } of rows)
    audit(ctx, { action: 'R', entity: `Patient/${id}`, subject: `Patient/${id}`, reason: 'duplicates' })
  return new Map(rows.map((row) => [row.id, toCompared(row)]))
}

/** Before somebody is registered: who may be there already. At a desk, among those whom its organisation looks after. */
export function findPossibleDuplicates(
  ctx: Ctx,
  { name, birthDate, gender = 'unknown', phone }: Static<typeof contract.findPossibleDuplicates.body>,
  organisation?: string,
): Promise<Static<typeof contract.findPossibleDuplicates.response>> {
  checkBirthDate(birthDate, ctx.now())
  const facts = { name, birthDate, gender, phone: phone === undefined ? null : toE164(phone, '/body/phone') }
  return transact(ctx, async (ctx) => {
    if (organisation !== undefined) await checkWorkplace(ctx, organisation)
    const found = await candidatesFor(
      ctx,
      facts,
      organisation === undefined ? undefined : { organisation, now: ctx.now() },
    )
    const people = await comparedBy(
      ctx,
      found.map(({ patient_id }) => patient_id),
    )
    return {
      items: found.flatMap(({ patient_id, score, agrees }) => {
        const person = people.get(patient_id)
        return person ? [{ ...person, score, agrees }] : []
      }),
    }
  })
}

function toDuplicate(row: queries.DuplicateRow, people: ReadonlyMap<string, Compared>): View {
  return {
    id: row.id,
    status: row.status as View['status'],
    score: row.score,
    agrees: row.agrees,
    patients: [row.one_id, row.other_id].flatMap((id) => people.get(id) ?? []),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.decided_at !== null && { decidedAt: row.decided_at.toISOString() }),
    version: row.version,
  }
}

const bothOf = (rows: readonly queries.DuplicateRow[]) => [
  ...new Set(rows.flatMap((row) => [row.one_id, row.other_id])),
]

export function listDuplicates(
  ctx: Ctx,
  { status = 'open', limit = 20, cursor }: Static<typeof contract.listDuplicates.query>,
): Promise<Static<typeof contract.listDuplicates.response>> {
  const after = decodeCursor(cursor, ['number', 'uuid'])
  return transact(ctx, async (ctx) => {
    const rows = await queries.listPairs(ctx.db, { status, after, limit })
    const people = await comparedBy(ctx, bothOf(rows.slice(0, limit)))
    return pageOf(
      rows,
      limit,
      ({ score, id }) => [score, id],
      (row) => toDuplicate(row, people),
    )
  })
}

export function dismissDuplicate(ctx: Ctx, id: string, reason: string, version: number): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.dismiss(ctx.db, id, { version, by: accountOf(ctx), reason, now: ctx.now() })
    if (!row) throw await whyNot(ctx, id, version)
    const people = await comparedBy(ctx, bothOf([row]))
    for (const patient of people.keys())
      audit(ctx, { action: 'U', entity: `Duplicate/${id}`, subject: `Patient/${patient}` })
    return toDuplicate(row, people)
  })
}

async function whyNot(ctx: Tx, id: string, version: number): Promise<Problem> {
  const row = await queries.pair(ctx.db, id)
  if (!row) return notThere('pair')
  if (row.version !== version) return changedMeanwhile()
  return new Problem('business-rule', 'This pair has been decided already.')
}
