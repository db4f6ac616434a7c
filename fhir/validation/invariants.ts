import type { Invariant } from './invariant.ts'
import { clinical } from './invariants-clinical.ts'
import { conformance } from './invariants-conformance.ts'
import { dataTypes } from './invariants-data-types.ts'
import { workflow } from './invariants-workflow.ts'

export const invariants: readonly Invariant[] = [...dataTypes, ...clinical, ...workflow, ...conformance]
