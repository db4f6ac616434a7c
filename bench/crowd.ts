import pg from 'pg'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'
import { type Country, filledIn, inDatabase, LOADING, SETTLED, valuesFor, withClient } from './country.ts'
import { appointmentsOf, claimsOf, freeFromClaims, OFFERS, open } from './country-sql.ts'
import type { Place } from './database.ts'

/** A country whose calendars are filled in steps, so that what more bookings cost is measured among the same people and hours. */
export interface Crowd extends AsyncDisposable {
  readonly country: Country
  /** Books visits until this share of those that fit is booked. */
  fillTo(share: number): Promise<Filled>
}

export interface Filled {
  bookings: number
  /** Of shifts − claims for every calendar, by two connections. */
  rebuildSeconds: number
  freeRanges: number
  megabytes: number
}

const PRACTITIONERS = 5_000
const DAYS = 60
const PARTS = 1_024

// The promise is rebuilt, and by that checked, at the end: row by row it would take most of the time.
const WITHOUT = 'alter table claim drop constraint claim_no_overlap'
const WITH =
  'alter table claim add constraint claim_no_overlap exclude using gist (resource_id with =, lane with =, during with &&)'

const SIZE = `select (select count(*) from appointment)::int as bookings, (select count(*) from free_range)::int as ranges,
  pg_database_size(current_database()) / 1048576 as megabytes`

/** Half of each shift can be taken: two times of two hours. */
export async function openCrowd({ database }: Place, practitioners = PRACTITIONERS): Promise<Crowd> {
  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  const [ownerUrl, appUrl] = [inDatabase(database.ownerUrl, 'crowd'), inDatabase(database.appUrl, 'crowd')]
  await asOwner(database.ownerUrl, 'create database crowd')
  await migrate({ ownerUrl, appUrl, services: everything })
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  const values = valuesFor(practitioners, at, { days: String(DAYS), taken: `interval '2 hours'` })
  const run = (step: string) => client.query(filledIn(step, values))
  await client.query(`${LOADING}; set session_replication_role = replica`) // no triggers: all of them would find nothing to do
  for (const step of open) await run(step)
  let filled = 0
  return {
    country: { practitioners, ownerUrl, appUrl, loadSeconds: 0, freeRanges: 0, megabytes: 0 },
    async fillTo(share) {
      const [from, until] = [filled, Math.round(share * PARTS)]
      filled = until
      await run(WITHOUT)
      for (const rows of [appointmentsOf, claimsOf])
        await run(rows(`uuid_hash_extended(v.id, 3) & ${PARTS - 1} between ${from} and ${until - 1}`))
      await run(WITH)
      const rebuildSeconds = await rebuild(ownerUrl, values)
      await run(OFFERS)
      for (const step of SETTLED) await client.query(step)
      const { rows } = await client.query(SIZE)
      const [{ bookings, ranges, megabytes }] = rows
      return { bookings, rebuildSeconds, freeRanges: ranges, megabytes: Number(megabytes) }
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

/** As a house with a worker for each core would: calendars are apart. */
async function rebuild(ownerUrl: string, values: Record<string, string>): Promise<number> {
  const half = (n: number) =>
    withClient(ownerUrl, async (client) => {
      await client.query(LOADING)
      await client.query(filledIn(freeFromClaims(`hashtext(practitioner_id::text) & 1 = ${n}`), values))
    })
  const began = performance.now()
  await Promise.all([half(0), half(1)])
  return (performance.now() - began) / 1_000
}

async function asOwner(ownerUrl: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  await client.query(text)
  await client.end()
}
