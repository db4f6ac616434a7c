import type { Kysely } from 'kysely'
import { isSame } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { type Kept, versionsWithin } from '#fhir/rooms/read.ts'
import { changedBy } from '#fhir/store/changed-by.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { RecordsTables } from '../tables.ts'
import { type Body, readFields } from './fields.ts'
import { isRetracted, type Kind } from './kinds.ts'

/** Refuses who has read an earlier version than there is, and says what changed since, by whom and when. */
export async function expectVersion(
  ctx: TransactionContext<RecordsTables>,
  { kind, patient, now, version }: { kind: Kind; patient: string; now: Kept; version: number },
): Promise<void> {
  if (now.meta.versionId === String(version)) return
  const { type } = kind
  const [was] = (await versionsWithin(ctx, [{ type, id: now.id, version }])).values()
  const by = await changedBy(ctx.db as unknown as Kysely<unknown>, { entity: `${type}/${now.id}`, patient })
  throw new Problem('lock-error', 'The entry has changed since you read it. Read it again.', {
    details: {
      changes: was === undefined ? [] : changesBetween(kind, was, now),
      ...(by !== undefined && { by }),
      at: now.meta.lastUpdated,
      current: `"${now.meta.versionId}"`,
    },
  })
}

/** In the fields of /v1; what it has no field for is `other`. */
function changesBetween(kind: Kind, was: Resource, now: Resource): object[] {
  const [before, after] = [shownOf(kind, was), shownOf(kind, now)]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const fields = [...names].filter((name) => !isSame(before[name], after[name]))
  if (fields.length === 0) return [{ field: 'other' }]
  return fields.map((field) => ({ field, before: before[field], now: after[field] }))
}

/** The fields of a resource, with the word of whatever was entered in error. */
export const shownOf = (kind: Kind, resource: Resource): Body => ({
  ...readFields(resource, kind.fields),
  ...(isRetracted(resource) && { status: 'entered-in-error', verification: undefined }),
})
