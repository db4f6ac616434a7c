import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { type KeyRing, keysForFinding, keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { isAdministrator, notThere, unless, wrong } from './caller.ts'
import type * as contract from './contract/identifiers.ts'
import type { Tables } from './database.ts'
import { checkCountry } from './facts.ts'
import * as queries from './queries/identifiers.ts'
import { visiblePatient } from './queries/patients.ts'
import { boundTo, indexesOf, lastOf, normalised, seal } from './seal-identifiers.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = Static<typeof contract.Identifier>
type Of = 'patient' | 'practitioner'

const toIdentifier = (row: queries.IdentifierRow): View => ({
  id: row.id,
  kind: row.kind as View['kind'],
  country: row.country,
  ...(row.issuer !== null && { issuer: row.issuer }),
  last: row.last,
  verified: row.verified_at !== null,
  createdAt: row.created_at.toISOString(),
})

const ownerOf = (of: Of, id: string): queries.Owner => (of === 'patient' ? { patient_id: id } : { practitioner_id: id })

function auditIdentifier(ctx: Tx, action: 'C' | 'R' | 'U' | 'D', row: queries.IdentifierRow, reason?: string): void {
  const subject = row.patient_id === null ? `Practitioner/${row.practitioner_id}` : `Patient/${row.patient_id}`
  audit(ctx, { action, entity: `Identifier/${row.id}`, subject, reason })
}

/** Oneself, and administrators, for whom the person must be there. */
async function requireWriter(ctx: Pick<Ctx, 'db' | 'actor'>, of: Of, id: string): Promise<void> {
  if (ctx.actor.self[of] !== id && !isAdministrator(ctx)) throw notThere(of)
  if (!(await queries.isThere(ctx.db, ownerOf(of, id)))) throw notThere(of)
}

const MINIMUM = 5

export type NewNumber = InputOf<typeof contract.createPatientIdentifier>['body']

const factsOf = ({ kind, country, issuer }: Pick<NewNumber, 'kind' | 'country' | 'issuer'>) => ({
  ...{ kind, country },
  issuer: issuer ?? null,
})

function check({ country, kind, issuer, value }: NewNumber): void {
  checkCountry(country)
  if ([...normalised(value)].length < MINIMUM) throw wrong('/body/value', 'must have at least five letters or digits')
  if (kind === 'insurance' && issuer === undefined)
    throw wrong('/body/issuer', 'is needed: numbers of two insurers may be the same')
}

const taken = () =>
  new Problem(
    'duplicate',
    'This number is verified for somebody else. Check it, and ask an administrator if it is right.',
  )

/** An administrator has seen the paper; what people say of themselves is a claim. */
export async function createIdentifier(ctx: Ctx, of: Of, subject: string, given: NewNumber): Promise<View> {
  check(given)
  await requireWriter(ctx, of, subject)
  await requireKey(ctx)
  const seen = isAdministrator(ctx) && ctx.actor.self[of] !== subject
  return unless('identifier_verified_once', taken, () =>
    transact(ctx, async (ctx) => {
      await requireWriter(ctx, of, subject) // once more: erasure may have been first
      return insertNumber(ctx, { of, subject, seen }, given, await keysForWriting(ctx))
    }),
  )
}

interface Whose {
  of: Of
  subject: string
  /** The paper, by an administrator. */
  seen: boolean
}

async function insertNumber(ctx: Tx, { of, subject, seen }: Whose, given: NewNumber, { current, indexing }: KeyRing) {
  const facts = { id: newId(), ...factsOf(given) }
  const row = {
    ...facts,
    ...ownerOf(of, subject),
    sealed: seal(current, facts, given.value),
    last: lastOf(given.value),
    ...(seen && { verified_by: accountOf(ctx), verified_at: ctx.now() }),
    created_at: ctx.now(),
  }
  const made = await queries.insertIdentifier(ctx.db, row, indexesOf(indexing, of, facts, given.value))
  auditIdentifier(ctx, 'C', made)
  return toIdentifier(made)
}

/** What people say of themselves with the rest of their profile: a claim, once. */
export async function claimNumber(ctx: Tx, of: Of, subject: string, given: NewNumber): Promise<void> {
  check(given)
  await requireKey(ctx)
  const keys = await keysForWriting(ctx)
  const indexes = indexesOf(keys.indexing, of, factsOf(given), given.value)
  const there = await queries.found(ctx.db, indexes, 1, ownerOf(of, subject))
  if (there.length === 0) await insertNumber(ctx, { of, subject, seen: false }, given, keys)
}

export function listIdentifiers(
  ctx: Ctx,
  of: Of,
  subject: string,
  { limit = 20, cursor }: InputOf<typeof contract.listPatientIdentifiers>['query'],
): Promise<OutputOf<typeof contract.listPatientIdentifiers>> {
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    await requireReader(ctx, of, subject)
    const rows = await queries.identifiersOf(ctx.db, ownerOf(of, subject), after, limit)
    for (const row of rows.slice(0, limit)) auditIdentifier(ctx, 'R', row)
    return pageOf(rows, limit, ({ id }) => [id], toIdentifier)
  })
}

async function requireReader(ctx: Tx, of: Of, id: string): Promise<void> {
  const seen = of === 'patient' && (await visiblePatient(ctx.db, id, accountOf(ctx), ctx.now()))
  // A desk sees who somebody is, and no more.
  if (!seen || seen.relationship === 'desk') await requireWriter(ctx, of, id)
}

export function deleteIdentifier(ctx: Ctx, of: Of, subject: string, id: string): Promise<void> {
  return transact(ctx, async (ctx) => {
    await requireWriter(ctx, of, subject)
    const row = await queries.identifier(ctx.db, id)
    if (!row || !(await queries.deleteIdentifier(ctx.db, ownerOf(of, subject), id))) throw notThere('identifier')
    auditIdentifier(ctx, 'D', row)
  })
}

export function verifyIdentifier(ctx: Ctx, id: string): Promise<View> {
  return unless('identifier_verified_once', taken, () =>
    transact(ctx, async (ctx) => {
      const row = await queries.setVerified(ctx.db, id, accountOf(ctx), ctx.now())
      if (!row) throw notThere('identifier')
      auditIdentifier(ctx, 'U', row)
      return toIdentifier(row)
    }),
  )
}

const FOUND = 20

export async function searchIdentifiers(
  ctx: Ctx,
  given: InputOf<typeof contract.searchIdentifiers>['body'],
): Promise<OutputOf<typeof contract.searchIdentifiers>> {
  check(given)
  return transact(ctx, async (ctx) => {
    const indexes = indexesOf(await keysForFinding(ctx), given.of, factsOf(given), given.value)
    const rows = indexes.length > 0 ? await queries.found(ctx.db, indexes, FOUND) : []
    for (const row of rows) auditIdentifier(ctx, 'R', row, 'search')
    return {
      items: rows.map((row) => ({
        ...(row.patient_id !== null && { patient: row.patient_id }),
        ...(row.practitioner_id !== null && { practitioner: row.practitioner_id }),
        identifier: toIdentifier(row),
      })),
    }
  })
}

export function revealIdentifier(
  ctx: Ctx,
  id: string,
  purpose: InputOf<typeof contract.revealIdentifier>['body']['purpose'],
): Promise<OutputOf<typeof contract.revealIdentifier>> {
  return transact(ctx, async (ctx) => {
    const row = await queries.identifier(ctx.db, id)
    const { patient, practitioner } = ctx.actor.self
    const own = row && (row.patient_id === null ? row.practitioner_id === practitioner : row.patient_id === patient)
    if (!row || !(own || isAdministrator(ctx))) throw notThere('identifier')
    auditIdentifier(ctx, 'R', row, purpose)
    return { id, value: await unseal(ctx, row.sealed, boundTo(row)) }
  })
}
