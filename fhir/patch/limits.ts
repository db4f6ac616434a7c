import { Problem } from '#platform/errors.ts'
import { copyOf, isObject } from '../json-value.ts'
import type { Resource } from '../resource.ts'

// What holds for every kind of patch.

export const MAX_OPERATIONS = 1_000

/** Characters copied and places passed by one patch: a fifth of a second's work, and more than the largest resource needs. */
const MAX_WORK = 20_000_000

/** Counts work. @throws Problem `too-long` when a patch takes, or makes, more than it may */
export function spender(): (size: number) => void {
  let left = MAX_WORK
  return (size) => {
    left -= size
    if (left < 0)
      throw new Problem('too-long', 'The patch would take too long, or make too much; send the whole resource.')
  }
}

/** @throws Problem `business-rule`: it is no longer the same resource; `invalid`: it is nested too deeply */
export function samePatched(before: Resource, after: unknown): Resource {
  if (!isObject(after) || after.resourceType !== before.resourceType || after.id !== before.id)
    throw new Problem('business-rule', 'A patch may change neither resourceType nor id; nothing was changed.')
  return copyOf(after) as Resource
}
