import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../../tests/calendar.ts'

const at = (time: string, day = '03') => `2031-03-${day}T${time}:00Z`
const reason = 'Same person'

async function newPatient(house: TestHouse) {
  const who = await house.signedIn()
  const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
  const { body } = await who.post('/v1/patients', { name: 'Saba Tesfaye', ...facts })
  return { ...who, id: body.id as string }
}

async function village(house: TestHouse) {
  const ada = await house.signedIn({ roles: ['administrator'] })
  const [one, other, practitioner, second] = await Promise.all([
    newPatient(house),
    newPatient(house),
    openCalendar(house),
    openCalendar(house),
  ])
  type Who = typeof one
  return {
    ada,
    one,
    other,
    practitioner,
    second,
    book: async (who: Who, start: string, patient = who.id, of = practitioner) => {
      const answer = await who.post('/v1/appointments', { practitioner: of, patient, start })
      return { ...answer, id: answer.body.id as string }
    },
    merge: async (survivor = one.id, replaced = other.id) =>
      (await ada.post('/v1/merges', { survivor, replaced, reason })).body.id as string,
    undo: (id: string) => ada.post(`/v1/merges/${id}/undo`, { reason }, { 'if-match': '"1"' }),
    idsOf: async (who: Who) =>
      (await who.get('/v1/appointments')).body.items.map(({ id }: { id: string }) => id) as string[],
    /** Where each appointment and its claims are: what undoing must bring back. */
    rows: async () =>
      (
        await house.owner.query(
          `select a.id, a.patient_id, c.resource_id, c.lane, c.during::text from scheduling.appointment a
           left join scheduling.claim c on c.holder_id = a.id order by 1, 3`,
        )
      ).rows,
  }
}

describe('appointments of two patients who are merged', () => {
  it('follow, are used, and go back; what was made since stays and is named', async () => {
    await using house = await openTestHouse(everything)
    const { one, other, book, merge, undo, idsOf, rows } = await village(house)
    const mine = await book(one, at('09:00'))
    const theirs = await book(other, at('10:00'))
    const moving = await book(other, at('11:00'))
    await house.work()
    const before = await rows()

    const id = await merge()
    await house.work()
    for (const who of [one, other]) assert.deepEqual(await idsOf(who), [mine.id, theirs.id, moving.id])
    assert.equal((await one.get(`/v1/appointments/${theirs.id}`)).body.patient, one.id)
    assert.equal((await book(other, at('12:00'), other.id)).status, 404, 'the old id takes no bookings')
    assert.equal((await book(other, at('10:00'), one.id)).status, 409, 'the survivor is there at that time')
    const since = await book(other, at('12:00'), one.id)
    assert.equal(since.status, 201)
    const { version } = (await one.get(`/v1/appointments/${moving.id}`)).body
    const tag = { 'if-match': `"${version}"` }
    assert.equal((await one.post(`/v1/appointments/${moving.id}/reschedule`, { start: at('13:00') }, tag)).status, 200)

    const undone = await undo(id)
    assert.deepEqual(undone.body.stays, { mandates: [], appointments: [since.id] })
    await house.work()
    assert.deepEqual(await idsOf(one), [mine.id, since.id])
    assert.deepEqual(await idsOf(other), [theirs.id, moving.id])
    const untouched = (list: { id: string }[]) => list.filter((row) => ![since.id, moving.id].includes(row.id))
    assert.deepEqual(untouched(await rows()), untouched(before))
  })

  it('keep both visits where they are at the same time, and have one lane again afterwards', async () => {
    await using house = await openTestHouse(everything)
    const { one, other, second, book, merge, undo, idsOf, rows } = await village(house)
    await book(one, at('09:00'))
    await book(other, at('09:00'), other.id, second)
    const before = await rows()
    const id = await merge()
    await house.work()
    assert.equal((await idsOf(one)).length, 2)
    assert.deepEqual(
      (await rows())
        .filter(({ resource_id }) => resource_id === one.id)
        .map(({ lane }) => lane)
        .sort(),
      [0, 1],
    )
    await undo(id)
    await house.work()
    assert.deepEqual(await rows(), before)
  })

  it('are where registry says, in whatever order and however often it is told', async () => {
    await using house = await openTestHouse(everything)
    const { one, other, book, merge, undo, rows } = await village(house)
    await book(one, at('09:00'))
    await book(other, at('10:00'))
    await house.work()
    const before = await rows()
    const tell = (event: string, of: string) =>
      house.owner.query('select graphile_worker.add_job($1, $2)', [
        'scheduling:event',
        JSON.stringify({ id: newId(), event, payload: { merge: of, survivor: one.id, replaced: other.id } }),
      ])
    const drop = () => house.owner.query('delete from graphile_worker._private_jobs')

    const first = await merge()
    await drop()
    for (const _ of [1, 2]) await tell('Patient.unmerged', first) // a delivery of the other kind moves them just so
    await house.work()
    const merged = await rows()
    assert.ok(merged.every(({ patient_id }) => patient_id === one.id))
    await undo(first)
    await drop()
    await tell('Patient.merged', first)
    await house.work()
    assert.deepEqual(await rows(), before)

    const second = await merge()
    await undo(second)
    await drop()
    for (const event of ['Patient.unmerged', 'Patient.merged']) await tell(event, second)
    await house.work()
    assert.deepEqual(await rows(), before, 'undone before it was heard of')

    await merge()
    await undo(await newestMerge(house))
    await drop()
    const turned = await merge(other.id, one.id)
    await drop()
    await tell('Patient.merged', turned)
    await house.work()
    assert.ok((await rows()).every(({ patient_id }) => patient_id === other.id))
  })

  it('are waited for while they are being booked, and refused once the patient has been replaced', async () => {
    await using house = await openTestHouse(everything)
    const { one, other, book, merge, rows } = await village(house)
    const { owner } = house
    const { id } = await book(other, at('09:00'))
    const again = `insert into scheduling.appointment
      select (jsonb_populate_record(a, jsonb_build_object('id', $2::text, 'patient_id', $3::text))).* from scheduling.appointment a where a.id = $1`
    await owner.query('begin')
    await owner.query(again, [id, newId(), other.id])
    await merge()
    const working = house.work()
    const waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
    const deadline = Date.now() + 10_000
    while ((await owner.query(waits)).rowCount === 0 && Date.now() < deadline)
      await owner.query('select pg_stat_clear_snapshot()')
    await owner.query('commit')
    await working
    assert.deepEqual([...new Set((await rows()).map(({ patient_id }) => patient_id))], [one.id])
    await assert.rejects(owner.query(again, [id, newId(), other.id]), /has been replaced/)
  })

  it('are never left with the one who was replaced, whoever books while they are merged', async () => {
    await using house = await openTestHouse(everything, { env: { DATABASE_POOL_SIZE: '20' } })
    const { one, other, practitioner, book, merge, undo, rows } = await village(house)
    for (const day of ['04', '05', '06']) {
      const times = ['08', '09', '10', '11', '12', '13', '14', '15'].map((hour) => at(`${hour}:00`, day))
      const bookings = times.map((time, i) =>
        i % 2
          ? book(other, time)
          : other
              .post('/v1/holds', { practitioner, patient: other.id, start: time })
              .then(({ status, body }) =>
                status === 201 ? other.post('/v1/appointments', { hold: body.id }) : { status, body },
              ),
      )
      const [id] = await Promise.all([merge(), ...bookings, house.work()])
      await house.work()
      for (const { status } of await Promise.all(bookings)) assert.ok([201, 404, 422].includes(status), String(status))
      assert.deepEqual(
        (await rows()).filter(({ patient_id, resource_id }) => patient_id === other.id || resource_id === other.id),
        [],
      )
      await undo(id)
      await house.work()
      assert.deepEqual(
        (await rows()).filter(({ patient_id }) => patient_id === one.id),
        [],
        'all of it was made for the other',
      )
    }
  })
})

const newestMerge = async ({ owner }: TestHouse): Promise<string> =>
  (await owner.query('select id from registry.patient_merge order by id desc limit 1')).rows[0].id

describe('many visits in one transaction', () => {
  it('take a bounded number of locks, however many people they are of', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const { owner } = house
    await owner.query('begin')
    await owner.query(
      `insert into scheduling.appointment (id, status, practitioner_id, patient_id, schedule_id, mode, zone, start_at, end_at, made_by, relationship, created_at, updated_at)
       select gen_random_uuid(), 'booked', $1, gen_random_uuid(), s.id, 'video', 'UTC', '2031-03-03T09:00Z', '2031-03-03T09:30Z', gen_random_uuid(), 'self', now(), now()
       from scheduling.schedule s, generate_series(1, 3000) where s.practitioner_id = $1`,
      [practitioner],
    )
    const { rows } = await owner.query(
      `select count(*)::int as n from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
    )
    await owner.query('rollback')
    assert.ok(rows[0].n > 0 && rows[0].n <= 1_024, `${rows[0].n} locks`)
  })
})
