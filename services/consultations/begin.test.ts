import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Client } from '#platform/testing.ts'
import { openCalendar } from '../../tests/calendar.ts'
import { begun, newPatient, openWard, practitionerOf, saved, signed, version } from './testing.ts'

/** Booked with this practitioner, and perhaps there. */
async function visitOf(ward: Awaited<ReturnType<typeof openWard>>, start = '2031-03-03T09:00:00Z', arrives = true) {
  const { house, doctor, patient } = ward
  await openCalendar(house, { practitioner: doctor.id })
  const wish = { practitioner: doctor.id, patient: patient.id, start, mode: 'video' }
  const { body, status } = await patient.post('/v1/appointments', wish)
  assert.equal(status, 201, JSON.stringify(body))
  house.setNow('2031-03-03T08:50:00Z')
  if (!arrives) return body.id as string
  const there = await doctor.post(`/v1/appointments/${body.id}/arrive`, {}, version(1))
  assert.equal(there.status, 200, JSON.stringify(there.body))
  return body.id as string
}

const begin = (who: Client, body: object) => who.post('/v1/consultations', body)

describe('POST /v1/consultations', () => {
  it('begins one of a patient whom one treats: an Encounter that is in progress, and an empty draft', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const { status, body } = await begin(doctor, { patient: patient.id, mode: 'phone' })
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(
      [body.status, body.mode, body.category, body.practitioner],
      ['in-progress', 'phone', 'general', doctor.id],
    )
    const encounter = (await doctor.get(`/fhir/R4/Encounter/${body.id}`)).body
    assert.deepEqual(
      [encounter.status, encounter.class.code, encounter.participant[0].individual.reference],
      ['in-progress', 'VR', `Practitioner/${doctor.id}`],
    )
    assert.deepEqual((await doctor.get(`/v1/consultations/${body.id}/draft`)).body.sections, {})
    assert.equal((await doctor.put(`/fhir/R4/Encounter/${body.id}`, { ...encounter, status: 'cancelled' })).status, 422)
  })

  it('begins one of a visit that has arrived, as it was booked, and answers the same when it is begun again', async () => {
    await using ward = await openWard()
    const { doctor } = ward
    const appointment = await visitOf(ward)
    const link = 'https://meet.example.org/room-4'
    const all = await Promise.all([1, 2, 3].map(() => begin(doctor, { appointment, link })))
    assert.deepEqual(
      all.map(({ status }) => status),
      [201, 201, 201],
    )
    assert.equal(new Set(all.map(({ body }) => body.id)).size, 1)
    const body = all[0]?.body
    assert.deepEqual([body.mode, body.category, body.link], ['video', 'general', link])
    const encounter = (await doctor.get(`/fhir/R4/Encounter/${body.id}`)).body
    assert.equal(encounter.appointment[0].reference, `Appointment/${appointment}`)
  })

  it('is refused where nobody has come yet, and as though there were no visit to whoever does not treat them', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const booked = await visitOf(ward, '2031-03-03T09:00:00Z', false)
    const early = await begin(doctor, { appointment: booked })
    assert.deepEqual([early.status, early.body.errors[0].pointer], [422, '/body/appointment'])
    const stranger = await practitionerOf(house)
    const texts = new Set<string>()
    for (const appointment of [booked, newId()]) {
      const { status, body } = await begin(stranger, { appointment })
      assert.equal(status, 404)
      texts.add(body.detail)
    }
    assert.equal(texts.size, 1)
    assert.equal((await begin(stranger, { patient: patient.id })).status, 404)
    assert.equal((await begin(stranger, { queueEntry: newId() })).status, 404)
    assert.equal((await begin(patient, { patient: patient.id })).status, 403)
    assert.equal((await begin(house.anonymous, { patient: patient.id })).status, 401)
  })

  it('is of the category in which the visit was booked, which nobody takes off it', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const appointment = await visitOf(ward)
    await house.owner.query(`update scheduling.appointment set category = 'hiv' where id = $1`, [appointment])
    for (const category of ['general', 'mental-health']) {
      const { status, body } = await begin(doctor, { appointment, category })
      assert.deepEqual([status, body.errors?.[0].pointer], [422, '/body/category'], category)
    }
    // Who is not to know of such a visit does not begin it: to them there is none.
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    const hidden = await begin(doctor, { appointment })
    const none = await begin(doctor, { appointment: newId() })
    assert.deepEqual([hidden.status, hidden.body.detail], [404, none.body.detail])
    await house.owner.query(`delete from platform.refusal`)
    const { status, body } = await begin(doctor, { appointment })
    assert.deepEqual([status, body.category], [201, 'hiv'], JSON.stringify(body))
  })

  it('is begun by whose visit it is, and not by a colleague', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const appointment = await visitOf(ward)
    assert.equal((await begin(colleague, { appointment })).status, 403)
    const { body } = await begin(doctor, { appointment, practitioners: [colleague.id] })
    assert.equal((await colleague.get(`/v1/consultations/${body.id}/draft`)).status, 200)
  })

  it('shows a link as long as a visit may last, and keeps none of a note that is signed, or was an error', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const link = 'https://meet.example.org/room-4'
    const [one, two, three] = [
      await begun(doctor, patient, { link }),
      await begun(doctor, patient, { link }),
      await begun(doctor, patient, { link }),
    ] as const
    const shown = async (id: string) => (await patient.get(`/v1/consultations/${id}`)).body.link
    assert.equal(await shown(one), link)
    await saved(doctor, two, { note: 'Well' })
    await doctor.post(`/v1/consultations/${two}/sign`, undefined, version(2))
    await doctor.post(`/v1/consultations/${three}/entered-in-error`, { reason: 'Twice' }, version(1))
    assert.deepEqual([await shown(two), await shown(three)], [undefined, undefined])
    const { rows } = await house.owner.query('select id, link from consultations.consultation where link is not null')
    assert.deepEqual(rows, [{ id: one, link }])
    const [{ at }] = (
      await house.owner.query('select started_at as at from consultations.consultation where id = $1', [one])
    ).rows
    const after = (hours: number) => house.setNow(new Date(at.getTime() + hours * 3_600_000 - 1).toISOString())
    after(12)
    assert.equal(await shown(one), link)
    after(12.1)
    assert.equal(await shown(one), undefined)
    assert.equal(
      (await doctor.get('/v1/consultations')).body.items.find(({ id }: { id: string }) => id === one).link,
      undefined,
    )
  })

  it('begins one of whoever was called from a queue, by whoever called them', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    await visitOf(ward)
    const [{ queue }] = (await house.owner.query('select id as queue from scheduling.queue')).rows
    const number = async (more: object) => {
      const entry = await doctor.post('/v1/queue-entries', { queue, ...more })
      assert.equal(entry.status, 201, JSON.stringify(entry.body))
      const called = await doctor.post(`/v1/queue-entries/${entry.body.id}/steps`, { step: 'call' }, version(1))
      assert.equal(called.status, 200, JSON.stringify(called.body))
      return entry.body.id as string
    }
    const queueEntry = await number({ firstName: 'Saba' })
    await house.owner.query('update scheduling.queue_entry set patient_id = $1, first_name = null where id = $2', [
      patient.id,
      queueEntry,
    ])
    assert.equal((await begin(colleague, { queueEntry })).status, 404)
    const { status, body } = await begin(doctor, { queueEntry })
    assert.deepEqual([status, body.queueEntry, body.patient], [201, queueEntry, patient.id], JSON.stringify(body))
    assert.equal((await begin(doctor, { queueEntry })).body.id, body.id)
    const unknown = await begin(doctor, { queueEntry: await number({ firstName: 'Saba' }) })
    assert.deepEqual([unknown.status, unknown.body.errors[0].pointer], [422, '/body/queueEntry'])
  })

  it('takes exactly one of what it may be of, and a link to https alone', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    for (const body of [
      {},
      { patient: patient.id, appointment: newId() },
      { patient: patient.id, mode: 'phone', link: 'https://a.example' },
    ])
      assert.equal((await begin(doctor, body)).status, 422, JSON.stringify(body))
    for (const link of [
      'http://a.example',
      'javascript:alert(1)',
      'https://user@evil.example',
      'https://-a.example',
      'https://a b',
    ])
      assert.equal((await begin(doctor, { patient: patient.id, link })).status, 400, link)
  })

  it('begins anew where what was begun was an error', async () => {
    await using ward = await openWard()
    const { doctor } = ward
    const appointment = await visitOf(ward)
    const first = (await begin(doctor, { appointment })).body
    const wrong = await doctor.post(
      `/v1/consultations/${first.id}/entered-in-error`,
      { reason: 'Wrong patient' },
      version(1),
    )
    assert.equal(wrong.status, 200)
    const second = (await begin(doctor, { appointment })).body
    assert.notEqual(second.id, first.id)
    assert.equal((await doctor.get(`/fhir/R4/Encounter/${first.id}`)).body.status, 'entered-in-error')
  })
})

describe('GET /v1/consultations', () => {
  it('lists page after page, of a patient, by status, and those that one gives', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const [other, somebody] = [await newPatient(house), await practitionerOf(house, patient)]
    const all: string[] = []
    for (const minute of [1, 2, 3]) {
      house.setNow(`2031-03-01T09:0${minute}:00Z`)
      all.unshift(await begun(doctor, patient))
    }
    const note = await signed(somebody, patient, { note: 'Well' })
    const list = async (who: Client, query: string) =>
      ((await who.get(`/v1/consultations?${query}`)).body.items as { id: string }[]).map(({ id }) => id)
    const first = (await doctor.get(`/v1/consultations?patient=${patient.id}&limit=2`)).body
    const rest = (await doctor.get(`/v1/consultations?patient=${patient.id}&limit=2&cursor=${first.next}`)).body
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ id }: { id: string }) => id),
      [note.id, ...all],
    )
    assert.equal(rest.next, undefined)
    assert.deepEqual(await list(doctor, 'mine=true'), all)
    assert.deepEqual(await list(doctor, 'status=final'), [note.id])
    assert.deepEqual(await list(patient, ''), [note.id, ...all])
    assert.deepEqual(await list(other, `patient=${patient.id}`), [])
  })

  it('leaves out what a patient keeps from those who treat them', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient, { category: 'hiv' })
    assert.equal((await doctor.get(`/fhir/R4/Encounter/${id}`)).body.meta.security[0].code, 'HIV')
    const colleague = await practitionerOf(house, patient)
    assert.equal((await colleague.get(`/v1/consultations/${id}`)).status, 200)
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    assert.equal((await colleague.get(`/v1/consultations/${id}`)).status, 404)
    assert.deepEqual((await colleague.get('/v1/consultations')).body.items, [])
    assert.equal((await patient.get(`/v1/consultations/${id}`)).status, 200)
  })
})
