import { showNew } from '#fhir/projection/show-new.ts'
import type { Change } from '#fhir/store/change.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { Tables } from '../database.ts'
import type { PatientFacts } from './queries.ts'
import { patientElements } from './to-fhir.ts'

export type NewPatientRow = Pick<PatientFacts, 'id' | 'name' | 'birth_date' | 'gender' | 'language' | 'zone'> &
  Partial<Pick<PatientFacts, 'phone' | 'email' | 'organisation_id'>>

/** Whom this transaction inserts, as FHIR; `said`: what a FHIR client said beyond the row. Sent behind both. */
export function showNewPatient(ctx: TransactionContext<Tables>, row: NewPatientRow, said: string | undefined): Change {
  const facts: PatientFacts = {
    ...{ phone: null, email: null, organisation_id: null, ...row },
    ...{ active: true, erased: false, survivor: null, replaced: [], said: said ?? null },
  }
  const elements = patientElements(facts, ctx.config.PUBLIC_URL)
  return showNew(ctx, { type: 'Patient', id: row.id, state: 'shown', elements })
}
