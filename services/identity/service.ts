import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { passwordChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { erase } from './erase.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { mountOAuth, OAUTH_ADDRESSES } from './oauth/routes.ts'
import { routes } from './routes.ts'
import { sealed } from './sealed.ts'

export const identity: Service<Tables> = {
  name: 'identity',
  purpose: 'Who signs in: accounts, passwords, codes, passkeys, sessions, granted roles, API keys, apps',
  resources: [],
  routes,
  aboutPerson,
  erase,
  sealed,
  events: [passwordChanged],
  subscriptions: [],
  jobs,
  metrics,
  mount: mountOAuth,
  mountedAt: OAUTH_ADDRESSES,
  migrations: new URL('./migrations/', import.meta.url),
}
