import { newId } from '#platform/ids.ts'
import type { FactsRow, insertAppointment } from '#services/scheduling/queries/booking.ts'
import { examples } from './bookings.ts'
import { type Country, withClient } from './country.ts'

/** A booking that could be made. */
export async function anyWish(country: Country) {
  const now = new Date()
  const [ask] = await examples(country, now)
  const { practitioner = '', patient = '', start = '' } = JSON.parse(ask?.body ?? '{}') as Record<string, string>
  const account = await withClient(country.ownerUrl, async (client) => {
    const { rows } = await client.query('select account_id from platform.access_grant where subject_id = $1', [patient])
    return String(rows[0]?.account_id)
  })
  return { account, patient, practitioner, start: new Date(start), now }
}

type Wish = Awaited<ReturnType<typeof anyWish>>

/** What the room would insert for it. */
export function claimsOf(
  { account, patient, practitioner, start, now }: Wish,
  facts: FactsRow,
): Parameters<typeof insertAppointment> {
  const row = {
    ...{
      id: newId(),
      status: 'booked',
      patient_id: patient,
      practitioner_id: practitioner,
      mode: 'in-person',
      reason: null,
    },
    ...{
      schedule_id: String(facts.schedule_id),
      place_id: facts.place_id,
      resources: facts.resources,
      service_id: facts.service_id,
      zone: String(facts.zone),
      held_until: null,
      overbooked: null,
    },
    ...{ start_at: start, end_at: new Date(start.getTime() + Number(facts.minutes) * 60_000) },
    ...{ made_by: account, relationship: 'mandate', channel: 'web' },
  }
  return [row, facts, now]
}
