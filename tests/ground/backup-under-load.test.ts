import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { loadDemo } from '#demo/load.ts'
import { sealAudit } from '#platform/audit/seal.ts'
import { verifyAudit } from '#platform/audit/verify.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backUp, newSite, restoreInto, SECRET } from '../backups.ts'
import { faultsOf, newPatient, openCalendar } from '../calendar.ts'

const small = { practitioners: 60, people: 300, now: new Date('2031-03-01T08:00:00Z') }

/** Bookings by several at once, until it is told to stop. */
function keepBooking(house: TestHouse, practitioners: string[]) {
  let booked = 0
  let stopped = false
  const waiting: { count: number; done: () => void }[] = []
  const book = async (worker: number) => {
    const patient = await newPatient(house)
    for (let day = 0; !stopped; day++) {
      const start = new Date(Date.parse('2031-03-02T08:00:00Z') + day * 1_800_000 + worker * 86_400_000).toISOString()
      const { status } = await patient.post('/v1/appointments', {
        practitioner: practitioners[worker % practitioners.length],
        patient: patient.patient,
        start,
      })
      if (status === 201) booked++
      for (const { count, done } of waiting) if (booked >= count) done()
    }
  }
  const workers = Promise.all(Array.from({ length: 8 }, (_, worker) => book(worker)))
  return {
    more: (count: number) => new Promise<void>((done) => waiting.push({ count: booked + count, done })),
    async stop() {
      stopped = true
      await workers
    },
  }
}

/** Appointments that are booked and have not both claims, their audit row, and the job that tells of them: half bookings. */
const HALF = `
  select count(*)::int as n from scheduling.appointment a where a.status = 'booked' and not a.demo and (
    (select count(*) from scheduling.claim c where c.holder_id = a.id) <> 2
    or not exists (select from platform.audit_event e where e.action = 'C' and e.entity = 'Appointment/' || a.id)
    or not exists (select from graphile_worker._private_jobs j where j.payload -> 'payload' ->> 'appointment' = a.id::text))`

describe('a backup while bookings go on', () => {
  it('is what the database was at one instant: no half booking, the projection exact, the audit whole', async (t) => {
    await using house = await openTestHouse(everything, {
      env: { RATE_LIMIT_PER_MINUTE: '1000000', DATABASE_POOL_SIZE: '8' },
    })
    const home = house.house.config.OPENHCS_HOME
    await loadDemo(house.house.config, small)
    // Several megabytes before scheduling's tables, so that those are read long after the snapshot.
    await house.owner.query(
      `insert into platform.once (scope, key, answer, created_at)
       select 'filling', n::text, to_json(md5(random()::text) || repeat(md5(n::text), 30)), now() from generate_series(1, 8000) n`,
    )
    await house.owner.query('update platform.installation set demo = false')
    const practitioners = await Promise.all(Array.from({ length: 4 }, () => openCalendar(house)))
    const load = keepBooking(house, practitioners)
    await load.more(20)
    await sealAudit((text, values) => house.owner.query(text, values), SECRET, new Date())
    const { bytes, report } = await backUp(house.house.config.databaseOwnerUrl.reveal(), home, {
      before: () => load.more(40),
    })
    await load.stop()

    await using site = await newSite()
    const { end } = await restoreInto(site, everything, bytes)
    assert.deepEqual(end.tables, report.tables)
    const owner = new pg.Client({ connectionString: site.urls.ownerUrl })
    await owner.connect()
    try {
      const count = async (client: pg.Client) =>
        (await client.query(`select count(*)::int as n from scheduling.appointment where not demo`)).rows[0].n
      const [then, later] = [await count(owner), await count(house.owner)]
      assert.ok(then >= 20 && later >= then + 40, `${then} in the backup, ${later} now`)
      assert.deepEqual((await owner.query(HALF)).rows, [{ n: 0 }])
      assert.deepEqual(await faultsOf({ owner, house: house.house } as TestHouse), { overlaps: 0, divergent: 0 })
      await owner.query(`set timezone = 'UTC'`)
      const audit = await verifyAudit((text, values) => owner.query(text, values), SECRET)
      assert.equal(audit.seals, 1)
      assert.ok(audit.rows > 0)
      assert.deepEqual(audit.broken, [])
      t.diagnostic(`${then} bookings in the backup, ${later} when it was finished; ${report.rows} rows`)
    } finally {
      await owner.end()
    }
  })
})
