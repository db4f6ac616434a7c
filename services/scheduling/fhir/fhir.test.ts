import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Answer, type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar, openPlace, openServices } from '../../../tests/calendar.ts'
import { checked } from '../../../tests/fhir-r4.ts'

const BASE = 'http://openhcs.test/fhir/R4'

/** Every answer must be what R4 says. */
async function get(who: Client, url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await who.get(`/fhir/R4${url}`, headers)
  if (answer.status !== 304) {
    assert.match(String(answer.headers['content-type']), /^application\/fhir\+json/)
    checked(answer.body)
  }
  return answer
}
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
const found = ({ body }: Answer): any[] => (body.entry ?? []).map(({ resource }: { resource: unknown }) => resource)
const issue = ({ body }: Answer) => body.issue[0].code

async function open() {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const place = await openPlace(house)
  const okello = await openCalendar(house, { place, from: '09:00', until: '12:00' })
  const saba = await newPatient(house)
  const holder = await house.signedIn({ self: { practitioner: okello } })
  const { rows } = await house.owner.query('select id from scheduling.schedule where practitioner_id = $1', [okello])
  return { house, place, okello, saba, holder, schedule: rows[0].id as string }
}

describe('GET /fhir/R4/metadata', async () => {
  const { house } = await open()

  it('says what is there, to everybody, and nothing that is not', async () => {
    const { status, body } = await get(house.anonymous, '/metadata')
    assert.equal(status, 200)
    assert.equal(body.fhirVersion, '4.0.1')
    const types = body.rest[0].resource as {
      type: string
      interaction: { code: string }[]
      searchParam: { name: string }[]
    }[]
    for (const { type, interaction, searchParam = [] } of types) {
      for (const { code } of interaction ?? []) {
        if (code !== 'read' && code !== 'search-type') continue
        const path = code === 'read' ? `/${type}/${newId()}` : `/${type}`
        assert.equal((await get(house.anonymous, path)).status, 401, `${type} ${code}`)
      }
      for (const { name } of searchParam) assert.ok(name.length > 0)
    }
    assert.ok(types.some(({ type }) => type === 'Slot'))
    assert.equal((await get(house.anonymous, '/BodyStructure')).status, 404)
  })
})

describe('GET /fhir/R4/Slot', async () => {
  const { house, okello, saba, schedule } = await open()
  const search = (query: string, headers = {}) => get(saba, `/Slot?${query}`, headers)
  const starts = (answer: Answer) => found(answer).map(({ start }) => start.slice(0, 16))

  it('shows what is free, as /v1 does', async () => {
    const day = 'start=ge2031-03-03&start=lt2031-03-04'
    const answer = await search(`schedule=Schedule/${schedule}&${day}`)
    const v1 = await saba.get(`/v1/practitioners/${okello}/slots?from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z`)
    assert.equal(answer.status, 200)
    assert.deepEqual(
      found(answer).map(({ start, end }) => [start, end]),
      v1.body.items.map(({ start, end }: { start: string; end: string }) => [start, end]),
    )
    assert.deepEqual(starts(await search(`schedule.actor=Practitioner/${okello}&${day}`)), starts(answer))
    assert.deepEqual(starts(await search(`schedule=${BASE}/Schedule/${schedule}&${day}`)), starts(answer))
    assert.deepEqual(starts(await search(`schedule=${schedule}&start=2031-03-03`)), starts(answer))
  })

  it('takes every prefix, and several together', async () => {
    const of = async (query: string) => starts(await search(`schedule=${schedule}&${query}`)).map((at) => at.slice(11))
    assert.deepEqual(await of('start=gt2031-03-03T10:30:00Z&start=le2031-03-03T11:30:00Z'), ['11:00', '11:30'])
    assert.deepEqual(await of('start=ge2031-03-03T10:30:00Z&start=lt2031-03-03T11:30Z'), ['10:30', '11:00'])
    assert.deepEqual(await of('start=eq2031-03-03T11:00:00Z'), ['11:00'])
    assert.deepEqual(await of('start=ge2031-03-04&start=lt2031-03-03'), [])
    assert.deepEqual(await of('start=le2031-02-01'), [], 'what is over is no offer')
  })

  it('pages by its next link until all have been shown once', async () => {
    const seen: string[] = []
    let url = `/Slot?schedule=${schedule}&start=2031-03-03&_count=4`
    for (let pages = 1; ; pages++) {
      const answer = await get(saba, url)
      seen.push(...starts(answer))
      const links = answer.body.link as { relation: string; url: string }[]
      assert.equal(links[0]?.relation, 'self')
      const next = links.find(({ relation }) => relation === 'next')
      if (!next) {
        assert.equal(pages, 2)
        break
      }
      url = next.url.slice(BASE.length)
    }
    assert.equal(seen.length, 6)
    assert.equal(new Set(seen).size, 6)
  })

  it('reads one while it is free, and answers 304 to who has it', async () => {
    const [first] = found(await search(`schedule=${schedule}&start=2031-03-03`))
    const one = await get(saba, `/Slot/${first.id}`)
    assert.deepEqual([one.status, one.body.start], [200, first.start])
    assert.equal((await get(saba, `/Slot/${first.id}`, { 'if-none-match': String(one.headers.etag) })).status, 304)
    const body = { practitioner: okello, patient: saba.patient, start: first.start }
    assert.equal((await saba.post('/v1/appointments', body)).status, 201)
    assert.equal((await get(saba, `/Slot/${first.id}`)).status, 404)
    assert.ok(!starts(await search(`schedule=${schedule}&start=2031-03-03`)).includes(first.start.slice(0, 16)))
    for (const id of ['x', newId(), `${first.id}.1`]) assert.equal((await get(saba, `/Slot/${id}`)).status, 404)
  })

  it('has nothing that is busy, and refuses what it does not understand', async () => {
    assert.deepEqual(found(await search(`schedule=${schedule}&status=busy`)), [])
    assert.ok(found(await search(`schedule=${schedule}&status=busy,free`)).length > 0)
    assert.deepEqual(found(await search(`schedule=${newId()}`)), [])
    for (const query of [
      '',
      'start=2031-03-03',
      `schedule=${schedule}&start=2031-02-30`,
      `schedule=${schedule}&start=ne2031`,
      'schedule=Patient/1',
      'schedule=a,b',
      `schedule=Schedule/${schedule}/_history`,
      `schedule:missing=true`,
      `schedule=${schedule}&_count=0`,
      `schedule=${schedule}&cursor=x`,
    ]) {
      const answer = await search(query)
      assert.deepEqual([answer.status, issue(answer)], [400, 'invalid'], query)
    }
  })

  it('leaves out what nobody knows, and says so in its self link; or refuses it, if asked to', async () => {
    const query = `schedule=${schedule}&start=2031-03-03&colour=red`
    const lenient = await search(query)
    assert.equal(lenient.status, 200)
    assert.doesNotMatch(lenient.body.link[0].url, /colour/)
    assert.match(lenient.body.link[0].url, /schedule=/)
    const strict = await search(query, { prefer: 'handling=strict' })
    assert.equal(strict.status, 400)
    assert.equal(strict.body.issue[1].expression[0], 'http.colour')
  })

  it('names the service, and the seats that are left', async () => {
    const group = await openCalendar(house)
    const facts = { speciality: 'cardiology', minutes: 30, before: 0, after: 0, notice: 0, window: 90, full: undefined }
    await openServices(house, group, [{ code: 'class', ...facts, seats: 8 }])
    const { owner, house: opened } = house
    await owner.query('set search_path = scheduling, platform')
    await owner.query('select refresh_offers($1, $2)', [[group], opened.now()])
    const [slot] = found(await search(`schedule.actor=${group}&start=2031-03-03`))
    assert.deepEqual([slot.serviceType[0].coding[0].code, slot.extension[0].valueInteger], ['class', 8])
    assert.equal((await get(saba, `/Slot/${slot.id}`)).body.id, slot.id)
  })

  it('is for those who may look for care', async () => {
    assert.equal((await get(house.anonymous, `/Slot?schedule=${schedule}`)).status, 401)
    const nobody = await house.signedIn()
    const answer = await get(nobody, `/Slot?schedule=${schedule}`)
    assert.deepEqual([answer.status, issue(answer)], [403, 'forbidden'])
  })
})

describe('GET /fhir/R4/Schedule', async () => {
  const { house, okello, saba, holder, schedule, place } = await open()

  it('shows who, where and for what', async () => {
    for (const query of [`actor=Practitioner/${okello}`, `actor=Location/${place}`]) {
      const [one, ...more] = found(await get(saba, `/Schedule?${query}`))
      assert.equal(more.length, 0)
      assert.deepEqual(
        [one.id, one.active, one.actor.map(({ reference }: { reference: string }) => reference)],
        [schedule, true, [`Practitioner/${okello}`, `Location/${place}`]],
      )
    }
    assert.equal((await get(saba, `/Schedule/${schedule}`)).body.planningHorizon.start, '2031-03-01')
    assert.equal(found(await get(holder, '/Schedule')).length, 1, 'without an actor one’s own')
    assert.equal((await get(saba, '/Schedule')).status, 400)
    assert.deepEqual(found(await get(saba, `/Schedule?actor=${newId()}`.replace('=', '=Practitioner/'))), [])
  })

  it('searches by days that the horizon reaches into', async () => {
    const n = async (date: string) => found(await get(saba, `/Schedule?actor=Practitioner/${okello}&${date}`)).length
    assert.deepEqual([await n('date=ge2031-03-03'), await n('date=ge2032'), await n('date=lt2020')], [1, 0, 0])
    assert.deepEqual(
      [await n('date=eq9999'), await n('date=ge0001-01-01T00:00:00%2B14:00')],
      [0, 1],
      'also beyond years',
    )
  })

  it('is not there without a licence, but to whom the hours belong', async () => {
    await house.owner.query(`update scheduling.practitioner set licensed_until = '2031-02-01Z' where id = $1`, [okello])
    assert.equal((await get(saba, `/Schedule/${schedule}`)).status, 404)
    assert.deepEqual(found(await get(saba, `/Slot?schedule=${schedule}`)), [])
    const own = await get(holder, `/Schedule/${schedule}`)
    assert.deepEqual([own.status, own.body.active], [200, false])
  })
})

describe('GET /fhir/R4/Appointment', async () => {
  const { house, okello, saba, holder } = await open()
  const book = async (start: string) =>
    (await saba.post('/v1/appointments', { practitioner: okello, patient: saba.patient, start, reason: 'cough' })).body
  const first = await book('2031-03-03T09:00:00Z')
  const second = await book('2031-03-04T10:00:00Z')
  const ids = async (who: Client, query: string) => found(await get(who, `/Appointment?${query}`)).map(({ id }) => id)

  it('is shown to whom /v1 shows it, with its version', async () => {
    for (const who of [saba, holder]) {
      const { status, body, headers } = await get(who, `/Appointment/${first.id}`)
      assert.deepEqual([status, headers.etag, headers['cache-control']], [200, 'W/"1"', 'no-store'])
      assert.deepEqual([body.status, body.start, body.minutesDuration], ['booked', first.start, 30])
      assert.equal(body.participant[0].actor.reference, `Patient/${saba.patient}`)
    }
    assert.equal((await get(saba, `/Appointment/${first.id}`, { 'if-none-match': 'W/"1"' })).status, 304)
    const other = await newPatient(house)
    const hidden = await get(other, `/Appointment/${first.id}`)
    const absent = await get(other, `/Appointment/${newId()}`)
    assert.deepEqual([hidden.status, issue(hidden)], [404, 'not-found'])
    assert.equal(hidden.body.issue[0].diagnostics, absent.body.issue[0].diagnostics)
    assert.deepEqual(await ids(other, `patient=${saba.patient}`), [])
    assert.equal((await get(house.anonymous, `/Appointment/${first.id}`)).status, 401)
    assert.equal((await get(saba, '/Appointment/none')).status, 404)
  })

  it('leaves the same note of who has read it', async () => {
    const { rows } = await house.owner.query(
      `select count(*)::int as n from platform.audit_event where entity = $1 and account_id = $2 and action = 'R'`,
      [`Appointment/${first.id}`, holder.account],
    )
    assert.equal(rows[0].n, 1)
  })

  it('is found by patient, practitioner, actor, date, status and identifier', async () => {
    const both = [first.id, second.id]
    assert.deepEqual(await ids(saba, ''), both)
    for (const query of [
      `patient=${saba.patient}`,
      `patient=Patient/${saba.patient}`,
      `practitioner=${okello}`,
      `actor=Practitioner/${okello}`,
      'status=booked,arrived',
    ])
      assert.deepEqual(await ids(saba, query), both, query)
    assert.deepEqual(await ids(saba, `actor=Patient/${saba.patient}&practitioner=${okello}&date=2031-03-04`), [
      second.id,
    ])
    assert.deepEqual(await ids(saba, 'date=lt2031-03-04'), [first.id])
    assert.deepEqual(await ids(saba, `identifier=urn:ietf:rfc:3986|urn:uuid:${second.id}`), [second.id])
    assert.deepEqual(await ids(saba, 'identifier=nothing'), [])
    assert.deepEqual(await ids(saba, 'status=cancelled'), [])
    assert.deepEqual(await ids(saba, `actor=Patient/${newId()}&patient=${saba.patient}`), [])
    assert.deepEqual(await ids(saba, 'actor=1'), [], 'an id without a type is of any')
  })

  it('pages', async () => {
    const page = await get(saba, '/Appointment?_count=1')
    assert.deepEqual(
      found(page).map(({ id }) => id),
      [first.id],
    )
    const next = page.body.link.find(({ relation }: { relation: string }) => relation === 'next').url
    assert.deepEqual(
      found(await get(saba, next.slice(BASE.length))).map(({ id }) => id),
      [second.id],
    )
  })

  it('says why it was called off, and by whom', async () => {
    const gone = await saba.post(
      `/v1/appointments/${second.id}/cancel`,
      { reason: 'pat-cpp', note: 'Travelling' },
      { 'if-match': '"1"' },
    )
    assert.equal(gone.status, 200)
    const { body, headers } = await get(saba, `/Appointment/${second.id}`)
    assert.deepEqual([body.status, headers.etag, body.cancelationReason.text], ['cancelled', 'W/"2"', 'Travelling'])
    assert.equal(body.participant[0].status, 'declined')
  })
})

describe('GET /fhir/R4/AppointmentResponse', async () => {
  const { house, okello, saba, holder } = await open()
  const book = async (start: string) =>
    (await saba.post('/v1/appointments', { practitioner: okello, patient: saba.patient, start })).body.id as string
  const [stays, gone] = [await book('2031-03-03T09:00:00Z'), await book('2031-03-04T09:00:00Z')]
  const body = { reason: 'pat-cpp', note: 'Travelling' }
  await saba.post(`/v1/appointments/${gone}/cancel`, body, { 'if-match': '"1"' })
  const said = async (who: Client, query: string) =>
    found(await get(who, `/AppointmentResponse?${query}`)).map(({ id, participantStatus }) => [id, participantStatus])

  it('says who has accepted, and who has called it off', async () => {
    assert.deepEqual(await said(saba, `appointment=Appointment/${stays}`), [
      [`${stays}.patient`, 'accepted'],
      [`${stays}.practitioner`, 'accepted'],
    ])
    assert.deepEqual(await said(holder, `actor=Patient/${saba.patient}&part-status=declined`), [
      [`${gone}.patient`, 'declined'],
    ])
    assert.deepEqual(await said(saba, `actor=Practitioner/${okello}&appointment=${gone}`), [
      [`${gone}.practitioner`, 'accepted'],
    ])
    assert.equal((await get(saba, `/AppointmentResponse/${gone}.patient`)).body.comment, 'Travelling')
  })

  it('pages, one at a time if need be', async () => {
    for (const query of [`appointment=${stays}`, `actor=Patient/${saba.patient}`]) {
      const page = await get(saba, `/AppointmentResponse?${query}&_count=1`)
      assert.equal(found(page).length, 1)
      const next = page.body.link.find(({ relation }: { relation: string }) => relation === 'next').url
      const rest = await get(saba, next.slice(BASE.length))
      assert.equal(found(rest).length, 1)
      assert.notEqual(found(rest)[0].id, found(page)[0].id)
    }
  })

  it('is there for whom the visit is there', async () => {
    const other = await newPatient(house)
    assert.deepEqual(await said(other, `appointment=${stays}`), [])
    for (const id of [`${stays}.patient`, `${stays}.nobody`, 'x', `${newId()}.patient`])
      assert.equal((await get(other, `/AppointmentResponse/${id}`)).status, 404)
    assert.equal((await said(saba, '')).length, 4, 'all that one may see')
    assert.equal((await get(house.anonymous, `/AppointmentResponse?appointment=${stays}`)).status, 401)
  })
})
