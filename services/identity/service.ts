import type { Service } from '#platform/service.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import type { IdentityTables } from './tables.ts'

export const identity: Service<IdentityTables> = {
  name: 'identity',
  purpose: 'Who signs in: accounts, passwords, sessions, granted roles',
  resources: [],
  routes,
  events: [],
  subscriptions: [],
  jobs,
  migrations: new URL('./migrations/', import.meta.url),
}
