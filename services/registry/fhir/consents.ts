import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { isUuid, referenceOf, usedOf } from '#fhir/search.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { answersFor, auditConsent } from '../consents.ts'
import { type FhirConsent, searchFhirConsents } from '../contract/fhir/consents.ts'
import type { Tables } from '../database.ts'
import { consentInFhir } from '../person-fhir.ts'
import { newestConsents, patientOfConsent } from '../queries/consents.ts'

type Ctx = Context<Tables>
type Shown = Static<typeof FhirConsent>

/** Of an answer that a newer one has replaced there is none. */
export async function readConsent(ctx: Ctx, id: string): Promise<Shown> {
  const patient = isUuid(id) ? await patientOfConsent(ctx.db, id) : undefined
  const found = patient === undefined ? undefined : (await newest(ctx, patient)).find((one) => one.id === id)
  if (!found) throw new Problem('not-found', 'There is no such resource, or you may not see it.')
  return found
}

export async function searchConsents(
  ctx: Ctx,
  query: Static<typeof searchFhirConsents.query>,
  prefer: string | string[] | undefined,
): Promise<Static<typeof searchFhirConsents.response>> {
  const used = usedOf(searchFhirConsents, query, prefer)
  const base = `${ctx.config.PUBLIC_URL}${FHIR_BASE}`
  const patient = referenceOf('patient', query.patient, { types: ['Patient'], base })?.id ?? ctx.actor.self.patient
  if (patient === undefined)
    throw new Problem('invalid', 'Say whose it is: patient=Patient/….', {
      errors: [{ pointer: '/query/patient', detail: 'is missing' }],
    })
  return searchset({ base, path: 'Consent', used }, { items: isUuid(patient) ? await newest(ctx, patient) : [] })
}

/** None for whoever does not answer for the patient. There are no more than there are questions. */
const newest = (ctx: Ctx, patient: string): Promise<Shown[]> =>
  transact(ctx, async (ctx) => {
    const relationship = await answersFor(ctx, patient)
    if (!relationship) return []
    auditConsent(ctx, 'R', patient, relationship)
    return (await newestConsents(ctx.db, patient)).map((row) => consentInFhir(row, true) as Shown)
  })
