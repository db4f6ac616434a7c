import type { Static } from 'typebox'
import type { Activity } from '../contract/activities.ts'
import type { Category, PlanStatus } from '../contract.ts'

/** What of a plan it follows from what is to be done when: given in the transaction that writes the plan, each time that it changes. */
export interface PlannedPlan {
  id: string
  patient: string
  /** Only of a plan that is `active` is anything due. */
  status: Static<typeof PlanStatus>
  category: Static<typeof Category>
  /** The last day on which anything of it is done. */
  to?: string
  /** In which its schedules are. */
  zone: string
  /** All of them: what is not among them any more has been left out. */
  activities: readonly Static<typeof Activity>[]
}
