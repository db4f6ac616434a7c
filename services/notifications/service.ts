import type { Service } from '#platform/service.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { close, drain } from './open-things.ts'
import { outline } from './outline.ts'
import { aboutPerson, erase } from './person.ts'
import { routes } from './routes.ts'
import { sealed } from './sealed.ts'
import { attendLines } from './sms/smpp/attend.ts'
import { subscriptions } from './subscriptions.ts'
import type { NotificationsTables } from './tables.ts'

export const notifications: Service<NotificationsTables> = {
  ...outline,
  routes,
  aboutPerson,
  erase,
  sealed,
  subscriptions,
  jobs,
  metrics,
  mount: (_scope, ground) => attendLines(ground),
  drain,
  close,
}
