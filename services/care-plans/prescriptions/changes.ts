import { isSame } from '#fhir/json-value.ts'
import { type Kept, versionsWithin } from '#fhir/rooms/read.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { CarePlansTables } from '../tables.ts'
import { type Prescription, shownOf } from './prescription.ts'

/** Refuses who has read an earlier version than there is, and says what changed since, by whom and when. */
export async function expectVersion(
  ctx: TransactionContext<CarePlansTables>,
  now: Kept,
  version: number,
): Promise<void> {
  if (now.meta.versionId === String(version)) return
  const [was] = (await versionsWithin(ctx, [{ type: 'MedicationRequest', id: now.id, version }])).values()
  const { reference } = now.recorder as { reference: string }
  throw new Problem('lock-error', 'The prescription has changed since you read it. Read it again.', {
    details: {
      changes: was ? changesBetween(was, now, ctx.config.DEFAULT_LANGUAGE) : [],
      ...{ by: reference, at: now.meta.lastUpdated, current: `"${now.meta.versionId}"` },
    },
  })
}

function changesBetween(was: Kept, now: Kept, tag: string): object[] {
  const said = ({ version: _version, changed: _changed, ...rest }: Prescription) => rest
  const [before, after] = [said(shownOf(was, tag)), said(shownOf(now, tag))]
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof typeof before>
  return [...names]
    .filter((name) => !isSame(before[name], after[name]))
    .map((field) => ({ field, before: before[field], now: after[field] }))
}
