import type { Static } from 'typebox'
import { faultsIn } from '#fhir/dosage/faults.ts'
import type { Unchecked } from '#fhir/medicines/check.ts'
import { findWithin, type Kept } from '#fhir/rooms/read.ts'
import { expectTreats } from '#fhir/rooms/relationship.ts'
import { type Write, writeResources } from '#fhir/rooms/write.ts'
import { practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { NewPrescription, PrescriptionChange, renewPrescription } from '../contract/prescriptions.ts'
import { followPrescription } from '../occurrences/follow-prescription.ts'
import type { CarePlansTables } from '../tables.ts'
import { workedOut } from './by-weight.ts'
import { expectVersion } from './changes.ts'
import { inFhir, readFhir, type Written } from './prescription.ts'
import { lockPrescriptions } from './queries.ts'
import { noPrescription } from './read.ts'
import { expectSafe } from './speaks-against.ts'

type Ctx = Context<CarePlansTables>
type Tx = TransactionContext<CarePlansTables>
export type Overrides = Static<typeof NewPrescription>['overrides']

export interface Of {
  patient: string
  id: string
  version: number
}

/** Which one it became, and what it could not be compared with. */
export interface Done {
  id: string
  unchecked: Unchecked[]
}

/** Prescribes: compared with the record as it is in this transaction, in which nobody else prescribes to this patient. */
export async function prescribe(
  ctx: Ctx,
  patient: string,
  { overrides, ...asked }: Static<typeof NewPrescription>,
): Promise<Done> {
  expectPlain(asked)
  return alone(ctx, patient, async (ctx, by) => {
    const worked = await workedOut(ctx, patient, asked.doses)
    const at = ctx.now().toISOString()
    const fresh: Written = {
      ...{ ...asked, ...worked, id: newId(), patient, status: 'active', issues: [] },
      ...{ prescribedBy: by, by, prescribedAt: at },
    }
    return checkedAndWritten(ctx, fresh, { overrides })
  })
}

/** Changes what goes on; what it was is in its history. */
export async function change(
  ctx: Ctx,
  of: Of,
  { overrides, ...asked }: Static<typeof PrescriptionChange>,
): Promise<Done> {
  expectPlain(asked)
  return alone(ctx, of.patient, async (ctx, by) => {
    const { id, patient, status, statusReason, prescribedBy, prescribedAt, renews, issues, category } = await goingOn(
      ctx,
      of,
    )
    const worked = await workedOut(ctx, of.patient, asked.doses)
    const next: Written = {
      ...{ id, patient, status, prescribedBy, prescribedAt, issues, by },
      ...(category && { category }),
      ...(statusReason !== undefined && { statusReason }),
      ...(renews !== undefined && { renews }),
      ...{ ...asked, ...worked },
    }
    return checkedAndWritten(ctx, next, { overrides, version: of.version })
  })
}

/** The same again, as of now; the one before is completed. */
export async function renew(
  ctx: Ctx,
  of: Of,
  { overrides, doses, inTurn }: Static<typeof renewPrescription.body>,
): Promise<Done> {
  if (doses) expectPlain({ doses, ...(inTurn && { inTurn }) })
  return alone(ctx, of.patient, async (ctx, by) => {
    const { version, statusReason: _reason, ...before } = await goingOn(ctx, of)
    if (!doses && before.weight)
      throw new Problem('business-rule', 'It is dosed by weight, which is worked out anew. Say in `doses` how.', {
        errors: [{ pointer: '/body/doses', detail: 'is missing' }],
      })
    const { weight: _weight, inTurn: wasInTurn, ...same } = before
    const turns = doses ? inTurn : wasInTurn
    const next: Written = {
      ...{ ...same, ...(doses && (await workedOut(ctx, of.patient, doses))), ...(turns && { inTurn: true }) },
      ...{ id: newId(), status: 'active', issues: [], renews: of.id },
      ...{ prescribedBy: by, by, prescribedAt: ctx.now().toISOString() },
    }
    const ended: Written = { ...before, status: 'completed', by }
    const write = { resource: inFhir(ended, ctx.config.DEFAULT_LANGUAGE), version, isHeld: true }
    const done = await checkedAndWritten(ctx, next, { overrides, except: of.id, beside: [write] })
    await followPrescription(ctx, { id: of.id, isActive: true, renewal: done.id })
    return done
  })
}

/** One who prescribes, for this patient; who comes second sees what the first has written. */
export async function alone<R>(ctx: Ctx, patient: string, act: (ctx: Tx, by: string) => Promise<R>): Promise<R> {
  return transact(ctx, async (ctx) => {
    await expectTreats(ctx, patient)
    const practitioner = practising(ctx)
    if (practitioner === undefined)
      throw new Problem('forbidden', 'Only a practitioner with a verified licence prescribes.')
    await lockPrescriptions(ctx.db, patient)
    return act(ctx, `Practitioner/${practitioner}`)
  })
}

function expectPlain(regimen: Parameters<typeof faultsIn>[0]): void {
  const errors = faultsIn(regimen)
  if (errors.length > 0) throw new Problem('business-rule', 'Nobody could follow this; see errors.', { errors })
}

/** As it is now, for whoever has read it so. */
export async function current(ctx: Tx, { patient, id, version }: Of): Promise<ReturnType<typeof readFhir>> {
  const { resources } = await findWithin(ctx, 'MedicationRequest', { patient, _id: id }, { isHeld: true })
  const [now] = resources as [Kept?]
  if (!now) throw noPrescription()
  await expectVersion(ctx, now, version)
  return readFhir(now)
}

/** Of what is over nothing changes any more. */
export async function goingOn(ctx: Tx, of: Of): Promise<ReturnType<typeof readFhir>> {
  const now = await current(ctx, of)
  if (now.status !== 'active' && now.status !== 'on-hold')
    throw new Problem('business-rule', 'It is over, and stays as it is. Prescribe it anew.')
  return now
}

export async function checkedAndWritten(
  ctx: Tx,
  next: Written,
  {
    overrides,
    except,
    version,
    beside = [],
  }: { overrides?: Overrides; except?: string; version?: number; beside?: Write[] },
): Promise<Done> {
  const { issues, unchecked } = await expectSafe(ctx, next, {
    ...(overrides && { overrides }),
    ...(except !== undefined && { except }),
  })
  const all = { ...next, issues: [...next.issues, ...issues.map(({ id }) => id)] }
  await writeResources(ctx, [
    ...issues.map((resource) => ({ resource, isHeld: true })),
    ...beside,
    { resource: inFhir(all, ctx.config.DEFAULT_LANGUAGE), version, isHeld: true },
  ])
  return { id: next.id, unchecked }
}
