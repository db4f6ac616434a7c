import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { sealed } from './calendars/access.ts'
import { CALDAV_ADDRESSES, mountCalDav } from './calendars/dav/routes.ts'
import { appointmentBooked, appointmentCancelled, appointmentRescheduled } from './contract.ts'
import { erase } from './erase.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import { subscriptions } from './subscriptions.ts'
import type { SchedulingTables } from './tables.ts'

export const scheduling: Service<SchedulingTables> = {
  name: 'scheduling',
  purpose: 'When care is on offer and who takes it: hours, free slots, holds, appointments.',
  resources: ['HealthcareService', 'Schedule', 'Slot', 'Appointment'],
  routes,
  aboutPerson,
  erase,
  sealed,
  events: [appointmentBooked, appointmentRescheduled, appointmentCancelled],
  subscriptions,
  jobs,
  mount: mountCalDav,
  mountedAt: CALDAV_ADDRESSES,
  planOnce: true,
  migrations: new URL('./migrations/', import.meta.url),
}
