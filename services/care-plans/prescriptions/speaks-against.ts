import type { Static } from 'typebox'
import { checkPrescription, type Unchecked } from '#fhir/medicines/check.ts'
import { detectedIssueOf, expectAnswered, type Overridden } from '#fhir/medicines/overrides.ts'
import type { Resource } from '#fhir/resource.ts'
import { categoriesOf, labelled } from '#fhir/rooms/labels.ts'
import { findAllWithin, type Kept } from '#fhir/rooms/read.ts'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import type { NewPrescription } from '../contract/prescriptions.ts'
import type { CarePlansTables } from '../tables.ts'
import type { Written } from './prescription.ts'

type Tx = TransactionContext<CarePlansTables>

/** All allergies of a patient, and what may still be taken (of a status that nobody knows, too), that whoever prescribes may see. */
async function knownOf(ctx: Tx, patient: string): Promise<{ allergies: Kept[]; medicines: Kept[] }> {
  const known = await findAllWithin(ctx, [
    ['AllergyIntolerance', { patient }],
    ['MedicationRequest', { patient, status: 'active,on-hold,unknown' }],
    ['MedicationStatement', { patient, status: 'active,intended,on-hold,unknown' }],
  ])
  const isAllergy = ({ resourceType }: Kept) => resourceType === 'AllergyIntolerance'
  return { allergies: known.filter(isAllergy), medicines: known.filter((one) => !isAllergy(one)) }
}

/** Compares it with the record. Throws where something speaks against it that `overrides` does not answer; else what there was, as it is kept. `except`: what it takes the place of. */
export async function expectSafe(
  ctx: Tx,
  {
    id,
    patient,
    what,
    ingredients,
    by,
    category = 'general',
  }: Pick<Written, 'id' | 'patient' | 'what' | 'ingredients' | 'by' | 'category'>,
  { overrides = [], except = id }: { overrides?: Static<typeof NewPrescription>['overrides']; except?: string },
): Promise<{ overridden: Overridden[]; unchecked: Unchecked[]; issues: (Resource & { id: string })[] }> {
  const known = await knownOf(ctx, patient)
  const checked = checkPrescription({ whole: what, ...(ingredients && { ingredients }) }, known, {
    now: ctx.now(),
    except: new Set([`MedicationRequest/${except}`]),
  })
  const overridden = expectAnswered(checked, overrides)
  const about = { patient, prescription: id, practitioner: by.split('/')[1] ?? '', at: ctx.now().toISOString() }
  const labels = new Map(
    [...known.allergies, ...known.medicines].map((one) => [`${one.resourceType}/${one.id}`, categoriesOf(one)]),
  )
  // What it is about tells of both.
  const issues = overridden.map((one) => ({
    ...detectedIssueOf(one, { ...about, id: newId() }),
    ...labelled([category, ...(labels.get(one.with) ?? [])]),
  }))
  return { overridden, unchecked: checked.unchecked, issues }
}
