import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import type { OutputOf } from '#platform/operation.ts'
import { transact } from '#platform/transaction.ts'
import { notThere } from './caller.ts'
import type * as contract from './contract.ts'
import type { Tables } from './database.ts'
import { auditPractitioner } from './practitioners.ts'
import { factsOf, namesOf, patient } from './queries/patients.ts'
import { place } from './queries/places.ts'
import { practitionerCard } from './queries/practitioners.ts'

type Ctx = Context<Tables>
type PractitionerCard = OutputOf<typeof contract.readPractitionerCard>

export function readPractitionerCard(ctx: Ctx, id: string): Promise<PractitionerCard> {
  return transact(ctx, async (ctx) => {
    const row = await practitionerCard(ctx.db, id, ctx.now())
    if (!row) throw notThere('practitioner')
    auditPractitioner(ctx, 'R', id)
    return {
      id,
      ...(row.account_id !== null && { account: row.account_id }),
      name: row.name,
      gender: row.gender as PractitionerCard['gender'],
      languages: row.languages,
      specialities: row.specialities,
      ...(row.licensed_from !== null && { licensedFrom: row.licensed_from.toISOString() }),
      ...(row.licensed_until !== null && { licensedUntil: row.licensed_until.toISOString() }),
      ...(row.organisation_id !== null && { organisation: row.organisation_id }),
    }
  })
}

export async function readPlaceCard(ctx: Ctx, id: string): Promise<OutputOf<typeof contract.readPlaceCard>> {
  const row = await place(ctx.db, id)
  if (!row) throw notThere('place')
  const { name, zone, latitude, longitude, organisation_id: organisation } = row
  return { id, name, zone, latitude, longitude, ...(organisation !== null && { organisation }) }
}

export function readPatientCard(ctx: Ctx, id: string): Promise<OutputOf<typeof contract.readPatientCard>> {
  return transact(ctx, async (ctx) => {
    const row = await patient(ctx.db, id)
    if (!row) throw notThere('patient')
    audit(ctx, { action: 'R', entity: `Patient/${id}`, subject: `Patient/${id}` })
    const { name, language, zone, account_id } = row
    return { id, name, language, zone, ...(account_id !== null && { account: account_id }) }
  })
}

export const readPatientNames = async (
  ctx: Ctx,
  patients: readonly string[],
): Promise<OutputOf<typeof contract.readPatientNames>> => ({
  items: patients.length === 0 ? [] : await namesOf(ctx.db, patients),
})

export const readPatientFacts = async (
  ctx: Ctx,
  { patients, at }: { patients: readonly string[]; at: string },
): Promise<OutputOf<typeof contract.readPatientFacts>> => ({
  items: (await factsOf(ctx.db, patients, at)) as OutputOf<typeof contract.readPatientFacts>['items'],
})
