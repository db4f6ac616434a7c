import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../../tests/ward.ts'

const key = (value: string) => ({ 'idempotency-key': value })

const inject = ({ app }: TestHouse, { token }: { token: string }, url: string, payload: string, headers = key('k1')) =>
  app.inject({
    ...{ method: 'POST', url, payload },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...headers },
  })

const entry = (resource: object, request: object) => ({ resource, request })
const posting = (resource: { resourceType: string }) => entry(resource, { method: 'POST', url: resource.resourceType })
const bundleOf = (type: string, ...entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries })

const pulses = async ({ owner }: TestHouse): Promise<number | null> =>
  (await owner.query(`select from platform.fhir_resource where type = 'Observation'`)).rowCount
const writes = async ({ owner }: TestHouse): Promise<number | null> =>
  (await owner.query(`select from platform.audit_event where entity like 'Observation/%' and action = 'C'`)).rowCount

/** With a number that the database would write otherwise than it came. */
const exact = (patient: string) => JSON.stringify(pulse(patient)).replace(':72,', ':72.00,')

describe('POST /fhir/R4 with an Idempotency-Key', () => {
  it('takes effect once, and is answered byte for byte as before: a create, a transaction, a batch', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const resource = exact(patient.patient)
    const bundle = (type: string) => `{"resourceType":"Bundle","type":"${type}","entry":[{"resource":${resource},
      "request":{"method":"POST","url":"Observation"}}]}`
    const asks: [string, string][] = [
      ['/fhir/R4/Observation', resource],
      ['/fhir/R4', bundle('transaction')],
      ['/fhir/R4', bundle('batch')],
    ]
    for (const [n, [url, payload]] of asks.entries()) {
      const headers = { ...key(`k${n}`), prefer: 'return=representation' }
      const [first, second] = [
        await inject(house, doctor, url, payload, headers),
        await inject(house, doctor, url, payload, headers),
      ]
      assert.ok(first.statusCode < 300 && first.body.includes('72.00'), first.body)
      assert.equal(second.body, first.body)
      for (const name of ['etag', 'location', 'last-modified']) assert.equal(second.headers[name], first.headers[name])
      assert.deepEqual([await pulses(house), await writes(house)], [n + 1, n + 1])
    }
  })

  it('refuses the same key for something else: another body, another condition', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const post = (body: object, more = {}) => doctor.post('/fhir/R4/Observation', body, { ...key('k1'), ...more })
    assert.equal((await post(pulse(patient.patient))).status, 201)
    const other = await post(pulse(patient.patient, { status: 'amended' }))
    assert.deepEqual([other.status, other.body.resourceType], [422, 'OperationOutcome'])
    assert.equal((await post(pulse(patient.patient), { 'if-none-exist': 'code=8867-4' })).status, 422)
    const batch = (...entries: object[]) => doctor.post('/fhir/R4', bundleOf('batch', ...entries), key('k2'))
    assert.equal((await batch(posting(pulse(patient.patient)))).status, 200)
    assert.equal((await batch(posting(pulse(patient.patient)), posting(pulse(patient.patient)))).status, 422)
    assert.equal(await pulses(house), 2)
  })

  it('from many at once has one effect; the others get the same answer or 409', async () => {
    await using house = await openTestHouse(everything, { env: { DATABASE_POOL_SIZE: '20' } })
    const { doctor, patient } = await openWard(house)
    const asks: [string, object][] = [
      ['/fhir/R4/Observation', pulse(patient.patient)],
      ['/fhir/R4', bundleOf('transaction', posting(pulse(patient.patient)))],
      ['/fhir/R4', bundleOf('batch', posting(pulse(patient.patient)))],
    ]
    for (const [n, [url, body]] of asks.entries()) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => doctor.post(url, body, key(`k${n}`))))
      const made = answers.filter(({ status }) => status < 300)
      assert.equal(new Set(made.map(({ body }) => JSON.stringify(body))).size, 1)
      assert.ok(answers.every(({ status }) => status < 300 || status === 409))
      assert.equal(await pulses(house), n + 1)
    }
  })

  it('is given its answer again where it was lost on the way', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    await house.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = house.app.server.address() as { port: number }
    const payload = JSON.stringify(pulse(patient.patient))
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(
      `POST /fhir/R4/Observation HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${doctor.token}\r\ncontent-type: application/fhir+json\r\nidempotency-key: k1\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`,
    )
    while ((await pulses(house)) === 0);
    socket.destroy()
    const again = await inject(house, doctor, '/fhir/R4/Observation', payload)
    assert.equal(again.statusCode, 201, again.body)
    assert.equal(await pulses(house), 1)
    const read = await doctor.get(`/fhir/R4/Observation/${JSON.parse(again.body).id}`)
    assert.equal(JSON.stringify(read.body), again.body)
  })

  it('of a batch keeps what became of each entry, and reads after that', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const body = bundleOf(
      'batch',
      { request: { method: 'GET', url: 'Observation?code=8867-4&_total=accurate' } },
      posting(pulse(patient.patient)),
      posting(pulse(stranger.patient)),
      entry(pulse(patient.patient), { method: 'POST', url: 'Observation', ifNoneExist: 'status=final' }),
      posting(pulse(patient.patient, { status: 'none' })),
    )
    const [first, second] = [
      await doctor.post('/fhir/R4', body, key('k1')),
      await doctor.post('/fhir/R4', body, key('k1')),
    ]
    const statuses = first.body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3))
    assert.deepEqual(statuses, ['200', '201', '403', '200', '400'])
    assert.equal(first.body.entry[0].resource.total, 1)
    assert.deepEqual(second.body, first.body)
    assert.equal(await pulses(house), 1)
  })

  it('is of the operations that write too', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const labels = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'a' }] } }] }
    const add = (headers: Record<string, string>) =>
      doctor.post(`/fhir/R4/Observation/${id}/$meta-add`, labels, headers)
    const first = await add(key('k1'))
    assert.equal((await doctor.post(`/fhir/R4/Observation/${id}/$meta-delete`, labels)).status, 200)
    const again = await add(key('k1'))
    assert.deepEqual([again.status, again.body, again.headers.etag], [200, first.body, first.headers.etag])
    assert.equal((await doctor.get(`/fhir/R4/Observation/${id}`)).body.meta.versionId, '3')
    const same = await add(key('k2'))
    assert.equal(same.headers.etag, 'W/"4"')
    const asked = { ...key('k3'), 'if-match': 'W/"4"' }
    const remove = () => doctor.post(`/fhir/R4/Observation/${id}/$meta-delete`, labels, asked)
    const done = await remove()
    assert.deepEqual([done.status, done.headers.etag], [200, 'W/"5"'])
    assert.deepEqual((await remove()).body, done.body, 'though it is another version by now')
    await doctor.delete(`/fhir/R4/Observation/${id}`)
    assert.deepEqual((await remove()).body, done.body, 'though it is gone by now')
    assert.equal((await add({ ...key('k4'), 'if-match': 'W/"4"' })).status, 404)
  })

  it('of a refused request can be used again, belongs to its account, and must be visible ASCII', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const post = (who: typeof doctor, body: object, value: string) => who.post('/fhir/R4/Observation', body, key(value))
    assert.equal((await post(doctor, pulse(stranger.patient), 'k1')).status, 403)
    assert.equal((await post(doctor, pulse(patient.patient), 'k1')).status, 201)
    assert.equal((await post(stranger, pulse(patient.patient), 'k1')).status, 403)
    assert.equal((await post(house.anonymous as typeof doctor, pulse(patient.patient), 'k1')).status, 401)
    assert.equal((await post(doctor, pulse(patient.patient), 'k'.repeat(201))).status, 400)
  })
})
