import type { Service } from '#platform/service.ts'
import type { Tables } from './database.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { routes } from './routes.ts'

export const identity: Service<Tables> = {
  name: 'identity',
  purpose: 'Who signs in: accounts, passwords, codes, passkeys, sessions, granted roles',
  resources: [],
  routes,
  events: [],
  subscriptions: [],
  jobs,
  metrics,
  migrations: new URL('./migrations/', import.meta.url),
}
