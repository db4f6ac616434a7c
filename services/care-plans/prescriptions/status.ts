import { writeResources } from '#fhir/rooms/write.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { followPrescription } from '../occurrences/follow-prescription.ts'
import type { CarePlansTables } from '../tables.ts'
import { expectFresh } from './by-weight.ts'
import { alone, checkedAndWritten, current, type Done, goingOn, type Of, type Overrides } from './prescribe.ts'
import { inFhir, type Written } from './prescription.ts'

type Ctx = Context<CarePlansTables>

/** Held, stopped or entered in error, with why: what it said stays. */
export const end = (
  ctx: Ctx,
  of: Of,
  { status, reason }: { status: 'on-hold' | 'stopped' | 'entered-in-error'; reason: string },
): Promise<Done> =>
  alone(ctx, of.patient, async (ctx, by) => {
    const now = status === 'entered-in-error' ? await current(ctx, of) : await goingOn(ctx, of)
    if (now.status === status) throw new Problem('business-rule', `It is ${status} already.`)
    const next: Written = { ...now, status, statusReason: reason, by }
    await writeResources(ctx, [
      { resource: inFhir(next, ctx.config.DEFAULT_LANGUAGE), version: of.version, isHeld: true },
    ])
    await followPrescription(ctx, { id: of.id, isActive: false })
    return { id: of.id, unchecked: [] }
  })

/** What was held goes on, if nothing speaks against it by now. */
export const resume = (ctx: Ctx, of: Of, overrides: Overrides): Promise<Done> =>
  alone(ctx, of.patient, async (ctx, by) => {
    const { statusReason: _reason, ...now } = await goingOn(ctx, of)
    if (now.status !== 'on-hold') throw new Problem('business-rule', 'It is not on hold.')
    if (now.weight) await expectFresh(ctx, of.patient, now.weight)
    const next: Written = { ...now, status: 'active', by }
    const done = await checkedAndWritten(ctx, next, { ...(overrides && { overrides }), version: of.version })
    await followPrescription(ctx, { id: of.id, isActive: true })
    return done
  })
