import { on, type Subscription } from '#platform/events.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import { followMerge } from './follow-merge.ts'

export const subscriptions: readonly Subscription[] = [on(patientMerged, followMerge), on(patientUnmerged, followMerge)]
