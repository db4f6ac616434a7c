import { on } from '#platform/events.ts'
import type { Service } from '#platform/service.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import { followMerge } from './follow-merge.ts'
import { taskJobs } from './occurrences/jobs.ts'
import { outline } from './outline.ts'
import { announceReviews } from './reviews.ts'
import { routes } from './routes.ts'
import type { CarePlansTables } from './tables.ts'

export const carePlans: Service<CarePlansTables> = {
  ...outline,
  routes,
  aboutPerson,
  erase,
  subscriptions: [on(patientMerged, followMerge), on(patientUnmerged, followMerge)],
  jobs: [...taskJobs, { name: 'announce-reviews', cron: '*/15 * * * *', run: announceReviews }],
}
