import type { PlanEntry } from '../bundle/plan.ts'
import type { Change } from '../store/change.ts'
import type { Stored } from '../store/read.ts'

/** What became of one entry that writes. */
export interface Done {
  entry: PlanEntry
  /** What was written; undefined where nothing had to be. */
  change: Pick<Change, 'type' | 'id' | 'version' | 'at' | 'method' | 'resource'> | undefined
  /** As it was before, where it was there. */
  before: Stored | undefined
}
