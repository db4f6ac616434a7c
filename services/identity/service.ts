import type { Service } from '#platform/service.ts'
import type { Tables } from './database.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'

export const identity: Service<Tables> = {
  name: 'identity',
  purpose: 'Who signs in: accounts, passwords, sessions, granted roles',
  resources: [],
  routes,
  events: [],
  subscriptions: [],
  jobs,
  migrations: new URL('./migrations/', import.meta.url),
}
