import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import type { Tables } from './database.ts'
import { erase } from './erase.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { mountOAuth } from './oauth/routes.ts'
import { outline } from './outline.ts'
import { routes } from './routes.ts'
import { sealed } from './sealed.ts'

export const identity: Service<Tables> = {
  ...outline,
  routes,
  aboutPerson,
  erase,
  sealed,
  subscriptions: [],
  jobs,
  metrics,
  mount: mountOAuth,
}
