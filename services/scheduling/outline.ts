import { type Outline, operationsIn } from '#platform/outline.ts'
import * as registry from '../registry/contract.ts'
import { CALDAV_ADDRESSES } from './calendars/dav/addresses.ts'
import * as accessReport from './contract/access-report.ts'
import * as appointments from './contract/appointments.ts'
import * as board from './contract/board.ts'
import * as calendars from './contract/calendars.ts'
import * as day from './contract/day.ts'
import * as fhirAppointments from './contract/fhir/appointments.ts'
import * as fhirOperations from './contract/fhir/operations.ts'
import * as fhirPublish from './contract/fhir/publish.ts'
import * as fhirSlots from './contract/fhir/slots.ts'
import * as fhirWrites from './contract/fhir/writes.ts'
import * as finding from './contract/finding.ts'
import * as holidays from './contract/holidays.ts'
import * as policies from './contract/policies.ts'
import * as pools from './contract/pools.ts'
import * as queues from './contract/queues.ts'
import * as rebookings from './contract/rebookings.ts'
import * as schedules from './contract/schedules.ts'
import * as series from './contract/series.ts'
import * as services from './contract/services.ts'
import * as waitlist from './contract/waitlist.ts'
import * as contract from './contract.ts'
import { keeper } from './fhir/keeper.ts'

export const outline: Outline = {
  name: 'scheduling',
  purpose: 'When care is on offer and who takes it: hours, free slots, holds, appointments.',
  resources: ['HealthcareService', 'Schedule', 'Slot', 'Appointment', 'AppointmentResponse'],
  operations: operationsIn(
    contract,
    accessReport,
    appointments,
    board,
    calendars,
    day,
    fhirAppointments,
    fhirOperations,
    fhirPublish,
    fhirSlots,
    fhirWrites,
    finding,
    holidays,
    policies,
    pools,
    queues,
    rebookings,
    schedules,
    series,
    services,
    waitlist,
  ),
  events: [
    contract.appointmentBooked,
    contract.appointmentRescheduled,
    contract.appointmentCancelled,
    contract.seriesChanged,
    contract.appointmentArrived,
    contract.appointmentFulfilled,
    contract.appointmentMissed,
    contract.unbookedCalled,
    contract.unbookedReturned,
    contract.waitlistOfferMade,
  ],
  hears: [registry.practitionerChanged, registry.placeChanged, registry.patientMerged, registry.patientUnmerged],
  people: ['aboutPerson', 'erase'],
  keeper,
  planOnce: true,
  mountedAt: [...CALDAV_ADDRESSES, '/links/:token'],
  migrations: new URL('./migrations/', import.meta.url),
}
