import type { Static } from 'typebox'
import { prescribedCourse } from '#fhir/medicines/prescribed-course.ts'
import { findOf, type Kept, readWithin } from '#fhir/rooms/read.ts'
import { expectSees } from '#fhir/rooms/relationship.ts'
import { mayCall } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { listPrescriptions, Prescription, PrescriptionWhole } from '../contract/prescriptions.ts'
import type { CarePlansTables } from '../tables.ts'
import { byWeight } from './by-weight.ts'
import { readFhir, shownOf } from './prescription.ts'

type Ctx = Context<CarePlansTables>
type Whole = Static<typeof PrescriptionWhole>

export const noPrescription = () => new Problem('not-found', 'There is no such prescription, or you may not see it.')

const GO_ON = 'active,on-hold'

/** What goes on, and behind that what ended. */
export async function list(
  ctx: Ctx,
  patient: string,
  { include = 'active', limit = 20, cursor, tag }: Static<typeof listPrescriptions.query> & { tag: string },
): Promise<Static<typeof listPrescriptions.response>> {
  await expectSees(ctx, patient)
  const [part = 0, within = ''] = decodeCursor(cursor, ['integer', 'text']) ?? []
  const page = await findOf(
    ctx,
    'MedicationRequest',
    {
      ...{ patient, _sort: '-authoredon', _count: String(limit) },
      ...(part === 0 ? { status: GO_ON } : { 'status:not': GO_ON.split(',') }),
      ...(within !== '' && { cursor: String(within) }),
    },
    { isHeld: true },
  )
  const goesOn = page.next !== undefined ? [part, page.next] : part === 0 && include === 'all' ? [1, ''] : undefined
  return { items: await allShown(ctx, patient, page.resources, tag), ...(goesOn && { next: encodeCursor(goesOn) }) }
}

export async function read(
  ctx: Ctx,
  { patient, id, tag }: { patient: string; id: string; tag: string },
): Promise<Whole> {
  const { resources } = await findOf(ctx, 'MedicationRequest', { patient, _id: id }, { isHeld: true })
  const [resource] = resources
  if (!resource) throw noPrescription()
  const [shown] = await allShown(ctx, patient, resources, tag)
  const overridden = await overriddenIn(ctx, resource)
  return { ...(shown as Static<typeof Prescription>), ...(overridden.length > 0 && { overridden }) }
}

async function allShown(ctx: Ctx, patient: string, resources: readonly Kept[], tag: string) {
  const weights = await byWeight(
    ctx,
    patient,
    resources.map((one) => readFhir(one).weight),
  )
  return resources.map((resource, n) => {
    const weight = weights[n]
    const { lastDay, hasRunOut } = prescribedCourse(resource, ctx.now()) ?? {}
    return {
      ...shownOf(resource, tag),
      ...(lastDay !== undefined && { course: { lastDay, hasRunOut: hasRunOut === true } }),
      ...(weight && { byWeight: weight }),
    }
  })
}

interface Issue {
  code: { coding: { code: string }[] }
  severity: 'high' | 'moderate'
  implicated: { reference: string }[]
  mitigation: { action: { text: string } }[]
}

/** As the DetectedIssues of it say, in their order. */
async function overriddenIn(ctx: Ctx, resource: Kept): Promise<NonNullable<Whole['overridden']>> {
  const { issues } = readFhir(resource)
  if (issues.length === 0 || !mayCall(ctx.actor, { access: 'DetectedIssue.s', patient: '/params/id' })) return []
  const wanted = issues.map((id) => ({ type: 'DetectedIssue', id }))
  const found = await transact(ctx, (ctx) => readWithin(ctx, wanted))
  return wanted.flatMap(({ type, id }) => {
    const one = found.get(`${type}/${id}`)
    return one ? [overriddenOf(one)] : []
  })
}

function overriddenOf(one: Kept): NonNullable<Whole['overridden']>[number] {
  const { code, severity, implicated, mitigation } = one as unknown as Issue
  return {
    kind: code.coding[0]?.code === 'ALGY' ? 'allergy' : 'duplicate-therapy',
    ...{ with: implicated[1]?.reference ?? '', severity, reason: mitigation[0]?.action.text ?? '' },
  }
}
