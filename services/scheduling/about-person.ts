import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { busyCalendarFacts } from './calendars/queries/busy.ts'
import { feedFacts } from './calendars/queries/feeds.ts'
import { numbersOf } from './day/queries/people.ts'
import { appointmentInFhir } from './fhir/appointment.ts'
import { appointmentsOf, policiesOfPerson, schedulesOfPerson, servicesOfPerson } from './queries/people.ts'
import { turnedAwayOf } from './queries/turned-away.ts'
import type { SchedulingTables } from './tables.ts'
import { entriesOfPerson } from './waitlist/queries/entries.ts'

type Row = Awaited<ReturnType<typeof appointmentsOf>>[number]

const toFhir = (patient: string, row: Row, publicUrl: string) =>
  appointmentInFhir(
    {
      id: row.id,
      status: row.status,
      patient,
      practitioner: row.practitioner_id,
      practitionerName: row.practitioner ?? undefined,
      mode: row.mode,
      start: row.start_at.toISOString(),
      end: row.end_at.toISOString(),
      created: row.created_at.toISOString(),
      reason: row.reason ?? undefined,
      cancelReason: row.cancel_reason ?? undefined,
      cancelNote: row.cancel_note ?? undefined,
    },
    publicUrl,
  )

export async function aboutPerson(
  { db, config }: Context<SchedulingTables>,
  { account, patient, practitioner }: Person,
): Promise<AboutPerson> {
  const appointments = patient === undefined ? [] : await appointmentsOf(db, patient)
  const waiting = patient === undefined ? [] : await entriesOfPerson(db, patient)
  const tried = patient === undefined ? [] : await turnedAwayOf(db, patient)
  const numbers = patient === undefined ? [] : await numbersOf(db, patient)
  const schedules = practitioner === undefined ? [] : await schedulesOfPerson(db, practitioner)
  const services = practitioner === undefined ? [] : await servicesOfPerson(db, practitioner)
  const policies = practitioner === undefined ? [] : await policiesOfPerson(db, practitioner)
  const calendars = practitioner === undefined ? [] : await busyCalendarFacts(db, practitioner)
  const feeds = account === undefined ? [] : await feedFacts(db, account)
  return {
    data: {
      Appointments: appointments,
      'Waiting lists': waiting,
      'Tries for a time where there was none': tried,
      'Numbers in waiting rooms': numbers,
      'Hours offered': schedules,
      'Services offered': services,
      'Booking policy': policies,
      'Calendars elsewhere': calendars,
      'Feeds for calendar programs': feeds,
    },
    fhir: patient === undefined ? [] : appointments.map((row) => toFhir(patient, row, config.PUBLIC_URL)),
  }
}
