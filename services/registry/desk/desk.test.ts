import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rotateKeys } from '#platform/rotate-keys.ts'
import { aLicence, aPatient, aPractitioner, nowhere, openRegistry, pdf, version } from '../testing.ts'

const anOrganisation = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'GH' }

async function openDesk() {
  const opened = await openRegistry()
  const { house, administrator } = opened
  const root = await administrator()
  const organisation = async (change: object = {}) => {
    const { status, body } = await root.post('/v1/organisations', { ...anOrganisation, ...change })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  /** Somebody who signed up, so that identity knows them. */
  const account = async (userName: string) => {
    const password = 'salt-harbour-lantern-7'
    await house.anonymous.post('/v1/accounts', { userName, name: 'Somebody', password })
    const { token, account } = (await house.anonymous.post('/v1/sessions', { userName, password })).body
    return { ...house.withToken(token), account: account.id as string }
  }
  const clerk = (organisation: string, what: 'desk' | 'manager' = 'desk') =>
    house.signedIn({ desk: { organisation, function: what } })
  const registered = async (organisation: string, who = clerk(organisation), change: object = {}) => {
    const { status, body } = await (await who).post(`/v1/organisations/${organisation}/patients`, {
      ...aPatient,
      ...change,
    })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  return { ...opened, root, organisation, account, clerk, registered }
}

describe('/v1/organisations', async () => {
  const { house, root, organisation, clerk, patient } = await openDesk()

  it('POST is for administrators, and anybody may read and search', async () => {
    const id = await organisation({ phone: '+12025550147' })
    const { body } = await house.anonymous.get(`/v1/organisations/${id}`)
    assert.deepEqual(body, { id, ...anOrganisation, phone: '+12025550147', active: true, version: 1 })
    assert.equal((await house.anonymous.get('/v1/organisations?q=harbor')).body.items[0].id, id)
    assert.equal((await (await patient()).post('/v1/organisations', anOrganisation)).status, 403)
    assert.equal((await house.anonymous.post('/v1/organisations', anOrganisation)).status, 401)
    assert.equal((await root.post('/v1/organisations', { ...anOrganisation, country: 'ZQ' })).status, 400)
    assert.equal((await house.anonymous.get(`/v1/organisations/${nowhere}`)).status, 404)
  })

  it('PATCH is for its managers and administrators; only those take it out of use, and then nobody works there', async () => {
    const id = await organisation()
    const path = `/v1/organisations/${id}`
    const [manager, desk, foreign] = [
      await clerk(id, 'manager'),
      await clerk(id),
      await clerk(await organisation(), 'manager'),
    ]
    assert.equal((await desk.patch(path, { name: 'x' }, version(1))).status, 404)
    assert.equal((await foreign.patch(path, { name: 'x' }, version(1))).status, 404)
    assert.equal((await manager.patch(path, { name: 'Quay Trust' }, version(1))).body.name, 'Quay Trust')
    assert.equal((await manager.patch(path, { active: false }, version(2))).status, 403)
    assert.equal((await root.patch(path, { active: false }, version(1))).status, 412)
    assert.equal((await root.patch(path, { active: false }, version(2))).body.active, false)
    assert.equal((await desk.post(`${path}/patients`, aPatient)).status, 403)
    assert.equal((await house.anonymous.get('/v1/organisations?q=quay')).body.items.length, 0)
    assert.equal((await root.post(`${path}/members`, { account: nowhere, function: 'desk' })).status, 422)
    assert.equal((await root.patch(path, { active: true }, version(3))).body.active, true)
  })
})

describe('/v1/organisations/:id/members', async () => {
  const { root, organisation, account, clerk, house } = await openDesk()
  const id = await organisation()
  const path = `/v1/organisations/${id}/members`

  it('POST lets somebody work there from the next request on, and DELETE ends it with the next', async () => {
    const mary = await account('mary')
    assert.equal((await mary.post(`/v1/organisations/${id}/patients`, aPatient)).status, 403)
    const made = await root.post(path, { account: mary.account, function: 'manager' })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.equal((await mary.post(`/v1/organisations/${id}/patients`, aPatient)).status, 201)
    assert.deepEqual((await mary.get('/v1/members')).body.items, [made.body])
    const john = await account('john')
    const his = await mary.post(path, { account: john.account, function: 'desk' })
    assert.equal(his.status, 201)
    assert.equal((await mary.get(path)).body.items.length, 2)
    assert.equal((await john.get(path)).body.items.length, 2)
    assert.equal((await john.delete(`/v1/members/${made.body.id}`)).status, 404)
    assert.equal((await john.post(path, { account: john.account, function: 'manager' })).status, 404)
    assert.equal((await mary.delete(`/v1/members/${his.body.id}`)).status, 204)
    assert.equal((await john.post(`/v1/organisations/${id}/patients`, aPatient)).status, 403)
    assert.equal((await mary.delete(`/v1/members/${his.body.id}`)).status, 404)
  })

  it('is closed to another organisation, and to those without an account', async () => {
    const foreign = await clerk(await organisation(), 'manager')
    assert.equal((await foreign.get(path)).status, 404)
    assert.equal((await foreign.post(path, { account: foreign.account, function: 'desk' })).status, 404)
    assert.equal((await root.post(path, { account: nowhere, function: 'desk' })).status, 422)
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await root.post(path, { account: nowhere, function: 'king' })).status, 400)
  })

  it('gives one membership to an account, however many ask at once', async () => {
    const anna = await account('anna')
    const answers = await Promise.all([1, 2, 3].map(() => root.post(path, { account: anna.account, function: 'desk' })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
  })
})

describe('patients without an account', async () => {
  const { house, root, organisation, clerk, registered, practitioner, rows } = await openDesk()
  const id = await organisation()
  const desk = await clerk(id)
  const foreign = await clerk(await organisation({ name: 'Other' }), 'manager')

  it('are registered at a desk, without phone or e-mail, and found there and nowhere else', async () => {
    const child = await registered(id, Promise.resolve(desk), { name: 'Ṭeṣfaye Bílen', birthDate: '2031-02-27' })
    const search = `/v1/organisations/${id}/patients/search`
    for (const criteria of [{ name: 'tesfaye' }, { birthDate: '2031-02-27' }, {}])
      assert.equal((await desk.post(search, criteria)).body.items[0].id, child, JSON.stringify(criteria))
    assert.deepEqual((await desk.post(search, { name: 'nobody' })).body.items, [])
    assert.equal((await foreign.post(search, {})).status, 404)
    assert.equal((await foreign.post(`/v1/organisations/${id}/patients`, aPatient)).status, 404)
    assert.equal((await desk.get(`/v1/patients/${child}`)).body.birthDate, '2031-02-27')
    assert.equal((await foreign.get(`/v1/patients/${child}`)).status, 404)
    const changed = await desk.patch(`/v1/patients/${child}`, { language: 'en' }, version(1))
    assert.equal(changed.body.language, 'en')
    assert.equal((await foreign.patch(`/v1/patients/${child}`, { language: 'am' }, version(2))).status, 404)
    const trace = await rows(
      "select relationship from platform.audit_event where subject = $1 and reason is null and operation = 'readPatient'",
      [`Patient/${child}`],
    )
    assert.deepEqual(trace, [{ relationship: 'desk' }])
  })

  it('are booked for by the desk that looks after them, which sees their visits; another organisation cannot', async () => {
    const child = await registered(id, Promise.resolve(desk))
    const doctor = await practitioner()
    const licence = (await doctor.post(`/v1/practitioners/${doctor.id}/licences`, aLicence)).body.id
    await doctor.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    await root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2))
    const place = { name: 'Quay', address: 'a', city: 'b', country: 'GH', latitude: 1, longitude: 2, zone: 'UTC' }
    const other = await organisation({ name: 'Third' })
    const where = (await root.post('/v1/places', { ...place, organisation: other })).body
    assert.equal(where.organisation, other)
    const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
    const schedule = { place: where.id, modes: ['in-person'], minutes: 30, hours, validFrom: '2031-03-01' }
    const placed = await doctor.post('/v1/schedules', schedule)
    assert.equal(placed.status, 201, JSON.stringify(placed.body))
    const wish = { practitioner: doctor.id, patient: child, start: '2031-03-03T09:00:00Z' }
    assert.equal((await foreign.post('/v1/appointments', wish)).status, 404)
    const visit = await desk.post('/v1/appointments', wish)
    assert.equal(visit.status, 201, JSON.stringify(visit.body))
    const list = `/v1/appointments?patient=${child}`
    assert.deepEqual(
      (await desk.get(list)).body.items.map(({ id }: { id: string }) => id),
      [visit.body.id],
    )
    assert.deepEqual((await foreign.get(list)).body.items, [])

    // The organisation where the visit takes place awaits the patient: from then on, until thirty days after it or until it is cancelled.
    const third = await clerk(other)
    assert.equal((await third.get(`/v1/patients/${child}`)).status, 404)
    await house.work()
    assert.equal((await third.get(`/v1/patients/${child}`)).status, 200)
    assert.equal((await third.get(`/v1/appointments/${visit.body.id}`)).status, 200)
    assert.equal((await third.patch(`/v1/patients/${child}`, { language: 'en' }, version(1))).status, 404)
    assert.equal((await third.post(`/v1/patients/${child}/claim-code`)).status, 404)
    house.setNow('2031-04-03T09:00:00Z')
    assert.equal((await third.get(`/v1/patients/${child}`)).status, 404)
    house.setNow('2031-03-01T08:00:00Z')
    assert.equal((await third.get(`/v1/patients/${child}`)).status, 200)
    const cancelled = await desk.post(`/v1/appointments/${visit.body.id}/cancel`, { reason: 'pat' }, version(1))
    assert.equal(cancelled.status, 200)
    await house.work()
    assert.equal((await third.get(`/v1/patients/${child}`)).status, 404)
    assert.equal((await desk.get(`/v1/patients/${child}`)).status, 200)
  })
})

describe('practitioners without an account', async () => {
  const { root, organisation, clerk } = await openDesk()
  const id = await organisation()
  const [desk, foreign] = [await clerk(id), await clerk(await organisation())]

  it('are registered at a desk, which keeps their profile and licences until they have an account', async () => {
    const made = await desk.post(`/v1/organisations/${id}/practitioners`, aPractitioner)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const path = `/v1/practitioners/${made.body.id}`
    assert.equal((await desk.get(`/v1/organisations/${id}/practitioners`)).body.items[0].id, made.body.id)
    assert.equal((await foreign.get(`/v1/organisations/${id}/practitioners`)).status, 404)
    assert.equal((await desk.get(path)).status, 200)
    assert.equal((await foreign.get(path)).status, 404)
    assert.equal((await desk.patch(path, { about: 'Hearts.' }, version(1))).body.about, 'Hearts.')
    assert.equal((await foreign.patch(path, { about: 'x' }, version(2))).status, 404)
    assert.equal((await foreign.post(`${path}/licences`, aLicence)).status, 404)
    const licence = (await desk.post(`${path}/licences`, aLicence)).body.id
    assert.equal((await foreign.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)).status, 404)
    assert.equal((await desk.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)).status, 200)
    assert.equal((await desk.get(`${path}/licences`)).body.items.length, 1)
    assert.equal((await foreign.get(`${path}/licences`)).status, 404)
    assert.equal((await root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2))).status, 200)
  })
})

describe('POST /v1/claims', async () => {
  const { house, root, organisation, clerk, registered, patient, rows } = await openDesk()
  const id = await organisation()
  const [desk, foreign] = [await clerk(id), await clerk(await organisation())]
  const { birthDate } = aPatient
  const slip = async (child: string) => {
    const { status, body } = await desk.post(`/v1/patients/${child}/claim-code`)
    assert.equal(status, 201, JSON.stringify(body))
    return body.code as string
  }

  it('gives a person their own record, once, to the one who is first', async () => {
    const child = await registered(id)
    assert.equal((await foreign.post(`/v1/patients/${child}/claim-code`)).status, 404)
    const code = await slip(child)
    const people = await Promise.all([1, 2, 3].map(() => house.signedIn()))
    const answers = await Promise.all(people.map((who) => who.post('/v1/claims', { code, birthDate })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422])
    const winner = people[answers.findIndex(({ status }) => status === 200)]
    assert.deepEqual(answers.find(({ status }) => status === 200)?.body, { type: 'Patient', record: child })
    assert.equal((await winner?.get(`/v1/patients/${child}`))?.status, 200)
    assert.equal((await winner?.patch(`/v1/patients/${child}`, { name: 'Saba' }, version(2)))?.status, 200)
    assert.equal((await desk.get(`/v1/patients/${child}`)).status, 200)
    assert.equal((await desk.patch(`/v1/patients/${child}`, { name: 'x' }, version(3))).status, 404)
    assert.equal((await desk.post(`/v1/patients/${child}/claim-code`)).status, 404)
  })

  it('wants the birth date too, within fourteen days, with the newest slip', async () => {
    const child = await registered(id)
    const [old, code] = [await slip(child), await slip(child)]
    const who = await house.signedIn()
    const claim = async (body: object) => (await who.post('/v1/claims', body)).status
    assert.equal(await claim({ code: old, birthDate }), 422)
    assert.equal(await claim({ code }), 422)
    assert.equal(await claim({ code, birthDate: '1987-06-06' }), 422)
    assert.equal(await claim({ code: 'x' }), 400)
    house.setNow('2031-03-15T08:00:01Z')
    assert.equal(await claim({ code, birthDate }), 422)
    house.setNow('2031-03-01T08:00:00Z')
    assert.equal(await claim({ code: code.toLowerCase().replaceAll('-', ''), birthDate }), 200)
    assert.equal((await house.anonymous.post('/v1/claims', { code, birthDate })).status, 401)
  })

  it('leaves the slip good where somebody has a profile already', async () => {
    const code = await slip(await registered(id))
    assert.equal((await (await patient()).post('/v1/claims', { code, birthDate })).status, 409)
    assert.equal((await (await house.signedIn()).post('/v1/claims', { code, birthDate })).status, 200)
  })

  it('is throttled by account: ten wrong codes an hour', async () => {
    const code = await slip(await registered(id))
    const who = await house.signedIn()
    for (let n = 0; n < 10; n++)
      assert.equal((await who.post('/v1/claims', { code: 'ZZZZ-ZZZZ-ZZZZ', birthDate })).status, 422)
    const refused = await who.post('/v1/claims', { code, birthDate })
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '3600'])
    house.setNow('2031-03-01T09:00:01Z')
    assert.equal((await who.post('/v1/claims', { code, birthDate })).status, 200)
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('makes a practitioner whose licence was verified before they had an account', async () => {
    const made = (await desk.post(`/v1/organisations/${id}/practitioners`, aPractitioner)).body.id
    const licence = (await desk.post(`/v1/practitioners/${made}/licences`, aLicence)).body.id
    await desk.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    await root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2))
    const { code } = (await desk.post(`/v1/practitioners/${made}/claim-code`)).body
    const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
    const schedule = { modes: ['video'], zone: 'UTC', minutes: 30, hours, validFrom: '2031-03-01' }
    assert.equal((await desk.post('/v1/schedules', { practitioner: made, ...schedule })).status, 201)
    const saba = await patient()
    const book = async (start: string) =>
      (await saba.post('/v1/appointments', { practitioner: made, patient: saba.id, start })).body
    const [visit, cancelled] = [await book('2031-03-03T09:00:00Z'), await book('2031-03-03T10:00:00Z')]
    assert.equal(
      (await saba.post(`/v1/appointments/${cancelled.id}/cancel`, { reason: 'pat' }, version(1))).status,
      200,
    )
    await house.work()

    const doctor = await house.signedIn()
    assert.equal((await doctor.post('/v1/claims', { code })).body.record, made)
    const own = [{ day: 'tue', from: '09:00', until: '12:00' }]
    assert.equal((await doctor.post('/v1/schedules', { ...schedule, hours: own })).status, 201)
    assert.equal((await doctor.get(`/v1/patients/${saba.id}`)).status, 404)
    await house.work()
    assert.equal((await doctor.get(`/v1/patients/${saba.id}`)).status, 200, 'whom they treat is theirs to see')
    const treated = await rows(
      "select source_id from platform.access_grant where account_id = $1 and relationship = 'treatment'",
      [doctor.account],
    )
    assert.deepEqual(treated, [{ source_id: visit.id }])
  })

  it('takes a slip that was printed before the keys changed', async () => {
    const child = await registered(id)
    const code = await slip(child)
    const { owner, house: inside } = house
    const send = (text: string, values?: unknown[]) => owner.query(text, values)
    await rotateKeys({ send, config: inside.config, rooms: [], now: inside.now() })
    const who = await house.signedIn()
    assert.equal((await who.post('/v1/claims', { code, birthDate })).body.record, child)
  })

  it('keeps no code in the clear', async () => {
    const code = (await slip(await registered(id))).replaceAll('-', '')
    for (const table of ['registry.claim_code', 'platform.once', 'platform.audit_event'])
      assert.doesNotMatch(JSON.stringify(await rows(`select t::text from ${table} t`)), new RegExp(code))
  })
})
