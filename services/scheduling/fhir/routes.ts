import { parametersIn } from '#fhir/parameters.ts'
import { type Exchange, type Route, route } from '#platform/service.ts'
import * as operations from '../contract/fhir/operations.ts'
import * as publish from '../contract/fhir/publish.ts'
import * as slots from '../contract/fhir/slots.ts'
import * as writes from '../contract/fhir/writes.ts'
import type { SchedulingTables } from '../tables.ts'
import { findTimes, type Sought } from './find-times.ts'
import { manifest, publicSchedules, publicSlots } from './publish.ts'
import { readSchedule, searchSchedules } from './search-schedules.ts'
import { readSlot, searchSlots } from './search-slots.ts'
import { bookTime, cancelVisit, holdTime } from './take-time.ts'
import { createVisit, updateVisit } from './write-visit.ts'

const askedBy = (exchange: Exchange | undefined) => ({ prefer: exchange?.request.headers.prefer })

export const fhirRoutes: Route<SchedulingTables>[] = [
  route(slots.readFhirSchedule, (ctx, { params }) => readSchedule(ctx, params.id)),
  route(slots.searchFhirSchedules, (ctx, { query }, exchange) => searchSchedules(ctx, query, askedBy(exchange))),
  route(slots.readFhirSlot, (ctx, { params }) => readSlot(ctx, params.id)),
  route(slots.searchFhirSlots, (ctx, { query }, exchange) => searchSlots(ctx, query, askedBy(exchange))),
  route(publish.readBulkManifest, (ctx, _input, exchange) => manifest(ctx, exchange)),
  route(publish.listPublicSchedules, (ctx, _input, exchange) => publicSchedules(ctx, exchange)),
  route(publish.listPublicSlots, (ctx, { params }, exchange) => publicSlots(ctx, params.monday, exchange)),
  route(operations.findFhirAppointments, (ctx, { query }) => findTimes(ctx, query, (name) => `/query/${name}`)),
  route(operations.findFhirAppointmentsByParameters, (ctx, { body }) => {
    const { parameters } = operations.findFhirAppointments.fhir.operation
    const { values, at } = parametersIn(body, parameters)
    return findTimes(ctx, values as Sought, at)
  }),
  route(writes.createFhirAppointment, (ctx, { body }) => createVisit(ctx, body)),
  route(writes.updateFhirAppointment, (ctx, { params, body, ifMatch }) => updateVisit(ctx, params.id, body, ifMatch)),
  route(operations.holdFhirAppointment, (ctx, { body }) => holdTime(ctx, body)),
  route(operations.bookFhirAppointment, (ctx, { body }) => bookTime(ctx, body)),
  route(operations.cancelFhirAppointment, (ctx, { params, body, ifMatch }) =>
    cancelVisit(ctx, params.id, body, ifMatch),
  ),
]
