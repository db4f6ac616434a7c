import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { startForeignSystem } from '../../../tests/foreign-system.ts'
import { anotherWhoTreats, openWard, pulse } from '../../../tests/ward.ts'
import { hurry, noticesIn, subscribed, subscription } from './testing.ts'

const env = { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1', RATE_LIMIT_PER_MINUTE: '100000' }
const PAYLOAD = 'application/fhir+json'

async function openHooked() {
  const [house, foreign] = await Promise.all([openTestHouse(everything, { env }), startForeignSystem()])
  const ward = await openWard(house)
  return {
    ...{ house, foreign, ...ward },
    hook: { type: 'rest-hook', endpoint: foreign.url },
    measure: (more: object = {}) => ward.doctor.post('/fhir/R4/Observation', pulse(ward.patient.patient, more)),
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      await foreign[Symbol.asyncDispose]()
    },
  }
}

const statusOf = async (who: Client, { path }: { path: string }) => (await who.get(path)).body

describe('a Subscription by rest-hook', () => {
  it('is active once it is checked, and is told of each version that matches', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor, hook } = open
    const made = await subscribed(doctor, { ...hook, payload: PAYLOAD, header: ['Authorization: Bearer abc'] })
    assert.equal(made.status, 'active')
    const { body: first } = await open.measure()
    await open.measure({ code: { text: 'something else' } })
    await house.work()
    assert.equal(foreign.received.length, 1)
    assert.deepEqual(JSON.parse(foreign.received[0]?.body ?? ''), first)
    const { headers, method, url } = foreign.received[0] ?? assert.fail()
    assert.deepEqual([method, url], ['PUT', `/hooks/Observation/${first.id}`])
    assert.deepEqual([headers['content-type'], headers.authorization], [PAYLOAD, 'Bearer abc'])
    const changed = await doctor.put(`/fhir/R4/Observation/${first.id}`, { ...first, status: 'amended' })
    await house.work()
    assert.deepEqual(JSON.parse(foreign.received[1]?.body ?? ''), changed.body)
    await doctor.delete(`/fhir/R4/Observation/${first.id}`)
    await house.work()
    assert.equal(foreign.received.length, 2)
    const { rows } = await house.owner.query(
      `select account_id, subject from platform.audit_event where operation = 'tell-subscriber' and entity = $1`,
      [`Observation/${first.id}`],
    )
    assert.deepEqual(rows[0], { account_id: doctor.account, subject: `Patient/${open.patient.patient}` })
  })

  it('without a payload says nothing but that something has happened', async () => {
    await using open = await openHooked()
    await subscribed(open.doctor, open.hook)
    await open.measure()
    await open.house.work()
    const [{ method, body, url } = assert.fail()] = open.foreign.received
    assert.deepEqual([method, body, url], ['POST', '', '/hooks'])
  })

  it('of a patient tells them of what is about them; of chains, by what they may see', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor, patient } = open
    const visit = (whose: string, status: string) => ({
      ...{ resourceType: 'Encounter', status, subject: { reference: `Patient/${whose}` } },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    })
    const criteria = 'Observation?encounter.status=finished&value-quantity=gt100'
    await subscribed(patient, { ...open.hook, payload: PAYLOAD }, { criteria })
    const during = async (status: string, value: number) => {
      const { id } = (await doctor.post('/fhir/R4/Encounter', visit(patient.patient, status))).body
      return open.measure({ encounter: { reference: `Encounter/${id}` }, valueQuantity: { value } })
    }
    await during('planned', 120)
    await during('finished', 80)
    const { body } = await during('finished', 130)
    await house.work()
    assert.deepEqual(
      foreign.received.map(({ url }) => url),
      [`/hooks/Observation/${body.id}`],
    )
  })

  it('is told of a transaction as often as it has resources that match', async () => {
    await using open = await openHooked()
    await subscribed(open.doctor, open.hook)
    const request = { method: 'POST', url: 'Observation' }
    const entry = Array.from({ length: 250 }, () => ({ resource: pulse(open.patient.patient), request }))
    const done = await open.doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })
    assert.equal(done.status, 200)
    const refused = [...entry.slice(0, 3), { resource: pulse(open.stranger.patient), request }]
    const none = await open.doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry: refused })
    assert.equal(none.status, 403)
    await open.house.work()
    assert.equal(open.foreign.received.length, 250)
  })

  it('is told of a thousand writes by fifty at once exactly a thousand times', async (t) => {
    await using open = await openHooked()
    await subscribed(open.doctor, { ...open.hook, payload: PAYLOAD })
    const writer = async () => {
      for (let n = 0; n < 20; n++) assert.equal((await open.measure()).status, 201)
    }
    await Promise.all(Array.from({ length: 50 }, writer))
    const began = performance.now()
    await open.house.work()
    t.diagnostic(`1,000 told within ${Math.round(performance.now() - began)} ms`)
    const told = new Set(open.foreign.received.map(({ url }) => url))
    assert.deepEqual([open.foreign.received.length, told.size], [1_000, 1_000])
  })

  it('costs a write no statement, with or without one', async () => {
    await using open = await openHooked()
    const { statements: before } = await open.house.cost(() => open.measure())
    await subscribed(open.doctor, open.hook)
    const { statements: after } = await open.house.cost(() => open.measure())
    assert.equal(after, before)
  })
})

describe('what somebody may not see', () => {
  it('is not told of, and nothing of it is', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor, stranger } = open
    await subscribed(stranger, { ...open.hook, payload: PAYLOAD })
    await open.measure()
    const other = await anotherWhoTreats(house, stranger.patient)
    await other.post('/fhir/R4/Observation', pulse(stranger.patient, { meta: { security: [{ code: 'HIV' }] } }))
    await house.work()
    await subscribed(doctor, open.hook, { criteria: 'Observation' })
    await other.post('/fhir/R4/Observation', pulse(stranger.patient))
    await house.work()
    assert.equal(foreign.received.filter(({ method }) => method === 'PUT').length, 2, 'the patient, of their own')
    assert.equal(foreign.received.filter(({ method }) => method === 'POST').length, 0, 'the doctor, of another’s')
  })

  it('is asked again when it is sent: who has lost the relationship gets nothing', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor } = open
    await subscribed(doctor, { ...open.hook, payload: PAYLOAD })
    foreign.status = 500
    await open.measure()
    await house.work()
    assert.equal(foreign.received.length, 1)
    await house.owner.query(
      `update platform.access_grant set revoked_at = '2031-03-01T08:00:00Z' where account_id = $1 and relationship = 'treatment'`,
      [doctor.account],
    )
    foreign.status = 204
    house.setNow('2031-03-01T09:00:00Z')
    await hurry(house)
    await house.work()
    assert.deepEqual([foreign.received.length, (await noticesIn(house))[0]?.status], [1, 'withheld'])
  })

  it('ends with what it was asked for with', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor } = open
    const made = await subscribed(doctor, open.hook)
    await house.owner.query(`update platform.session set revoked_at = '2031-03-01T08:00:00Z' where account_id = $1`, [
      doctor.account,
    ])
    const colleague = await anotherWhoTreats(house, open.patient.patient)
    assert.equal((await colleague.post('/fhir/R4/Observation', pulse(open.patient.patient))).status, 201)
    await house.work()
    assert.equal(foreign.received.length, 0)
    const { rows } = await house.owner.query('select body from platform.fhir_resource where id = $1', [made.id])
    const { status, error } = JSON.parse(rows[0].body)
    assert.equal(status, 'error')
    assert.match(error, /has ended/)
  })

  it('an app hears of what its scopes let it search, of the patient whom it was let in for', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor, patient } = open
    const other = await anotherWhoTreats(house, open.stranger.patient)
    await house.owner.query(
      'insert into platform.access_grant select gen_random_uuid(), $1, relationship, subject_type, $2, powers, source_id, valid_from, valid_until, revoked_at from platform.access_grant where account_id = $1 and relationship = $3',
      [doctor.account, open.stranger.patient, 'treatment'],
    )
    const narrow = (scopes: string[]) =>
      house.owner.query('update platform.session set scopes = $2, patient_id = $3 where account_id = $1', [
        ...[doctor.account, scopes, patient.patient],
      ])
    const ask = () => doctor.post('/fhir/R4/Subscription', subscription(open.hook))
    await narrow(['patient/Observation.rs'])
    assert.equal((await ask()).status, 403, 'no scope for Subscription')
    await narrow(['user/Subscription.cruds'])
    assert.equal((await ask()).status, 403, 'none for what it watches')
    await narrow(['user/Subscription.cruds', 'patient/Observation.rs'])
    assert.equal((await ask()).status, 201)
    await other.post('/fhir/R4/Observation', pulse(open.stranger.patient))
    const colleague = await anotherWhoTreats(house, patient.patient)
    await house.work()
    assert.equal(foreign.received.length, 0)
    await colleague.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.work()
    assert.equal(foreign.received.length, 1)
  })
})

describe('an endpoint', () => {
  it('that is down is tried again, then given up; what was not delivered comes when it is requested again', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor } = open
    const made = await subscribed(doctor, open.hook)
    foreign.status = 503
    await open.measure()
    for (let hour = 9; hour < 23; hour++) {
      await house.work()
      house.setNow(`2031-03-0${hour < 16 ? 1 : 2}T${String(hour).padStart(2, '0')}:00:00Z`)
      await hurry(house)
    }
    house.setNow('2031-03-03T08:00:00Z')
    await hurry(house)
    await house.work()
    const broken = await statusOf(doctor, made)
    assert.equal(broken.status, 'error', JSON.stringify(await noticesIn(house)))
    assert.match(broken.error, /Nothing was taken/)
    const tries = foreign.received.length
    assert.ok(tries > 2, String(tries))
    await open.measure()
    await house.work()
    assert.equal(foreign.received.length, tries, 'it is not told any more')
    foreign.status = 200
    const again = await doctor.put(made.path, { ...broken, status: 'requested' })
    assert.deepEqual([again.status, again.body.status, again.body.error], [200, 'active', undefined])
    house.setNow('2031-03-03T09:00:00Z')
    await house.work()
    assert.equal(foreign.received.length, tries + 1)
    assert.equal((await noticesIn(house))[0]?.status, 'delivered')
  })

  it('may be as long as an address that is called, with what is behind it', async () => {
    await using open = await openHooked()
    const endpoint = `${open.hook.endpoint}?${'a'.repeat(400)}`.slice(0, 400)
    await subscribed(open.doctor, { ...open.hook, endpoint, payload: PAYLOAD })
    await subscribed(open.doctor, { ...open.hook, endpoint: endpoint.replace('http:', 'HTTP:') })
    await open.measure()
    await open.house.work()
    assert.deepEqual(open.foreign.received.map(({ method }) => method).sort(), ['POST', 'PUT'])
  })

  it('that wants no more (410) is given up at once', async () => {
    await using open = await openHooked()
    const made = await subscribed(open.doctor, open.hook)
    open.foreign.status = 410
    await open.measure()
    await open.house.work()
    assert.equal((await statusOf(open.doctor, made)).status, 'error')
  })

  it('that hangs keeps nobody else from being told', { timeout: 60_000 }, async () => {
    await using open = await openHooked()
    await using other = await startForeignSystem()
    const { promise, resolve } = Promise.withResolvers<void>()
    open.foreign.meanwhile = () => promise
    await subscribed(open.doctor, open.hook)
    await subscribed(open.doctor, { ...open.hook, endpoint: other.url })
    await open.measure()
    await open.house.work()
    assert.equal(other.received.length, 1)
    assert.deepEqual((await noticesIn(open.house)).map(({ reason }) => reason).sort(), ['too-slow', null].sort())
    resolve()
  })

  it('is none of an inner network, whether said at once or meant by a name', async () => {
    await using open = await openHooked()
    const inner = [
      ...['https://127.0.0.2/', 'https://[::1]/', 'https://169.254.169.254/', 'https://[::ffff:10.0.0.1]/'],
      ...['http://system.example/', 'https://user:pw@system.example/', 'ftp://system.example/', 'https://2130706434/'],
    ]
    for (const endpoint of inner)
      assert.equal(
        (await open.doctor.post('/fhir/R4/Subscription', subscription({ ...open.hook, endpoint }))).status,
        422,
        endpoint,
      )
    const within = await subscribed(open.doctor, { ...open.hook, endpoint: 'https://localhost/' })
    const nowhere = await subscribed(open.doctor, { ...open.hook, endpoint: 'https://nowhere.invalid/' })
    open.foreign.status = 307
    open.foreign.location = `${open.foreign.url}/elsewhere`
    await subscribed(open.doctor, open.hook)
    await open.measure()
    await open.house.work()
    assert.deepEqual((await noticesIn(open.house)).map(({ reason }) => reason).sort(), [
      ...['address-refused', 'http-307', 'unreachable'],
    ])
    assert.equal(open.foreign.received.length, 1)
    open.house.setNow('2031-03-03T08:00:00Z')
    await hurry(open.house)
    await open.house.work()
    const [one, other] = [await statusOf(open.doctor, within), await statusOf(open.doctor, nowhere)]
    assert.match(one.error, /no answer/)
    assert.equal(one.error, other.error, 'which names are known within is not told')
  })
})

describe('a Subscription whose criteria take too long', () => {
  const SEEN = '(uuid, text[], text[], text, timestamptz)'
  const slowly = ({ owner }: TestHouse) =>
    owner.query(`alter function platform.may_see_resource${SEEN} rename to may_see_as_ever;
      create function platform.may_see_resource(uuid, text[], text[], text, timestamptz) returns text language plpgsql as $$
      begin if $2[1] like 'Account/%' then return 'author'; end if; raise query_canceled; end $$`)
  const asEver = ({ owner }: TestHouse) =>
    owner.query(`drop function platform.may_see_resource${SEEN};
      alter function platform.may_see_as_ever${SEEN} rename to may_see_resource`)

  it('is asked again, and tells what they find', async () => {
    await using open = await openHooked()
    const { house, foreign, doctor, hook } = open
    const made = await subscribed(doctor, { ...hook, payload: PAYLOAD })
    const { body } = await open.measure()
    const { body: other } = await open.measure()
    await slowly(house)
    await house.work()
    await hurry(house)
    await house.work()
    await asEver(house)
    const elsewhere = await doctor.put(`/fhir/R4/Observation/${other.id}`, { ...other, code: { text: 'Another' } })
    assert.equal(elsewhere.status, 200)
    assert.deepEqual([foreign.received.length, (await statusOf(doctor, made)).status], [0, 'active'])
    await hurry(house)
    await house.work()
    assert.deepEqual(
      foreign.received.map(({ url }) => url),
      [`/hooks/Observation/${body.id}`],
    )
    assert.equal((await statusOf(doctor, made)).status, 'active')
  })

  it('ends after as many tries as one has who does not answer', async () => {
    await using open = await openHooked()
    const { house, doctor, hook } = open
    const made = await subscribed(doctor, hook)
    await open.measure()
    await slowly(house)
    for (let attempt = 0; attempt <= 8; attempt++) {
      const { rows } = await house.owner.query('select tries from records.notice')
      assert.deepEqual(rows, attempt === 0 ? [] : [{ tries: attempt - 1 }])
      await house.work()
      await hurry(house)
    }
    await asEver(house)
    assert.match((await statusOf(doctor, made)).error, /take too long/)
  })
})

describe('/fhir/R4/Subscription', () => {
  it('is its owner’s alone: nobody else reads, finds, changes or deletes it', async () => {
    await using open = await openHooked()
    const { doctor, patient, house } = open
    const made = await subscribed(doctor, open.hook)
    const { path, ...resource } = made
    const others = [patient, await anotherWhoTreats(house, patient.patient)]
    for (const other of others) {
      for (const url of [path, `${path}/_history`, `${path}/_history/1`])
        assert.equal((await other.get(url)).status, 404, url)
      assert.ok([403, 404].includes((await other.put(path, resource)).status))
      assert.equal((await other.delete(path)).status, 404)
      for (const url of [
        '/fhir/R4/Subscription?_total=accurate',
        '/fhir/R4/Subscription/_history',
        '/fhir/R4?_type=Subscription',
      ])
        assert.equal((await other.get(url)).body.entry, undefined, url)
    }
    assert.equal((await doctor.get('/fhir/R4/Subscription?status=active&_total=accurate')).body.total, 1)
    const off = await doctor.put(path, { ...resource, status: 'off' })
    assert.deepEqual([off.status, off.body.status], [200, 'off'])
    await open.measure()
    await house.work()
    assert.equal(open.foreign.received.length, 0)
    assert.equal((await doctor.delete(path)).status, 204)
    assert.equal((await doctor.get(path)).status, 410)
  })

  it('refuses what nobody could be told of, and says why', async () => {
    await using open = await openHooked()
    const { doctor, hook } = open
    const wrong: [object, object?][] = [
      [{}, { criteria: 'Observation?nonsense=1' }],
      [{}, { criteria: 'Nothing?code=a' }],
      [{}, { criteria: 'Subscription?status=active' }],
      [{}, { criteria: 'Observation?_sort=date' }],
      [{}, { criteria: 'Observation?code:in=http://nowhere.example/vs' }],
      [{}, { criteria: `Observation?code=${'a'.repeat(2_001)}` }],
      [{}, { end: '2031-02-01T00:00:00Z' }],
      [{}, { status: 'error' }],
      [{ type: 'email' }],
      [{ payload: 'text/plain' }],
      [{ header: ['Host: elsewhere'] }],
      [{ header: ['no header'] }],
      [{ endpoint: undefined }],
      [{ endpoint: `${hook.endpoint}/${'a'.repeat(400)}` }],
      [{ type: 'websocket' }],
    ]
    for (const [channel, more] of wrong) {
      const { status, body } = await doctor.post('/fhir/R4/Subscription', subscription({ ...hook, ...channel }, more))
      assert.equal(status, 422, JSON.stringify([channel, more, body]))
      assert.equal(body.resourceType, 'OperationOutcome')
    }
    const { channel: _, ...incomplete } = subscription(hook)
    assert.equal((await doctor.post('/fhir/R4/Subscription', incomplete)).status, 400)
  })

  it('is for who has signed in, and may search for what it watches', async () => {
    await using open = await openHooked()
    const { house, hook } = open
    const ask = (who: Client) => who.post('/fhir/R4/Subscription', subscription(hook))
    assert.equal((await ask(house.anonymous)).status, 401)
    assert.equal((await ask(await house.signedIn({ roles: ['administrator'] }))).status, 403)
    assert.equal((await ask(await house.signedIn({ self: { donor: newId() } }))).status, 403)
  })

  it('ends when it says so', async () => {
    await using open = await openHooked()
    const made = await subscribed(open.doctor, open.hook, { end: '2031-03-02T00:00:00Z' })
    open.house.setNow('2031-03-02T00:00:00Z')
    await open.measure()
    await open.house.work()
    assert.deepEqual([open.foreign.received.length, (await statusOf(open.doctor, made)).status], [0, 'off'])
  })

  it('twenty of an account are active at the most, however many are asked for at once', async () => {
    await using open = await openHooked()
    const all = await Promise.all(
      Array.from({ length: 24 }, () => open.doctor.post('/fhir/R4/Subscription', subscription(open.hook))),
    )
    const count = (wanted: number) => all.filter(({ status }) => status === wanted).length
    assert.deepEqual([count(201), count(422)], [20, 4])
  })

  it('is in what the house knows of somebody, and is gone when that is erased', async () => {
    await using open = await openHooked()
    const { house, doctor } = open
    await subscribed(doctor, open.hook)
    const person = { account: doctor.account, names: [] }
    const ctx = house.house.context('records', {
      ...{ actor: { kind: 'system', roles: [], self: {} }, traceId: newId(), doing: 'erase' },
    })
    const { records } = await import('../service.ts')
    const known = await records.aboutPerson?.(ctx as never, person)
    assert.deepEqual(
      known?.fhir.map(({ resourceType }) => resourceType),
      ['Subscription'],
    )
    assert.equal((await records.erase?.(ctx as never, person))?.[0]?.count, 1)
    assert.equal((await records.aboutPerson?.(ctx as never, person))?.fhir.length, 0)
    const { rowCount } = await house.owner.query('select from platform.fhir_resource')
    assert.equal(rowCount, 0)
  })
})
