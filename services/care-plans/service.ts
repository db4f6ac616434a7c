import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { outline } from './outline.ts'
import { routes } from './routes.ts'
import type { CarePlansTables } from './tables.ts'

export const carePlans: Service<CarePlansTables> = {
  ...outline,
  routes,
  aboutPerson,
  subscriptions: [],
  jobs: [],
}
