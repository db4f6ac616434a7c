import { faultsIn } from '#fhir/projection/mend.ts'
import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import type { Tables } from './database.ts'
import { erase } from './erase.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { outline } from './outline.ts'
import { projector } from './projection/projector.ts'
import { routes } from './routes.ts'
import { sealed } from './seal-identifiers.ts'
import { subscriptions } from './subscriptions.ts'

export const registry: Service<Tables> = {
  ...outline,
  routes,
  subscriptions,
  jobs,
  sealed,
  aboutPerson,
  erase,
  metrics,
  faults: faultsIn(projector),
}
