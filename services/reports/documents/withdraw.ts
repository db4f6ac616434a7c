import { findWithin } from '#fhir/rooms/read.ts'
import { writeResources } from '#fhir/rooms/write.ts'
import type { TransactionContext } from '#platform/context.ts'
import { endSharing } from '../sharing/people.ts'
import type { ReportsTables } from '../tables.ts'
import { OWN, WITHDRAWN } from './codes.ts'

type Ctx = TransactionContext<ReportsTables>

/**
 * Two who were one are two again: summaries that were made of both meanwhile are withdrawn, and nobody opens them by links any more. What was signed stays what it was, for who may see both
 * (fhir/store/of-patient.ts). What it is found by says that it was an error: no practitioner does, so nobody signs it.
 */
export async function withdrawSummaries(
  ctx: Ctx,
  { survivor, mergedAt }: { survivor: string; mergedAt: string },
): Promise<void> {
  const of = { patient: survivor, category: `${OWN}|report`, type: `${OWN}|patient-summary`, status: 'current' }
  const asked = { ...of, date: `ge${mergedAt}`, _count: '1000' }
  for (let cursor: string | undefined; ; ) {
    const page = cursor === undefined ? asked : { ...asked, cursor }
    const own = { isHeld: true, isForHouse: true }
    const { resources, next } = await findWithin(ctx, 'DocumentReference', page, own)
    for (const { meta, extension = [], ...found } of resources) {
      const status = 'entered-in-error'
      const withdrawn = { url: WITHDRAWN, valueInstant: ctx.now().toISOString() }
      const kept = meta.security && { meta: { security: meta.security } }
      const resource = {
        ...found,
        ...kept,
        extension: [...(extension as object[]), withdrawn],
        status,
        docStatus: status,
      }
      await writeResources(ctx, [{ resource, version: Number(meta.versionId), isHeld: true }], { isPermitted: true })
      await endSharing(ctx, found.id)
    }
    if (next === undefined) return
    cursor = next
  }
}
