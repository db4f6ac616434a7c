import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { validate } from '#fhir/validate.ts'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { type Answer, type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backendClient, exported, resourcesIn } from '../../../tests/bulk-client.ts'
import { newPatient, openCalendar } from '../../../tests/calendar.ts'
import { startForeignSystem } from '../../../tests/foreign-system.ts'
import { scheduling } from '../service.ts'
import { at, bookAll, openTeam } from '../together/testing.ts'

const nine = '2031-03-03T09:00:00Z'
const ten = '2031-03-03T10:00:00Z'

const idsIn = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
}
const found = async (who: Client, query: string) => idsIn(await who.get(`/fhir/R4/${query}`))

/** A patient whom registry knows. */
async function openPatient(house: TestHouse, name = 'Saba Tesfaye') {
  const who = await house.signedIn()
  const facts = { name, birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
  const { status, body } = await who.post('/v1/patients', facts)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...who, patient: body.id as string }
}

async function open() {
  const house = await openTestHouse(everything, { env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } })
  after(() => house[Symbol.asyncDispose]())
  const practitioner = await openCalendar(house)
  const saba = await openPatient(house)
  const holder = await house.signedIn({ self: { practitioner } })
  const book = async (start: string, who = saba) => {
    const wish = { practitioner, patient: who.patient, start, reason: 'Cough' }
    const { status, body } = await who.post('/v1/appointments', wish)
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  return { house, practitioner, saba, holder, book }
}

const cancel = (who: Client, id: string, version = 1) =>
  who.post(`/v1/appointments/${id}/cancel`, { reason: 'pat-cpp', note: 'Travelling' }, at(version))

async function versionsOf({ owner }: TestHouse, id: string): Promise<number[]> {
  const { rows } = await owner.query(
    `select v.version from (select key, version from platform.fhir_resource union all select key, version from platform.fhir_past) v
     join platform.fhir_resource r using (key) where r.type like 'Appointment%' and r.id = $1 order by 1`,
    [id],
  )
  return rows.map(({ version }) => version)
}

describe('/fhir/R4/Appointment in the store', async () => {
  const { house, practitioner, saba, holder, book } = await open()
  const visit = await book(nine)
  const other = await openPatient(house, 'Hana Bekele')
  const hers = await book(ten, other)
  const url = `/fhir/R4/Appointment/${visit}`

  it('is R4, in the version that /v1 shows', async () => {
    const { body } = await saba.get(url)
    assert.deepEqual(validate(body), [])
    assert.deepEqual([body.meta.versionId, body.status, body.description], ['1', 'booked', 'Cough'])
    const { body: said } = await saba.get(`/fhir/R4/AppointmentResponse/${visit}.patient`)
    assert.deepEqual(validate(said), [])
    assert.deepEqual([said.meta.versionId, said.participantStatus], ['1', 'accepted'])
  })

  it('is found through others, and others through it', async () => {
    const asked: [query: string, expected: string[]][] = [
      ['Appointment?patient.name=saba', [visit]],
      ['Appointment?patient.name=nobody', []],
      [`Appointment?practitioner=Practitioner/${practitioner}&_sort=-date`, [visit]],
      ['Patient?_has:Appointment:patient:status=booked', [saba.patient]],
      ['Patient?_has:Appointment:patient:status=cancelled', []],
      [`Appointment?_id=${visit}&_include=Appointment:patient`, [visit, saba.patient]],
      [
        `Appointment?_id=${visit}&_revinclude=AppointmentResponse:appointment`,
        [visit, `${visit}.patient`, `${visit}.practitioner`],
      ],
      [`Patient?_revinclude=Appointment:patient`, [saba.patient, visit]],
      ['Appointment?_lastUpdated=ge2031-03-01', [visit]],
      ['Appointment?_lastUpdated=lt2031-03-01', []],
      [`Patient/${saba.patient}/Appointment`, [visit]],
      [
        `Patient/${saba.patient}/$everything?_type=Appointment,AppointmentResponse`,
        [visit, `${visit}.patient`, `${visit}.practitioner`],
      ],
    ]
    for (const [query, expected] of asked) assert.deepEqual(await found(saba, query), expected, query)
    assert.deepEqual(await found(holder, 'Appointment'), [visit, hers], 'whoever gives them sees both')
    assert.deepEqual(await found(holder, 'Appointment?patient.name=saba'), [], 'but no patient whom they do not treat')
  })

  it('has a version for each that the row had, and one for each answer', async () => {
    assert.equal((await cancel(saba, visit)).status, 200)
    const { body } = await saba.get(`${url}/_history`)
    const versions = body.entry.map(({ resource }: { resource: { meta: object; status: string } }) => resource)
    assert.deepEqual(
      versions.map(({ meta, status }: { meta: { versionId: string }; status: string }) => [meta.versionId, status]),
      [
        ['2', 'cancelled'],
        ['1', 'booked'],
      ],
    )
    assert.equal((await saba.get(`${url}/_history/1`)).body.status, 'booked')
    const { body: said } = await saba.get(`/fhir/R4/AppointmentResponse/${visit}.patient`)
    assert.deepEqual([said.participantStatus, said.comment, said.meta.versionId], ['declined', 'Travelling', '2'])
    assert.deepEqual(await found(saba, 'Appointment?status=booked'), [])
  })

  it('is exported to apps whose grant says so, and a hold is not', async () => {
    const holding = { practitioner, patient: saba.patient, start: '2031-03-04T09:00:00Z' }
    assert.equal((await saba.post('/v1/holds', holding)).status, 201)
    const app = await backendClient(house)
    const manifest = await exported(house, app, '/fhir/R4/Patient/$export?_type=Appointment,AppointmentResponse')
    const all = (await resourcesIn(app, manifest)).map(({ id }) => id)
    const both = [visit, hers].flatMap((id) => [id, `${id}.patient`, `${id}.practitioner`])
    assert.deepEqual(all.sort(), both.sort())
    const { rows } = await house.owner.query(
      `select subject from platform.audit_event where account_id = $1 and subject like 'P%' order by 1`,
      [app.id],
    )
    assert.deepEqual(
      rows.map(({ subject }) => subject).sort(),
      [`Patient/${saba.patient}`, `Patient/${other.patient}`].sort(),
    )
  })

  it('is told of to whoever watches it', async () => {
    await using foreign = await startForeignSystem()
    const stranger = await newPatient(house)
    for (const who of [saba, stranger]) {
      const { status, body } = await who.post('/fhir/R4/Subscription', {
        ...{ resourceType: 'Subscription', status: 'requested', reason: 'To be told' },
        criteria: 'Appointment?status=booked',
        channel: { type: 'rest-hook', endpoint: `${foreign.url}/${who.patient}`, payload: 'application/fhir+json' },
      })
      assert.equal(status, 201, JSON.stringify(body))
    }
    const again = await book('2031-03-05T09:00:00Z')
    await house.work()
    assert.deepEqual(
      foreign.received.map(({ url }) => url),
      [`/hooks/${saba.patient}/Appointment/${again}`],
    )
  })
})

describe('a visit in the store', () => {
  it('a transaction that does not bring it about is refused by the database', async () => {
    const { house, saba, book } = await open()
    const visit = await book(nine)
    const db = house.db<{ appointment: { id: string; version: number; reason: string } }>('scheduling')
    const forgetful = db.transaction().execute(async (tx) => {
      await tx.updateTable('appointment').set({ version: 2 }).where('id', '=', visit).execute()
    })
    await assert.rejects(forgetful, /the store does not show the visit/)
    assert.equal((await saba.get(`/fhir/R4/Appointment/${visit}`)).body.meta.versionId, '1')
  })

  it('is what the owner of the database made of it, after the next minute’s job', async () => {
    const { house, saba, book } = await open()
    const visit = await book(nine)
    await house.owner.query(`update scheduling.appointment set status = 'arrived', version = 4 where id = $1`, [visit])
    assert.equal((await saba.get(`/fhir/R4/Appointment/${visit}`)).body.status, 'booked')
    await house.house.tasks()['scheduling:project-left']?.({}, undefined as never)
    const { body } = await saba.get(`/fhir/R4/Appointment/${visit}`)
    assert.deepEqual([body.status, body.meta.versionId], ['arrived', '4'])
    assert.deepEqual(await versionsOf(house, visit), [1, 4])
  })

  it('what is wrong, missing or too much is mended at night, in the version that it has', async () => {
    const { house, saba, book } = await open()
    const visit = await book(nine)
    const night = () => house.house.tasks()['scheduling:mend-projections']?.({}, undefined as never)
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, 'Cough', 'Nothing') where type = 'Appointment'`,
    )
    await house.owner.query(`delete from platform.fhir_resource where id = $1`, [`${visit}.patient`])
    await night()
    const { body } = await saba.get(`/fhir/R4/Appointment/${visit}`)
    assert.deepEqual([body.description, body.meta.versionId], ['Cough', '1'])
    assert.equal((await saba.get(`/fhir/R4/AppointmentResponse/${visit}.patient`)).status, 200)
    await house.owner.query(`update platform.fhir_resource set id = $1 where type = 'Appointment'`, [newId()])
    await night()
    assert.deepEqual(await found(saba, 'Appointment'), [visit])
  })

  it('has no word of somebody who has been erased, in no version', async () => {
    const { house, saba, holder, book } = await open()
    const visit = await book(nine)
    assert.equal((await cancel(saba, visit)).status, 200)
    const ctx = house.house.context('scheduling', { actor: system, traceId: 'test', doing: 'test' })
    await scheduling.erase?.(ctx as never, { patient: saba.patient, names: [] })
    assert.deepEqual(await versionsOf(house, visit), [2])
    const { rows } = await house.owner.query(
      `select body from platform.fhir_resource union all select body from platform.fhir_past`,
    )
    assert.doesNotMatch(JSON.stringify(rows), /Cough|Travelling/)
    assert.equal((await holder.get(`/fhir/R4/Appointment/${visit}`)).body.status, 'cancelled', 'that it was is kept')
  })

  it('is called off when somebody is erased, and goes when it is forgotten', async () => {
    const { house, saba, holder, book } = await open()
    const visit = await book(nine)
    const ctx = house.house.context('scheduling', { actor: system, traceId: 'test', doing: 'test' })
    await scheduling.erase?.(ctx as never, { patient: saba.patient, names: [] })
    assert.equal((await holder.get(`/fhir/R4/Appointment/${visit}`)).body.status, 'cancelled')
    await house.owner.query(`update scheduling.appointment set start_at = '2000-01-01Z', end_at = '2000-01-02Z'`)
    await house.owner.query(`update scheduling.appointment set id = '00000000-0000-7000-8000-000000000000'`)
    await house.house.tasks()['scheduling:forget']?.({}, undefined as never)
    await house.house.tasks()['scheduling:mend-projections']?.({}, undefined as never)
    for (const id of [visit, `${visit}.patient`]) assert.deepEqual(await versionsOf(house, id), [])
  })

  it('follows whoever became one with another, and goes back', async () => {
    const { house, saba, book } = await open()
    const double = await openPatient(house, 'Saba T.')
    const visit = await book(nine, double)
    await house.work()
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const merge = { survivor: saba.patient, replaced: double.patient, reason: 'One person' }
    const { body } = await administrator.post('/v1/merges', merge)
    await house.work()
    assert.deepEqual(await found(saba, `Appointment?patient=${saba.patient}`), [visit])
    const undone = await administrator.post(`/v1/merges/${body.id}/undo`, { reason: 'Two persons' }, at(1))
    assert.equal(undone.status, 200, JSON.stringify(undone.body))
    await house.work()
    assert.deepEqual(await found(saba, 'Appointment'), [])
    assert.deepEqual(await found(double, `Appointment?patient=${double.patient}`), [visit])
  })
})

/** By an access_grant over the patient. */
async function granted(house: TestHouse, patient: string, relationship: string, powers: string[]): Promise<Client> {
  const self = relationship === 'treatment' ? { practitioner: newId() } : { caregiver: newId() }
  const who = await house.signedIn({ self })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from) values ($1, $2, $3, 'Patient', $4, $5, '2020-01-01Z')`,
    [newId(), who.account, relationship, patient, powers],
  )
  return who
}

/** The desk of an organisation that registered this patient, or practitioner. */
async function deskOf(house: TestHouse, type: string, subject: string): Promise<Client> {
  const organisation = newId()
  await house.owner.query(
    `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, $3, $4, $4, '2020-01-01Z')`,
    [newId(), organisation, type, subject],
  )
  return house.signedIn({ desk: { organisation, function: 'desk' } })
}

describe('who sees a visit', () => {
  it('by FHIR is who sees it by /v1: one by one, in searches and in histories', async () => {
    await using house = await openTestHouse(everything)
    const team = await openTeam(house, 2)
    const { client: saba, practitioners } = team
    const [first = '', second = ''] = practitioners
    const psychiatrist = await openCalendar(house, { specialities: ['psychiatry'] })
    const by = (powers: string[], relationship = 'mandate') => granted(house, saba.patient, relationship, powers)
    const booker = await by(['book'])
    const book = async (who: Client, practitioner: string, start: string) => {
      const { status, body } = await who.post('/v1/appointments', { practitioner, patient: saba.patient, start })
      assert.equal(status, 201, JSON.stringify(body))
      return body.id as string
    }
    const whole = await bookAll(team)
    const visits: string[] = [
      await book(saba, first, '2031-03-04T09:00:00Z'),
      await book(booker, psychiatrist, '2031-03-04T10:00:00Z'),
      await book(saba, psychiatrist, '2031-03-04T11:00:00Z'),
    ]
    const { rows } = await house.owner.query('select id from scheduling.appointment where together = $1', [whole.id])
    for (const { id } of rows) visits.push(id)
    const seeing: [who: string, client: Client, sees: number][] = [
      ['the patient', saba, 4],
      ['who books, and booked one that is sensitive', booker, 3],
      ['who may book', await by(['book']), 2],
      ['who may book and see what is sensitive', await by(['book', 'see-sensitive']), 4],
      ['who may see the record alone', await by(['see-record', 'see-sensitive']), 0],
      ['one of two who give it', await house.signedIn({ self: { practitioner: first } }), 2],
      ['the other', await house.signedIn({ self: { practitioner: second } }), 1],
      ['whoever gives what is sensitive', await house.signedIn({ self: { practitioner: psychiatrist } }), 2],
      ['who treats the patient', await by(['see-record'], 'treatment'), 0],
      ['the desk that looks after the patient', await deskOf(house, 'Patient', saba.patient), 4],
      ['the desk that looks after another', await deskOf(house, 'Patient', newId()), 0],
      ['another patient', await newPatient(house), 0],
    ]
    for (const [who, client, sees] of seeing) {
      const seen: string[] = []
      for (const id of visits) {
        const { status } = await client.get(`/v1/appointments/${id}`)
        assert.equal((await client.get(`/fhir/R4/Appointment/${id}`)).status, status, `${who} ${visits.indexOf(id)}`)
        assert.equal((await client.get(`/fhir/R4/Appointment/${id}/_history/1`)).status, status, who)
        assert.equal((await client.get(`/fhir/R4/AppointmentResponse/${id}.patient`)).status, status, who)
        if (status === 200) seen.push(id)
      }
      assert.equal(seen.length, sees, who)
      assert.deepEqual((await found(client, 'Appointment')).sort(), seen.toSorted(), who)
      const { body } = await client.get('/fhir/R4/Appointment/_history')
      assert.equal(body.entry?.length ?? 0, sees, who)
    }
  })

  it('is the desk that keeps the hours, until the practitioner has an account', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const saba = await newPatient(house)
    const wish = { practitioner, patient: saba.patient, start: nine }
    const { id } = (await saba.post('/v1/appointments', wish)).body
    const desk = await deskOf(house, 'Practitioner', practitioner)
    assert.deepEqual(await found(desk, `Appointment?practitioner=${practitioner}`), [id])
    await house.signedIn({ self: { practitioner } })
    assert.equal((await desk.get(`/fhir/R4/Appointment/${id}`)).status, 404)
    assert.equal((await desk.get(`/v1/appointments/${id}`)).status, 404)
  })

  it('is nobody of a group but each of themselves', async () => {
    const { house, saba, book } = await open()
    const other = await newPatient(house)
    const [mine, theirs] = [await book(nine), await book(ten, other)]
    assert.deepEqual([await found(saba, 'Appointment'), await found(other, 'Appointment')], [[mine], [theirs]])
    assert.deepEqual(await found(other, `AppointmentResponse?appointment=${mine}`), [])
  })

  it('reading leaves one row in the log, about the patient', async () => {
    const { house, saba, holder, book } = await open()
    const visit = await book(nine)
    await holder.get(`/fhir/R4/Appointment/${visit}`)
    await found(holder, 'Appointment')
    const { rows } = await house.owner.query(
      `select subject, relationship from platform.audit_event where entity = $1 and action = 'R' order by id`,
      [`Appointment/${visit}`],
    )
    const subject = `Patient/${saba.patient}`
    assert.deepEqual(rows, [
      { subject, relationship: 'practitioner' },
      { subject, relationship: null },
    ])
  })
})
