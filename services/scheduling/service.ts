import { faultsIn } from '#fhir/projection/mend.ts'
import { closeStreams, drainStreams } from '#platform/open-streams.ts'
import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { sealed } from './calendars/access.ts'
import { mountCalDav } from './calendars/dav/routes.ts'
import { erase } from './erase.ts'
import { jobs } from './jobs.ts'
import { mountLinks } from './links/routes.ts'
import { metrics } from './metrics.ts'
import { outline } from './outline.ts'
import { projector } from './projection/projector.ts'
import { routes } from './routes.ts'
import { subscriptions } from './subscriptions.ts'
import type { SchedulingTables } from './tables.ts'

export const scheduling: Service<SchedulingTables> = {
  ...outline,
  routes,
  aboutPerson,
  erase,
  sealed,
  faults: faultsIn(projector),
  subscriptions,
  jobs,
  metrics,
  drain: drainStreams,
  close: closeStreams,
  async mount(scope, ground) {
    await scope.register((own) => mountCalDav(own, ground)) // it reads and refuses in ways of its own
    await mountLinks(scope, ground)
  },
}
