import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { readPatientCard, readPlaceCard, readPractitionerCard } from './contract.ts'
import type { Tables } from './database.ts'
import { endTreatment, insertTreatment } from './queries/grants.ts'
import { aLicence, nowhere, openRegistry, pdf, version } from './testing.ts'

async function openWithDoctor() {
  const opened = await openRegistry()
  const { house, administrator, practitioner } = opened
  const [root, doctor] = [await administrator(), await practitioner()]
  const license = async (change: object = {}) => {
    const licence = (await doctor.post(`/v1/practitioners/${doctor.id}/licences`, { ...aLicence, ...change })).body.id
    await doctor.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    const verified = await root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2))
    assert.equal(verified.status, 200)
  }
  const ctx = house.house.context('registry', { actor: system, traceId: 'a-test', doing: 'test' })
  return { ...opened, root, doctor, license, ctx }
}

describe('on Appointment.booked, rescheduled, cancelled', async () => {
  const { house, patient, doctor, license, rows } = await openWithDoctor()
  await license()
  const saba = await patient()
  const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
  const schedule = { modes: ['video'], zone: 'UTC', minutes: 30, hours, validFrom: '2031-03-01' }
  assert.equal((await doctor.post('/v1/schedules', schedule)).status, 201)
  const see = async () => (await doctor.get(`/v1/patients/${saba.id}`)).status
  const book = async (start: string) => {
    const { status, body } = await saba.post('/v1/appointments', { practitioner: doctor.id, patient: saba.id, start })
    assert.equal(status, 201, JSON.stringify(body))
    return body as { id: string; version: number }
  }
  const cancel = ({ id, version: of }: { id: string; version: number }) =>
    saba.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, version(of))
  const until = async (id: string) =>
    (await rows('select valid_until from platform.access_grant where id = $1', [id]))[0].valid_until.toISOString()

  it('a visit that is booked lets the practitioner see the record until thirty days after it', async () => {
    assert.equal(await see(), 404)
    const visit = await book('2031-03-03T09:00:00Z')
    await house.work()
    assert.equal(await see(), 200)
    assert.equal(await until(visit.id), '2031-04-02T09:30:00.000Z')
    const moved = await saba.post(
      `/v1/appointments/${visit.id}/reschedule`,
      { start: '2031-03-10T09:00:00Z' },
      version(visit.version),
    )
    await house.work()
    assert.equal(await until(visit.id), '2031-04-09T09:30:00.000Z')
    await cancel(moved.body)
    await house.work()
    assert.equal(await see(), 404)
  })

  it('a visit that is cancelled before its booking was delivered lets nobody see anything', async () => {
    await cancel(await book('2031-03-03T10:00:00Z'))
    await rows("delete from graphile_worker._private_jobs where payload->>'event' = 'Appointment.cancelled'")
    await house.work()
    assert.equal(await see(), 404)
  })

  it('another visit keeps what it permits', async () => {
    const [one] = [await book('2031-03-03T10:00:00Z'), await book('2031-03-03T11:00:00Z')]
    await house.work()
    await cancel(one)
    await house.work()
    assert.equal(await see(), 200)
    const [{ relationship }] = await rows(
      "select relationship from platform.audit_event where operation = 'readPatient' order by id desc limit 1",
    )
    assert.equal(relationship, 'treatment')
  })

  it('a booking that is written after its cancellation stays cancelled', async () => {
    const id = newId()
    const grant = {
      id,
      account_id: newId(),
      relationship: 'treatment',
      subject_type: 'Patient',
      subject_id: saba.id,
      powers: ['see-record'],
      source_id: id,
      valid_from: house.house.now(),
    }
    const { tx, release } = await house.house
      .context('registry', { actor: system, traceId: 't', doing: 't' })
      .database.connect()
    await endTreatment(tx as never, grant, house.house.now())
    await insertTreatment(tx as never, grant)
    release()
    const [{ revoked_at }] = await rows('select revoked_at from platform.access_grant where id = $1', [id])
    assert.ok(revoked_at)
  })
})

describe('cards, for other rooms', async () => {
  const { house, patient, root, doctor, license, ctx, rows, waiting } = await openWithDoctor()
  const card = () => ctx.call(readPractitionerCard, { params: { id: doctor.id } })
  const period = async () => {
    const { licensedFrom, licensedUntil } = await card()
    return [licensedFrom, licensedUntil]
  }

  it('readPractitionerCard names no period without a verified licence', async () => {
    const { account, licensedFrom, licensedUntil, ...shown } = await card()
    assert.deepEqual([account, licensedFrom, licensedUntil], [doctor.account, undefined, undefined])
    assert.deepEqual(Object.keys(shown), ['id', 'name', 'gender', 'languages', 'specialities'])
  })

  it('readPractitionerCard joins licences that follow one another, and shows the next where none holds', async () => {
    await license({ number: 'a', validFrom: '2031-01-01', validUntil: '2031-12-31' })
    await license({ number: 'b', validFrom: '2032-01-01', validUntil: '2032-06-30' })
    await license({ number: 'c', validFrom: '2033-01-01', validUntil: '2033-12-31' })
    assert.deepEqual(await period(), ['2031-01-01T00:00:00.000Z', '2032-07-01T00:00:00.000Z'])
    house.setNow('2032-08-01T00:00:00Z')
    assert.deepEqual(await period(), ['2033-01-01T00:00:00.000Z', '2034-01-01T00:00:00.000Z'])
    house.setNow('2034-08-01T00:00:00Z')
    assert.deepEqual(await period(), [undefined, undefined])
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('the next period is announced when one has ended, since nothing else tells of it', async () => {
    const announce = async (now: string) => {
      house.setNow(now)
      await rows("delete from graphile_worker._private_jobs where payload->>'event' = 'Practitioner.changed'")
      const job = house.house.tasks()['registry:announce-next-licences'] as (
        payload: object,
        helpers: never,
      ) => Promise<void>
      await job({}, undefined as never)
      return waiting('Practitioner.changed')
    }
    assert.deepEqual(await announce('2032-06-30T00:10:00Z'), [])
    assert.deepEqual(await announce('2032-07-01T00:10:00Z'), [{ practitioner: doctor.id }])
    assert.deepEqual(await announce('2034-01-01T00:10:00Z'), [])
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('readPlaceCard and readPatientCard show what messages need, and no more', async () => {
    const place = { name: 'Harbour', address: 'a', city: 'b', country: 'XN', latitude: 1, longitude: 2, zone: 'UTC' }
    const { id } = (await root.post('/v1/places', place)).body
    assert.deepEqual(await ctx.call(readPlaceCard, { params: { id } }), {
      ...{ id, name: 'Harbour', zone: 'UTC', latitude: 1, longitude: 2 },
    })
    const saba = await patient()
    const facts = { name: 'Saba Tesfaye', language: 'am', zone: 'Africa/Addis_Ababa' }
    const shown = { id: saba.id, ...facts, account: saba.account }
    assert.deepEqual(await ctx.call(readPatientCard, { params: { id: saba.id } }), shown)
  })

  it('answer 404 for what does not exist, and have no door for people', async () => {
    for (const operation of [readPractitionerCard, readPlaceCard, readPatientCard])
      await assert.rejects(ctx.call(operation, { params: { id: nowhere } }), { code: 'not-found' })
    for (const what of ['practitioners', 'places', 'patients'])
      assert.equal((await root.get(`/v1/${what}/${nowhere}/card`)).status, 404)
  })

  it('stay within the walls: this room cannot read its neighbour’s tables', async () => {
    const db = house.db<Tables & { 'identity.account': { id: string } }>('registry')
    await assert.rejects(db.selectFrom('identity.account').select('id').execute(), /permission denied/)
  })
})
