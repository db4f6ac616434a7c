import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { type Answer, type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, openPlace } from '../../../tests/calendar.ts'
import { checked } from '../../../tests/fhir-r4.ts'

const BASE = 'http://openhcs.test/fhir/R4'
const JSON_TYPE = { 'content-type': 'application/fhir+json' }

type Value = { name: string } & Record<string, unknown>
const parameters = (...parameter: Value[]) => ({ resourceType: 'Parameters', parameter })
const looked = (answer: Answer) => {
  checked(answer.body)
  return answer
}
const ask = async (who: Client, path: string, body: object, headers = {}) =>
  looked(await who.post(`/fhir/R4/Appointment/${path}`, body, { ...JSON_TYPE, ...headers }))
const found = ({ body }: Answer) => (body.entry ?? []).map(({ resource }: { resource: unknown }) => resource)
const [id, whom, why] = [
  (valueUri: string) => ({ name: 'appt-id', valueUri: `Appointment/${valueUri}` }),
  (patient: string) => ({ name: 'patient-id', valueUri: `Patient/${patient}` }),
  (valueString: string) => ({ name: 'comment', valueString }),
]

async function open() {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const place = await openPlace(house)
  const okello = await openCalendar(house, { place, from: '09:00', until: '12:00' })
  const saba = await newPatient(house)
  const find = async (query: string) => looked(await saba.get(`/fhir/R4/Appointment/$find?${query}`))
  const at = async (start: string) =>
    found(await find(`practitioner=Practitioner/${okello}&start=${start}&_count=1`))[0]
  return { house, place, okello, saba, find, at }
}

describe('/fhir/R4/Appointment/$find', async () => {
  const { house, place, okello, saba, find } = await open()

  it('proposes all that one practitioner has free', async () => {
    const answer = await find(`practitioner=Practitioner/${okello}&start=2031-03-03T00:00:00Z&end=2031-03-04T00:00:00Z`)
    const v1 = await saba.get(`/v1/practitioners/${okello}/slots?from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z`)
    assert.deepEqual(
      found(answer).map(({ start }: { start: string }) => start),
      v1.body.items.map(({ start }: { start: string }) => start),
    )
    for (const { id, status, slot } of found(answer)) {
      assert.equal(status, 'proposed')
      const read = await saba.get(`/fhir/R4/${slot[0].reference}`)
      assert.deepEqual([read.status, read.body.id], [200, id])
    }
  })

  it('proposes the first of each who matches, and pages', async () => {
    const other = await openCalendar(house, { place })
    const seen = []
    for (let url = 'specialty=cardiology&_count=1'; ; ) {
      const answer = await find(url)
      seen.push(
        ...found(answer).map(
          (one: { participant: { actor: { reference: string } }[] }) => one.participant[0]?.actor.reference,
        ),
      )
      const next = answer.body.link.find(({ relation }: { relation: string }) => relation === 'next')
      if (!next) break
      url = next.url.slice(`${BASE}/Appointment/$find?`.length)
    }
    assert.deepEqual(seen.sort(), [okello, other].map((one) => `Practitioner/${one}`).sort())
    assert.equal(found(await find(`location-reference=Location/${newId()}`)).length, 0)
    assert.equal(found(await find(`practitioner=${okello}&specialty=dermatology`)).length, 0)
    assert.ok(found(await find(`practitioner=${okello}&specialty=cardiology`)).length > 0)
    assert.equal(found(await find('start=2031-03-03T00:00:00Z&end=2031-03-02T00:00:00Z')).length, 0)
  })

  it('takes the same in a Parameters resource', async () => {
    const body = parameters(
      { name: 'practitioner', valueReference: { reference: `Practitioner/${okello}` } },
      { name: 'start', valueDateTime: '2031-03-03T00:00:00Z' },
      { name: '_count', valueInteger: 2 },
    )
    assert.equal(found(await ask(saba, '$find', body)).length, 2)
  })

  it('points at what is wrong', async () => {
    const wrong: [Value, string][] = [
      [{ name: 'practitioner', valueString: 'x' }, 'Parameters.parameter[0].valueString'],
      [{ name: 'colour', valueCode: 'red' }, 'Parameters.parameter[0].name'],
      [{ name: 'start' }, 'Parameters.parameter[0].valueDateTime'],
      [{ name: 'practitioner', valueUri: 'Patient/1' }, 'Parameters.parameter[0].valueUri'],
    ]
    for (const [one, place] of wrong) {
      const { status, body } = await ask(saba, '$find', parameters(one))
      assert.equal(status, 400)
      assert.ok(
        body.issue.some(({ expression = [] }: { expression?: string[] }) => expression[0] === place),
        JSON.stringify(body),
      )
    }
    assert.equal((await find('practitioner=Patient/1')).status, 400)
  })

  it('is for those who may look for care', async () => {
    assert.equal((await ask(house.anonymous, '$find', parameters({ name: 'mode', valueCode: 'video' }))).status, 401)
    assert.equal(
      (await ask(await house.signedIn(), '$find', parameters({ name: 'mode', valueCode: 'video' }))).status,
      403,
    )
  })
})

describe('POST /fhir/R4/Appointment/$hold and $book', async () => {
  const { house, place, okello, saba, at } = await open()
  const { patient } = saba

  it('hold what was proposed, and book what is held', async () => {
    const proposal = await at('2031-03-03T09:00:00Z')
    const held = await ask(saba, '$hold', parameters(id(proposal.id), whom(patient)))
    assert.equal(held.status, 200)
    const [hold, outcome] = found(held)
    assert.deepEqual([hold.status, hold.start], ['pending', proposal.start])
    assert.match(outcome.issue[0].diagnostics, /2031-03-01T08:05:00/)
    const other = await newPatient(house)
    assert.equal((await ask(other, '$book', parameters(id(hold.id), whom(other.patient)))).status, 404)
    assert.equal((await ask(saba, '$book', parameters(id(hold.id), whom(other.patient)))).status, 404)
    const booked = await ask(saba, '$book', parameters(id(hold.id), whom(patient), why('cough')))
    const [visit] = found(booked)
    assert.deepEqual([booked.status, visit.id, visit.status, visit.description], [200, hold.id, 'booked', 'cough'])
    const read = await saba.get(`/v1/appointments/${hold.id}`)
    assert.deepEqual([read.body.status, read.body.reason], ['booked', 'cough'])
  })

  it('book what was proposed at once, once under one key', async () => {
    const body = parameters(id((await at('2031-03-04T09:00:00Z')).id), whom(patient))
    const [first, second] = [
      await ask(saba, '$book', body, { 'idempotency-key': 'k' }),
      await ask(saba, '$book', body, { 'idempotency-key': 'k' }),
    ]
    assert.deepEqual([first.status, second.status], [200, 200])
    assert.deepEqual(second.body, first.body)
    const { rows } = await house.owner.query(
      `select operation, reason from platform.audit_event where entity = $1 and action = 'C'`,
      [`Appointment/${found(first)[0].id}`],
    )
    assert.deepEqual(rows, [{ operation: 'bookFhirAppointment', reason: null }])
  })

  it('take an Appointment of the client’s, by its slot or by start and practitioner', async () => {
    const { slot } = await at('2031-03-05T09:00:00Z')
    const people = [{ actor: { reference: `Patient/${patient}` } }, { actor: { reference: `Practitioner/${okello}` } }]
    for (const more of [
      { slot, participant: people.slice(0, 1) },
      { start: '2031-03-05T10:00:00Z', participant: people },
    ]) {
      const resource = { resourceType: 'Appointment', status: 'proposed', ...more }
      const { status, body } = await ask(saba, '$book', parameters({ name: 'appt-resource', resource }))
      assert.equal(status, 200, JSON.stringify(body))
    }
  })

  it('take an Appointment of several practitioners, who give it together', async () => {
    const other = await openCalendar(house, { place })
    const practitioners = [okello, other].map((one) => ({ actor: { reference: `Practitioner/${one}` } }))
    const participant = [{ actor: { reference: `Patient/${patient}` } }, ...practitioners]
    const resource = { resourceType: 'Appointment', status: 'proposed', start: '2031-03-08T10:00:00Z', participant }
    const send = (path: string, more: object = {}) =>
      ask(saba, path, parameters({ name: 'appt-resource', resource: { ...resource, ...more } }))
    const held = await send('$hold')
    assert.deepEqual([held.status, /not held before/.test(JSON.stringify(held.body))], [422, true])
    const booked = await send('$book')
    assert.equal(booked.status, 200, JSON.stringify(booked.body))
    const named = (one: { actor: { reference: string } }) => one.actor.reference
    assert.deepEqual(
      found(booked)[0].participant.map(named),
      [...participant.map(named), `Location/${place}`],
      'each is a participant',
    )
    const again = await send('$book')
    assert.equal(again.status, 409)
    assert.match(JSON.stringify(again.body.extension), /#alternative".*#conflict"|#conflict".*#alternative"/)
    const nine = Array.from({ length: 9 }, () => ({ actor: { reference: `Practitioner/${newId()}` } }))
    assert.equal((await send('$book', { participant: [participant[0], ...nine] })).status, 400)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('let one of two have a time, and propose others to the one who lost', async () => {
    const other = await newPatient(house)
    const proposal = await at('2031-03-06T09:00:00Z')
    const answers = await Promise.all(
      [saba, other].map((who) => ask(who, '$book', parameters(id(proposal.id), whom(who.patient)))),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    const [lost, who] = answers[0]?.status === 409 ? [answers[0], saba] : [answers[1] as Answer, other]
    assert.equal(lost.body.issue[0].code, 'conflict')
    const proposals = lost.body.extension.filter(({ url }: { url: string }) =>
      url.endsWith('/problems/conflict#alternative'),
    )
    assert.equal(proposals.length, 5)
    const { reference } = proposals[0].extension[0].valueReference
    const taken = await ask(who, '$book', parameters({ name: 'appt-id', valueUri: reference }, whom(who.patient)))
    assert.equal(taken.status, 200)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('refuse what names nothing, nobody, or somebody else', async () => {
    const proposal = await at('2031-03-07T09:00:00Z')
    const other = await newPatient(house)
    const cases: [object, number][] = [
      [parameters(whom(patient)), 400],
      [parameters(id(proposal.id)), 400],
      [parameters(id('nothing'), whom(patient)), 404],
      [parameters(id(newId()), whom(patient)), 404],
      [parameters(id(proposal.id), whom(other.patient)), 404],
      [parameters(id(proposal.id), whom(patient), { name: 'overbook', valueString: 'fever' }), 403],
      [{ resourceType: 'Parameters' }, 400],
      [{ resourceType: 'Patient', parameter: [whom(patient)] }, 400],
    ]
    for (const [body, status] of cases)
      assert.equal((await ask(saba, '$book', body)).status, status, JSON.stringify(body))
    assert.equal((await ask(house.anonymous, '$book', parameters(id(proposal.id), whom(patient)))).status, 401)
    assert.equal((await ask(await house.signedIn(), '$hold', parameters(id(proposal.id), whom(patient)))).status, 403)
  })

  it('put a visit into time that is taken, when who keeps the hours says why', async () => {
    const proposal = await at('2031-03-07T10:00:00Z')
    assert.equal((await ask(saba, '$book', parameters(id(proposal.id), whom(patient)))).status, 200)
    const holder = await house.signedIn({ self: { practitioner: okello, patient: newId() } })
    const { rows } = await house.owner.query(
      `select subject_id from platform.access_grant where account_id = $1 and subject_type = 'Patient'`,
      [holder.account],
    )
    const body = parameters(id(proposal.id), whom(rows[0].subject_id))
    assert.equal((await ask(holder, '$book', body)).status, 409)
    body.parameter.push({ name: 'overbook', valueString: 'fever' })
    assert.equal((await ask(holder, '$book', body)).status, 200)
  })

  it('keep a token that is bound to one patient to that patient', async () => {
    const { token, hash } = newToken()
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at, kind, scopes, client_id, patient_id)
       values ($1, $2, $3, $4, $4::timestamptz + interval '1 hour', 'access-token', '{patient/Appointment.crus}', $5, $6)`,
      [newId(), saba.account, hash, house.house.now(), newId(), patient],
    )
    const app = house.withToken(token)
    const proposal = await at('2031-03-08T09:00:00Z')
    assert.equal((await ask(app, '$hold', parameters(id(proposal.id), whom(newId())))).status, 404)
    const [hold] = found(await ask(app, '$hold', parameters(id(proposal.id))))
    assert.equal((await ask(app, '$book', parameters(id(hold.id)))).status, 200)
    assert.equal((await app.get(`/fhir/R4/Appointment/${hold.id}`)).status, 200)
  })
})

describe('POST /fhir/R4/Appointment/{id}/$cancel', async () => {
  const { house, saba, at } = await open()
  const body = parameters({ name: 'reason', valueCode: 'pat-cpp' }, { name: 'note', valueString: 'Travelling' })
  const book = async (start: string) =>
    found(await ask(saba, '$book', parameters(id((await at(start)).id), whom(saba.patient))))[0].id as string

  it('cancels in the version that was read, and frees the time', async () => {
    const visit = await book('2031-03-03T09:00:00Z')
    assert.equal((await ask(saba, `${visit}/$cancel`, body)).status, 428)
    assert.equal((await ask(saba, `${visit}/$cancel`, body, { 'if-match': 'W/"7"' })).status, 412)
    const gone = await ask(saba, `${visit}/$cancel`, body, { 'if-match': 'W/"1"' })
    assert.deepEqual([gone.status, gone.body.status, gone.headers.etag], [200, 'cancelled', 'W/"2"'])
    assert.equal(gone.body.cancelationReason.coding[0].code, 'pat-cpp')
    assert.equal((await at('2031-03-03T09:00:00Z')).start, '2031-03-03T09:00:00.000Z')
  })

  it('refuses other reasons, and those who may not', async () => {
    const visit = await book('2031-03-04T09:00:00Z')
    const match = { 'if-match': 'W/"1"' }
    assert.equal(
      (await ask(saba, `${visit}/$cancel`, parameters({ name: 'reason', valueCode: 'tired' }), match)).status,
      400,
    )
    assert.equal((await ask(saba, `${visit}/$cancel`, parameters(why('x')), match)).status, 400)
    const other = await newPatient(house)
    for (const one of [visit, newId(), 'nothing'])
      assert.equal((await ask(other, `${one}/$cancel`, body, match)).status, 404)
    assert.equal((await ask(house.anonymous, `${visit}/$cancel`, body, match)).status, 401)
  })
})

describe('GET /fhir/R4/OperationDefinition/{id}', async () => {
  const { house } = await open()

  it('is there for every operation that the statement names', async () => {
    const { body } = await house.anonymous.get('/fhir/R4/metadata')
    const { operation } = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Appointment')
    const names = ['book', 'cancel', 'find', 'hold', 'meta', 'validate']
    assert.deepEqual(operation.map(({ name }: { name: string }) => name).sort(), names)
    for (const { definition } of operation) {
      const answer = looked(await house.anonymous.get(new URL(definition).pathname))
      assert.deepEqual([answer.status, answer.body.url], [200, definition])
    }
    const reader = await house.signedIn({ roles: ['patient'] })
    assert.equal(looked(await reader.get('/fhir/R4/OperationDefinition/none')).status, 404)
  })
})
