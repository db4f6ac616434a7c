import { decodeCursor, pageOf } from '#platform/paging.ts'
import { type Route, route } from '#platform/service.ts'
import { accessReport } from './access-report.ts'
import { bookAppointment } from './book-appointment.ts'
import { bookFromPool } from './book-from-pool.ts'
import { calendarRoutes } from './calendars/routes.ts'
import { cancelAppointment } from './cancel-appointment.ts'
import * as reports from './contract/access-report.ts'
import * as appointments from './contract/appointments.ts'
import * as finding from './contract/finding.ts'
import * as holidays from './contract/holidays.ts'
import * as policies from './contract/policies.ts'
import * as pools from './contract/pools.ts'
import * as rebookings from './contract/rebookings.ts'
import * as schedules from './contract/schedules.ts'
import * as services from './contract/services.ts'
import { appointmentsMadeSince, bookedWithPractitioner, readAppointmentCards } from './contract.ts'
import { dayRoutes } from './day/routes.ts'
import { addException, exceptionsPage, removeException } from './exceptions.ts'
import { fhirRoutes } from './fhir/routes.ts'
import { findPractitioners } from './find-practitioners.ts'
import { giveBack, holdSlot } from './hold-slot.ts'
import { closePlace, holidaysPage, openPlaceAgain } from './holidays.ts'
import { linkRoutes } from './links/routes.ts'
import { listDays } from './list-days.ts'
import { listSlots } from './list-slots.ts'
import { checkKeeps, keeperOf, practitionerOf, toSchedule } from './own-calendar.ts'
import { changeSchedule, createSchedule, notThere, withdrawSchedule } from './place-hours.ts'
import { changePolicy, readPolicy } from './policies.ts'
import { madeSince } from './queries/merges.ts'
import { bookedWith } from './queries/people.ts'
import { keptSchedule, schedulesOf } from './queries/schedules.ts'
import { cardsOf, listAppointmentsOf, readAppointment } from './read-appointments.ts'
import { moveAll } from './rebooking/move-all.ts'
import { planMoves } from './rebooking/plan-moves.ts'
import { rebookingsPage } from './rebooking/tasks.ts'
import { rescheduleAppointment } from './reschedule-appointment.ts'
import { seriesRoutes } from './series/routes.ts'
import { changeService, createService, readService, servicesPage, withdrawService } from './services.ts'
import type { SchedulingTables } from './tables.ts'
import { bookTogether } from './together/book-together.ts'
import { declineAppointment } from './together/decline-appointment.ts'
import { listCommonSlots } from './together/list-common-slots.ts'
import { waitlistRoutes } from './waitlist/routes.ts'

export const routes: Route<SchedulingTables>[] = [
  route(schedules.createSchedule, (ctx, { body }) => createSchedule(ctx, body)),
  route(schedules.readSchedule, async (ctx, { params }) => {
    const row = await keptSchedule(ctx.db, params.id, keeperOf(ctx))
    if (!row) throw notThere()
    return toSchedule(row)
  }),
  route(schedules.listSchedules, async (ctx, { query: { practitioner: named, limit = 20, cursor } }) => {
    const practitioner = practitionerOf(ctx, named)
    await checkKeeps(ctx, practitioner)
    const [after] = decodeCursor(cursor, ['uuid']) ?? []
    const rows = await schedulesOf(ctx.db, practitioner, after as string | undefined, limit + 1)
    return pageOf(
      rows,
      limit,
      ({ id }) => [id],
      (row) => toSchedule(row),
    )
  }),
  route(schedules.updateSchedule, (ctx, { params, body, query, ifMatch }) =>
    changeSchedule(ctx, params.id, body, ifMatch, query.acceptAffected ?? false),
  ),
  route(schedules.deleteSchedule, (ctx, { params, query, ifMatch }) =>
    withdrawSchedule(ctx, params.id, ifMatch, query.acceptAffected ?? false),
  ),
  route(schedules.createException, (ctx, { params, body, query }) =>
    addException(ctx, params.id, body, query.acceptAffected ?? false),
  ),
  route(schedules.listExceptions, (ctx, { params, query }) => exceptionsPage(ctx, params.id, query)),
  route(schedules.deleteException, (ctx, { params, query }) =>
    removeException(ctx, params.id, params.exception, query.acceptAffected ?? false),
  ),
  route(holidays.createHolidays, (ctx, { params, body, query }) =>
    closePlace(ctx, params.id, body, query.acceptAffected ?? false),
  ),
  route(holidays.listHolidays, (ctx, { params, query }) => holidaysPage(ctx, params.id, query)),
  route(holidays.deleteHoliday, (ctx, { params }) => openPlaceAgain(ctx, params.id, params.holiday)),
  route(rebookings.listRebookings, (ctx, { query }) => rebookingsPage(ctx, query)),
  route(rebookings.planRebookings, (ctx, { body }) => planMoves(ctx, body)),
  route(rebookings.moveRebookings, (ctx, { body }) => moveAll(ctx, body)),
  route(services.createService, (ctx, { body }) => createService(ctx, body)),
  route(services.readService, (ctx, { params }) => readService(ctx, params.id)),
  route(services.listServices, (ctx, { params, query }) => servicesPage(ctx, params.id, query)),
  route(services.updateService, (ctx, { params, body, ifMatch }) => changeService(ctx, params.id, body, ifMatch)),
  route(services.deleteService, (ctx, { params, ifMatch }) => withdrawService(ctx, params.id, ifMatch)),
  route(finding.findPractitioners, (ctx, { query }) => findPractitioners(ctx, query)),
  route(finding.listDays, (ctx, { params, query }) => listDays(ctx, params.id, query)),
  route(finding.listCommonSlots, (ctx, { query }) => listCommonSlots(ctx, query)),
  route(finding.listSlots, (ctx, { params, query }) => listSlots(ctx, params.id, query)),
  route(appointments.createHold, (ctx, { body }) => holdSlot(ctx, body)),
  route(appointments.deleteHold, (ctx, { params }) => giveBack(ctx, params.id)),
  route(appointments.bookAppointment, (ctx, { body: { participants, ...body } }) =>
    participants === undefined ? bookAppointment(ctx, body) : bookTogether(ctx, { ...body, participants }),
  ),
  route(pools.bookFromPool, (ctx, { body }) => bookFromPool(ctx, body)),
  route(appointments.readAppointment, (ctx, { params }) => readAppointment(ctx, params.id)),
  route(appointments.listAppointments, (ctx, { query }) => listAppointmentsOf(ctx, query)),
  route(appointments.rescheduleAppointment, (ctx, { params, body, ifMatch }) =>
    rescheduleAppointment(ctx, params.id, body, ifMatch),
  ),
  route(appointments.cancelAppointment, (ctx, { params, body, ifMatch }) =>
    cancelAppointment(ctx, params.id, body, ifMatch),
  ),
  route(appointments.declineAppointment, (ctx, { params }) => declineAppointment(ctx, params.id)),
  ...seriesRoutes,
  ...waitlistRoutes,
  ...linkRoutes,
  route(policies.readPractitionerPolicy, (ctx, { params }) => readPolicy(ctx, 'Practitioner', params.id)),
  route(policies.updatePractitionerPolicy, (ctx, { params, body, ifMatch }) =>
    changePolicy(ctx, 'Practitioner', params.id, body, ifMatch),
  ),
  route(policies.readOrganisationPolicy, (ctx, { params }) => readPolicy(ctx, 'Organisation', params.id)),
  route(policies.updateOrganisationPolicy, (ctx, { params, body, ifMatch }) =>
    changePolicy(ctx, 'Organisation', params.id, body, ifMatch),
  ),
  route(reports.readAccessReport, (ctx, { query }) => accessReport(ctx, query)),
  ...calendarRoutes,
  ...fhirRoutes,
  ...dayRoutes,
  route(readAppointmentCards, (ctx, { body }) => cardsOf(ctx, body.appointments)),
  route(bookedWithPractitioner, async (ctx, { params, query: { since, until, after } }) => ({
    items: await bookedWith(ctx.db, params.id, {
      since: new Date(since),
      until: until === undefined ? undefined : new Date(until),
      after,
    }),
  })),
  route(appointmentsMadeSince, async (ctx, { params, query }) => ({
    items: await madeSince(ctx.db, params.id, query.since),
  })),
]
