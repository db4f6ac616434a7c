import { type Country, withClient } from './country.ts'
import type { Ask } from './messages.ts'
import { SEATS, tokenOf } from './people.ts'
import { dice } from './searches.ts'

// Starts at which somebody is free. Two of one practitioner never overlap, and a patient is wanted again only hours later: none of
// these bookings may be refused.
const SLOTS = `
  select s.practitioner_id as practitioner, s.resources <> '{}' as room, x.start, g.n, g.subject_id as patient
  from (
    select f.schedule_id, t as start, 1 + (row_number() over (order by t, f.schedule_id) % $1)::int as n
    from scheduling.free_range f join scheduling.schedule s on s.id = f.schedule_id
    cross join lateral generate_series(f.start_at, f.end_at - make_interval(mins => s.minutes), make_interval(mins => s.minutes)) t
    where f.start_at > $2) x
  join scheduling.schedule s on s.id = x.schedule_id
  join (select row_number() over (order by account_id)::int as n, subject_id from platform.access_grant where relationship = 'mandate') g
    on g.n = x.n`

interface Slot {
  practitioner: string
  patient: string
  start: Date
  room: boolean
  /** Which caregiver asks. */
  n: number
}

/** Bookings of distinct slots by caregivers, shuffled. */
export async function bookings(country: Country, after: Date): Promise<Ask[]> {
  const slots = await withClient(country.ownerUrl, (client) => client.query<Slot>(SLOTS, [SEATS, after]))
  const roll = dice(11)
  const shuffled = slots.rows.map((slot) => ({ slot, place: roll() })).sort((a, b) => a.place - b.place)
  return shuffled.map(({ slot }, i) => askFor(slot, i))
}

/** Two bookings to learn from, with a room: whoever has a room claims one thing more. */
export async function examples(country: Country, after: Date): Promise<Ask[]> {
  const slots = await withClient(country.ownerUrl, (client) =>
    client.query<Slot>(`${SLOTS} where s.resources <> '{}' order by x.start limit 2`, [SEATS, after]),
  )
  return slots.rows.map((slot, i) => askFor(slot, -1 - i))
}

const run = Date.now().toString(36)

/** The same, as a FHIR client books. */
export const asFhir = (ask: Ask): Ask => {
  const { practitioner, patient, start, reason } = JSON.parse(ask.body ?? '{}') as Record<string, string>
  const actors = [`Practitioner/${practitioner}`, `Patient/${patient}`]
  return {
    ...ask,
    url: '/fhir/R4/Appointment',
    body: JSON.stringify({
      ...{ resourceType: 'Appointment', status: 'booked', start, description: reason },
      participant: actors.map((reference) => ({ actor: { reference }, status: 'accepted' })),
    }),
  }
}

const askFor = ({ practitioner, patient, start, n }: Slot, i: number): Ask => ({
  method: 'POST',
  url: '/v1/appointments',
  token: tokenOf(n),
  key: `${run}-${i}`,
  body: JSON.stringify({
    practitioner,
    patient,
    start: start.toISOString(),
    mode: 'in-person',
    reason: 'Cough for a week',
  }),
})
