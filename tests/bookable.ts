import pg from 'pg'
import { powers } from '#platform/access.ts'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'

// Practitioners with hours around the clock and people who book for themselves, put straight into the tables of a house that runs as processes: for tests
// that need many bookings and no more.

export interface Wish {
  practitioner: string
  patient: string
  start: string
  token: string
  /** Idempotency-Key. */
  key: string
}

export interface Bookable extends AsyncDisposable {
  readonly owner: pg.Client
  readonly patients: readonly { patient: string; token: string }[]
  readonly practitioners: readonly string[]
  /** Bookings of which none stands in the way of another. */
  readonly wishes: readonly Wish[]
}

const MINUTES = 15
const A_DAY = (24 * 60) / MINUTES
const DAYS = 8

const HOURS = `
  set search_path = scheduling, platform, public;
  insert into practitioner (id, name, gender, languages, specialities, licensed_from, licensed_until)
    select id, 'Dr Test Person', 'female', '{en}', '{cardiology}', '2020-01-01Z', '2045-01-01Z' from who;
  insert into resource (id, kind) select id, 'practitioner' from who;
  insert into schedule (id, practitioner_id, modes, specialities, zone, minutes, hours, valid_from, expanded_until, tzdata, created_at)
    select gen_random_uuid(), id, '{video}', '{cardiology}', 'UTC', ${MINUTES}, '[]', current_date, current_date + 90, '${process.versions.tz}', now() from who;
  insert into shift (schedule_id, practitioner_id, during)
    select s.id, s.practitioner_id, tstzrange(day, day + interval '1 day')
    from schedule s, generate_series(date_trunc('day', now(), 'UTC'), now() + interval '${DAYS + 2} days', interval '1 day') day;
  select refresh_free(array(select id from shift), now());
  select refresh_offers(array(select id from who), now())`

/** What a booking writes, in one transaction: the appointment, two claims, a row of the audit, an event for who subscribes. */
const HALVES = `
  with told as (
    select payload->'payload'->>'appointment' as id from graphile_worker._private_jobs where payload->>'event' = 'Appointment.booked'
    union select replace(resource, 'Appointment/', '') from notifications.notification where resource like 'Appointment/%'),
  recorded as (select replace(entity, 'Appointment/', '') as id from platform.audit_event where action = 'C' and entity like 'Appointment/%' and reason is distinct from 'hold'),
  booked as (select id from scheduling.appointment where status <> 'pending'),
  claimed as (select holder_id, count(*) as n from scheduling.claim group by 1)
  select 'claims of ' || a.id as fault from scheduling.appointment a left join claimed c on c.holder_id = a.id where a.status = 'booked' and c.n is distinct from 2
  union all select 'audit of ' || id from booked where id::text not in (select id from recorded where id is not null)
  union all select 'event of ' || id from booked where id::text not in (select id from told where id is not null)
  union all select 'appointment of claim ' || holder_id from claimed where holder_id not in (select id from scheduling.appointment)
  union all select 'appointment in audit ' || id from recorded where id not in (select id::text from scheduling.appointment)`

export async function openBookable(ownerUrl: string, { practitioners: many = 4, patients: people = 40 } = {}) {
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  const practitioners = Array.from({ length: many }, newId)
  const ids = practitioners.map((id) => `('${id}'::uuid)`).join()
  await owner.query(`create temp table who (id uuid); insert into who values ${ids}; ${HOURS}`)
  const patients: Bookable['patients'][number][] = []
  for (let n = 0; n < people; n++) patients.push(await seat(owner))
  const first = new Date(Date.now() + 86_400_000).setUTCHours(24, 0, 0, 0)
  const wishes = Array.from({ length: DAYS * A_DAY * many }, (_, n): Wish => {
    const { patient, token } = patients[n % people] as Bookable['patients'][number]
    const start = new Date(first + Math.floor(n / many) * MINUTES * 60_000).toISOString()
    return { practitioner: practitioners[n % many] as string, patient, start, token, key: newId() }
  })
  const bookable: Bookable = {
    owner,
    patients,
    practitioners,
    wishes,
    [Symbol.asyncDispose]: () => owner.end(),
  }
  return bookable
}

/** Appointments that are not whole, and rows of bookings that have no appointment. */
export const halvesIn = async (owner: pg.Client): Promise<string[]> =>
  (await owner.query(HALVES)).rows.map(({ fault }) => fault)

async function seat(owner: pg.Client): Promise<{ patient: string; token: string }> {
  const [account, patient, { token, hash }] = [newId(), newId(), newToken()]
  await owner.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '9 days')`,
    [newId(), account, hash],
  )
  await owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from) values ($1, $2, 'self', 'Patient', $3, $4, now())`,
    [newId(), account, patient, powers],
  )
  await owner.query(
    `insert into registry.patient (id, account_id, name, birth_date, gender, language, zone, created_at, updated_at) values ($1, $2, 'Test Person', '1990-02-11', 'female', 'en', 'UTC', now(), now())`,
    [patient, account],
  )
  const mailbox = `${patient}@people.example`
  await owner.query(
    `insert into identity.account (id, user_name, user_name_key, email, name, language, password_hash, created_at, updated_at) values ($1, $3, $3, $2, 'Test Person', 'en', '', now(), now())`,
    [account, mailbox, patient],
  )
  await owner.query(
    `insert into identity.verified_contact (kind, address, account_id, verified_at) values ('email', $1, $2, now())`,
    [mailbox, account],
  )
  return { patient, token }
}

export const bookingOf = ({ practitioner, patient, start, token, key }: Wish) => ({
  token,
  body: { practitioner, patient, start },
  headers: { 'idempotency-key': key },
})
