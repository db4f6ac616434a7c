import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import { closePresses } from '../printing/to-pdf.ts'
import { grant, written } from '../sharing/testing.ts'
import { openPractice } from '../testing.ts'
import { shown } from './activity-report.ts'

after(closePresses)

async function newOrganisation(house: TestHouse) {
  const administrator = await house.signedIn({ roles: ['administrator'] })
  const facts = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'ZZ' }
  const { body, status } = await administrator.post('/v1/organisations', facts)
  assert.equal(status, 201, JSON.stringify(body))
  const organisation = body.id as string
  const manager = await house.signedIn({ desk: { organisation, function: 'manager' } })
  return { administrator, manager, organisation }
}

/** So many patients of an age and sex, each of whom has been at a place of the organisation with this problem. */
async function seen(
  house: TestHouse,
  doctor: Client,
  {
    organisation,
    count,
    birthDate,
    gender = 'female',
    code = 'E11.9',
    start = '2031-02-10T09:00:00Z',
    more = {},
  }: Seen,
) {
  for (let n = 0; n < count; n++) {
    const who = await house.signedIn()
    const facts = { name: 'Fictional Person', birthDate, gender, language: 'en', zone: 'UTC' }
    const patient = (await who.post('/v1/patients', facts)).body as { id: string }
    await grant(house, doctor, patient, 'treatment', ['see-record'])
    const appointment = newId()
    await house.owner.query(
      `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from)
       values ($1, $2, 'Patient', $3, $4, '2030-01-01Z')`,
      [newId(), organisation, patient.id, appointment],
    )
    const subject = { reference: `Patient/${patient.id}` }
    const encounter = await written(doctor, {
      ...{ resourceType: 'Encounter', status: 'finished', subject, period: { start } },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      appointment: [{ reference: `Appointment/${appointment}` }],
    })
    await written(doctor, {
      ...{ resourceType: 'Condition', subject, encounter: { reference: `Encounter/${encounter}` } },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code, display: 'Fictional Person has it' }] },
      ...more,
    })
  }
}

interface Seen {
  organisation: string
  count: number
  birthDate: string
  gender?: string
  code?: string
  start?: string
  more?: object
}

describe('GET /v1/organisations/:id/activity-report', async () => {
  const { house, doctor } = await openPractice({ now: '2031-03-15T08:00:00Z', env: { TRUST_PROXY: '127.0.0.1' } })
  after(() => house[Symbol.asyncDispose]())
  const { administrator, manager, organisation } = await newOrganisation(house)
  const url = `/v1/organisations/${organisation}/activity-report`
  const month = 'month=2031-02'
  before(async () => {
    const sensitive = {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] },
    }
    await seen(house, doctor, { organisation, count: 11, birthDate: '2000-05-05' })
    await seen(house, doctor, { organisation, count: 6, birthDate: '1950-05-05', gender: 'male', code: 'I10' })
    await seen(house, doctor, { organisation, count: 2, birthDate: '1950-05-05', code: 'B20', more: sensitive })
    await seen(house, doctor, { organisation, count: 7, birthDate: '1950-05-05', code: 'B20', more: sensitive })
    // Of another time, another organisation, and what was no visit.
    await seen(house, doctor, { organisation, count: 1, birthDate: '2000-05-05', start: '2031-03-01T00:00:00Z' })
    await seen(house, doctor, { organisation: newId(), count: 1, birthDate: '2000-05-05' })
  })

  it('counts who was seen, by age and sex, and the problems that were noted: to the nearest five', async () => {
    const { status, body } = await manager.get(`${url}?${month}`)
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual([body.consultations, body.patients], [25, 25])
    const patients = (age: string, sex: string) =>
      body.groups.find((one: { age: string; sex: string }) => one.age === age && one.sex === sex).patients
    assert.deepEqual([patients('18-39', 'female'), patients('65+', 'male'), patients('65+', 'female')], [10, 5, 10])
    assert.equal(patients('0-4', 'female'), 0)
    assert.deepEqual(body.problems, [
      { system: 'http://hl7.org/fhir/sid/icd-10', code: 'E11.9', patients: 10 },
      { system: 'http://hl7.org/fhir/sid/icd-10', code: 'I10', patients: 5 },
    ])
    assert.doesNotMatch(JSON.stringify(body), /B20|Fictional/)
    assert.deepEqual((await administrator.get(`${url}?${month}`)).body, body)
  })

  it('counts what practitioners who work there gave without an appointment', async () => {
    const facts = { name: 'Dr Okello', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
    const registered = await manager.post(`/v1/organisations/${organisation}/practitioners`, facts)
    assert.equal(registered.status, 201, JSON.stringify(registered.body))
    const { id } = registered.body
    for (let n = 0; n < 6; n++) {
      const who = await house.signedIn()
      const patient = (
        await who.post('/v1/patients', {
          name: 'A B',
          birthDate: '2020-01-01',
          gender: 'female',
          language: 'en',
          zone: 'UTC',
        })
      ).body
      await grant(house, doctor, patient, 'treatment', ['see-record'])
      await written(doctor, {
        ...{ resourceType: 'Encounter', status: 'finished', period: { start: '2031-01-10T09:00:00Z' } },
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        subject: { reference: `Patient/${patient.id}` },
        participant: [{ individual: { reference: `Practitioner/${id}` } }],
      })
    }
    const { body } = await manager.get(`${url}?month=2031-01`)
    assert.deepEqual([body.consultations, body.patients], [5, 5])
  })

  it('hides small counts, and those that would tell them', () => {
    const groups = [
      { age: '18-39', sex: 'female', patients: 23 },
      { age: '18-39', sex: 'male', patients: 2 },
      { age: '65+', sex: 'female', patients: 14 },
      { age: '65+', sex: 'male', patients: 17 },
    ]
    const report = shown({ consultations: 60, groups, problems: [{ system: 's', code: 'c', patients: 4 }] })
    assert.equal(report.patients, 55)
    assert.deepEqual(report.problems, [])
    const hidden = report.groups.filter(({ patients }) => patients === undefined)
    assert.equal(hidden.length, 4)
    assert.deepEqual(
      report.ages.map(({ patients }) => patients),
      [0, 0, 25, 0, 30, 0],
    )
  })

  it('tells whoever asks again and again no difference: months alone, which are over, and the same each time', async () => {
    const longer = ['month=2031-01&month=2031-02', 'from=2031-01&until=2031-02', `${month}&until=2031-03`, 'month=2031']
    for (const query of longer) assert.equal((await manager.get(`${url}?${query}`)).status, 400, query)
    const known = ['2030-12', '2031-01', '2031-02']
    const told = () => Promise.all(known.map(async (of) => (await manager.get(`${url}?month=${of}`)).body))
    const before = await told()
    await seen(house, doctor, { organisation, count: 4, birthDate: '1990-05-05', start: '2031-03-14T09:00:00Z' })
    assert.deepEqual(await told(), before)
    for (const unfinished of ['2031-03', '2031-04']) {
      const { status, body } = await manager.get(`${url}?month=${unfinished}`)
      assert.deepEqual([status, body.errors?.[0]?.pointer], [422, '/query/month'])
    }
  })

  it('is for administrators and managers of the organisation, and to others there is none', async () => {
    const member = await house.signedIn({ desk: { organisation, function: 'desk' } })
    const elsewhere = await house.signedIn({ desk: { organisation: newId(), function: 'manager' } })
    for (const who of [member, elsewhere]) assert.equal((await who.get(`${url}?${month}`)).status, 404)
    assert.equal((await doctor.get(`${url}?${month}`)).status, 403)
    assert.equal((await house.anonymous.get(`${url}?${month}`)).status, 401)
    const nowhere = await administrator.get(`/v1/organisations/${newId()}/activity-report?${month}`)
    assert.equal(nowhere.status, 404)
    assert.equal((await manager.get(`${url}?month=2031-02-01`)).status, 400)
  })

  it('takes two statements beside knowing who asks, however many were seen', async () => {
    const few = await house.cost(() => manager.get(`${url}?month=2030-12`))
    const many = await house.cost(() => manager.get(`${url}?${month}`))
    assert.equal(few.statements, many.statements)
    assert.ok(many.statements <= 8, `${many.statements}`)
  })

  it('is printed', async () => {
    const page = await manager.get(`${url}?${month}`, { accept: 'text/html', 'accept-language': 'ar' })
    assert.match(page.body, /<html lang="ar" dir="rtl">/)
    assert.match(page.body, /تقرير النشاط/)
    const { rawPayload } = await house.app.inject({
      url: `${url}?${month}`,
      headers: { authorization: `Bearer ${manager.token}`, accept: 'application/pdf' },
    })
    assert.equal(rawPayload.toString('latin1', 0, 5), '%PDF-')
  })

  it('is asked for thirty times a minute at the most', async () => {
    const statuses = []
    for (let n = 0; n < 31; n++)
      statuses.push((await manager.get(`${url}?${month}`, { 'x-forwarded-for': '192.0.2.66' })).status)
    assert.deepEqual([statuses.indexOf(429), new Set(statuses.slice(0, 30))], [30, new Set([200])])
  })
})
