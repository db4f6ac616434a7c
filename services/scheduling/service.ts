import { faultsIn } from '#fhir/projection/mend.ts'
import { closeStreams, drainStreams } from '#platform/open-streams.ts'
import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { sealed } from './calendars/access.ts'
import { CALDAV_ADDRESSES, mountCalDav } from './calendars/dav/routes.ts'
import {
  appointmentArrived,
  appointmentBooked,
  appointmentCancelled,
  appointmentFulfilled,
  appointmentMissed,
  appointmentRescheduled,
  seriesChanged,
  unbookedCalled,
  unbookedReturned,
  waitlistOfferMade,
} from './contract.ts'
import { erase } from './erase.ts'
import { keeper } from './fhir/keeper.ts'
import { jobs } from './jobs.ts'
import { LINK_ADDRESSES, mountLinks } from './links/routes.ts'
import { metrics } from './metrics.ts'
import { projector } from './projection/projector.ts'
import { routes } from './routes.ts'
import { subscriptions } from './subscriptions.ts'
import type { SchedulingTables } from './tables.ts'

export const scheduling: Service<SchedulingTables> = {
  name: 'scheduling',
  purpose: 'When care is on offer and who takes it: hours, free slots, holds, appointments.',
  resources: ['HealthcareService', 'Schedule', 'Slot', 'Appointment', 'AppointmentResponse'],
  routes,
  aboutPerson,
  erase,
  sealed,
  faults: faultsIn(projector),
  keeper,
  events: [
    appointmentBooked,
    appointmentRescheduled,
    appointmentCancelled,
    seriesChanged,
    appointmentArrived,
    appointmentFulfilled,
    appointmentMissed,
    unbookedCalled,
    unbookedReturned,
    waitlistOfferMade,
  ],
  subscriptions,
  jobs,
  metrics,
  planOnce: true,
  drain: drainStreams,
  close: closeStreams,
  async mount(scope, ground) {
    await scope.register((own) => mountCalDav(own, ground)) // it reads and refuses in ways of its own
    await mountLinks(scope, ground)
  },
  mountedAt: [...CALDAV_ADDRESSES, ...LINK_ADDRESSES],
  migrations: new URL('./migrations/', import.meta.url),
}
