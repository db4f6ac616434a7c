import type { TransactionContext } from '#platform/context.ts'
import { asRoom } from '#platform/transaction.ts'
import type { PlanEntry } from '../bundle/plan.ts'
import { faceOf, KEEPING_ROOM } from '../face.ts'
import type { Resource } from '../resource.ts'
import { carryOutWithin } from '../writing/carry-out.ts'

export interface Write {
  /** Whole, with its id: that of a new one is the room's to give. */
  resource: Resource & { id: string }
  /** The version that this was made from; undefined: it is new. */
  version?: number | undefined
  /** Nobody else changes it, neither by FHIR nor another room: what it says is signed, or follows from rows of the room. */
  isHeld?: boolean
  /** Of a new one that names a patient who became one with another: by whom they stand. */
  as?: ReadonlyMap<string, string>
}

/**
 * Writes FHIR resources of a record in a room's own transaction, as the FHIR face does: valid, permitted to whoever asks, versioned, found, audited, told to subscribers.
 * In their order, as they are from now on. Of a version that has been overtaken nothing is written: `lock-error`. What is about whom something else is about
 * (Provenance, Binary) may lead to what is written with it. `isPermitted`: the room has looked whether whoever asks may: a patient answers their practitioner, and does not
 * write in the record otherwise.
 */
export async function writeResources<T>(
  given: TransactionContext<T>,
  writes: readonly Write[],
  { isPermitted = false }: { isPermitted?: boolean } = {},
): Promise<(Resource & { id: string })[]> {
  const ctx = given as unknown as TransactionContext<unknown>
  const entries = writes.map((write, index) => entryOf(write, index, ctx.room))
  const plan = { type: 'transaction', entries, refused: [], size: writes.length } as const
  const face = faceOf(ctx.config)
  const by = {
    face: isPermitted ? { ...face, writer: { relationships: undefined } } : face,
    asked: { admit: () => ctx.actor },
  }
  // Under the role of the room that keeps them; the audit names the one that asks.
  const done = await asRoom(ctx, KEEPING_ROOM, (as) => carryOutWithin({ ...as, room: ctx.room }, plan, by))
  const written = new Map(done.map(({ entry, change }) => [entry.index, change?.resource]))
  return writes.map(({ resource }, index) => (written.get(index) ?? resource) as Resource & { id: string })
}

const entryOf = ({ resource, version, isHeld = false, as }: Write, index: number, room: string): PlanEntry => ({
  ...{ index, method: 'PUT', interaction: 'update', type: resource.resourceType, id: resource.id, resource },
  ...{ versionId: undefined, compartment: undefined, query: undefined, ifNoneExist: undefined, fullUrl: undefined },
  ...{ ifModifiedSince: undefined, heldBy: isHeld ? room : undefined, as },
  ifMatch: version === undefined ? undefined : [String(version)],
  ifNoneMatch: version === undefined ? '*' : undefined,
})
