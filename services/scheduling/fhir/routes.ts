import { type Exchange, type Route, route } from '#platform/service.ts'
import * as appointments from '../contract/fhir/appointments.ts'
import * as slots from '../contract/fhir/slots.ts'
import type { SchedulingTables } from '../tables.ts'
import { readVisit, searchVisits } from './search-appointments.ts'
import { readSchedule, searchSchedules } from './search-schedules.ts'
import { readSlot, searchSlots } from './search-slots.ts'

const askedBy = (exchange: Exchange | undefined) => ({ prefer: exchange?.request.headers.prefer })

export const fhirRoutes: Route<SchedulingTables>[] = [
  route(slots.readFhirSchedule, (ctx, { params }) => readSchedule(ctx, params.id)),
  route(slots.searchFhirSchedules, (ctx, { query }, exchange) => searchSchedules(ctx, query, askedBy(exchange))),
  route(slots.readFhirSlot, (ctx, { params }) => readSlot(ctx, params.id)),
  route(slots.searchFhirSlots, (ctx, { query }, exchange) => searchSlots(ctx, query, askedBy(exchange))),
  route(appointments.readFhirAppointment, (ctx, { params }) => readVisit(ctx, params.id)),
  route(appointments.searchFhirAppointments, (ctx, { query }, exchange) => searchVisits(ctx, query, askedBy(exchange))),
]
