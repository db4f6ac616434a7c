import type { Service } from '#platform/service.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { close, drain } from './open-things.ts'
import { aboutPerson, erase } from './person.ts'
import { routes } from './routes.ts'
import { sealed } from './sealed.ts'
import { attendLines } from './sms/smpp/attend.ts'
import { subscriptions } from './subscriptions.ts'
import type { NotificationsTables } from './tables.ts'

export const notifications: Service<NotificationsTables> = {
  name: 'notifications',
  purpose: 'Tells people what concerns them: in the app, by e-mail, by text and in the browser.',
  resources: [],
  routes,
  aboutPerson,
  erase,
  sealed,
  events: [],
  subscriptions,
  jobs,
  metrics,
  mount: (_scope, ground) => attendLines(ground),
  migrations: new URL('./migrations/', import.meta.url),
  drain,
  close,
}
