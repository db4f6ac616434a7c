import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aboutPatient } from '../../tests/about-patient.ts'
import { anotherWhoTreats, openWard } from '../../tests/ward.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'

const bytes = Buffer.from([0, 1, 2, 255, 254, 13, 10, 0])
const AS_RESOURCE = { accept: 'application/fhir+json' }

const send = (
  { app }: TestHouse,
  { token }: Client,
  { method = 'POST', url = '', payload = bytes, headers = {} }: Partial<Sent> = {},
) =>
  app.inject({
    ...{ method, url: `/fhir/R4/Binary${url}` },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'image/png', ...headers },
    ...(method !== 'GET' && method !== 'HEAD' && { payload }),
  })

interface Sent {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  url: string
  payload: Buffer
  headers: Record<string, string>
}

const about = (patient: string) => ({ 'x-security-context': `Patient/${patient}` })

describe('/fhir/R4/Binary', () => {
  it('keeps content of any media type, and gives it back as it came or as a resource', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const made = await send(house, doctor, { headers: about(patient.patient) })
    assert.equal(made.statusCode, 201, made.body)
    const url = `/${made.json().id}`
    for (const who of [doctor, patient]) {
      const raw = await send(house, who, { method: 'GET', url })
      assert.deepEqual([raw.statusCode, raw.headers['content-type'], raw.headers.etag], [200, 'image/png', 'W/"1"'])
      assert.deepEqual(raw.rawPayload, bytes)
      const asResource = await send(house, who, { method: 'GET', url, headers: AS_RESOURCE })
      const { id: _, meta: __, ...rest } = asResource.json()
      assert.deepEqual(rest, {
        ...{ resourceType: 'Binary', contentType: 'image/png', data: bytes.toString('base64') },
        securityContext: { reference: `Patient/${patient.patient}` },
      })
    }
    const other = Buffer.from('Plain words')
    const plain = { 'content-type': 'text/plain; charset=utf-8', ...about(patient.patient) }
    const changed = await send(house, doctor, { method: 'PUT', url, payload: other, headers: plain })
    assert.equal(changed.statusCode, 200, changed.body)
    assert.equal((await send(house, patient, { method: 'GET', url })).body, 'Plain words')
    const first = await send(house, patient, { method: 'GET', url: `${url}/_history/1` })
    assert.deepEqual(first.rawPayload, bytes)
    assert.deepEqual(
      (await send(house, patient, { method: 'GET', url: `${url}?_format=json` })).json().id,
      url.slice(1),
    )
  })

  it('is a file to keep, which no browser runs', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    for (const type of ['text/html', 'image/svg+xml', 'application/javascript', 'text/xml']) {
      const payload = Buffer.from('<script>alert(1)</script>')
      const headers = { 'content-type': type, ...about(patient.patient) }
      const { id } = (await send(house, doctor, { payload, headers })).json()
      const { headers: told } = await send(house, patient, { method: 'GET', url: `/${id}` })
      assert.equal(told['content-disposition'], 'attachment')
      assert.equal(told['x-content-type-options'], 'nosniff')
      assert.equal(told['content-security-policy'], "default-src 'none'; sandbox")
    }
    const odd = { ...aboutPatient('Binary', patient.patient), contentType: 'text/html\tx: y' }
    const made = await doctor.post('/fhir/R4/Binary', odd)
    if (made.status === 201) {
      const { headers } = await send(house, doctor, { method: 'GET', url: `/${made.body.id}` })
      assert.equal(headers['content-type'], 'application/octet-stream')
    } else assert.equal(made.status, 400)
  })

  it('without a context is its author’s alone', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const colleague = await anotherWhoTreats(house, patient.patient)
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const { id } = (await send(house, doctor)).json()
    assert.equal((await send(house, doctor, { method: 'GET', url: `/${id}` })).statusCode, 200)
    for (const who of [colleague, administrator, patient]) {
      assert.equal((await who.get(`/fhir/R4/Binary/${id}`)).status, 404)
      assert.equal((await who.get('/fhir/R4/Binary?_total=accurate')).body.total, 0)
      assert.equal((await who.get('/fhir/R4/Binary/_history')).body.entry, undefined)
    }
    const own = { resourceType: 'Binary', id, contentType: 'text/plain' }
    assert.equal((await colleague.put(`/fhir/R4/Binary/${id}`, own)).status, 404)
    assert.equal((await doctor.put(`/fhir/R4/Binary/${id}`, own)).status, 200)
    assert.equal((await doctor.delete(`/fhir/R4/Binary/${id}`)).status, 204)
  })

  it('without a context is in what the house knows of its author, and goes with them', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const { id } = (await send(house, doctor)).json()
    await send(house, doctor, { method: 'PUT', url: `/${id}`, payload: Buffer.from([1]) })
    const kept = (await send(house, doctor, { headers: about(patient.patient) })).json()
    const ctx = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const person = { account: doctor.account, names: [] }
    assert.deepEqual(
      (await aboutPerson(ctx, person)).fhir.map((one) => one.id),
      [id],
    )
    assert.equal((await erase(ctx, person))[0]?.count, 1)
    assert.deepEqual((await aboutPerson(ctx, person)).fhir, [])
    const { rows } = await house.owner.query('select id from platform.fhir_resource where type = $1', ['Binary'])
    assert.deepEqual(rows, [{ id: kept.id }])
    const past = await house.owner.query('select from platform.fhir_past')
    assert.equal(past.rowCount, 0)
  })

  it('is seen by who may see its context: a patient’s, or that of another resource', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const other = await anotherWhoTreats(house, stranger.patient)
    const document = (
      await doctor.post('/fhir/R4/DocumentReference', aboutPatient('DocumentReference', patient.patient))
    ).body
    const context = { 'x-security-context': `DocumentReference/${document.id}` }
    for (const headers of [about(patient.patient), context]) {
      const { id } = (await send(house, doctor, { headers })).json()
      assert.equal((await patient.get(`/fhir/R4/Binary/${id}`)).status, 200)
      for (const who of [stranger, other]) assert.equal((await who.get(`/fhir/R4/Binary/${id}`)).status, 404)
    }
    assert.equal((await send(house, other, { headers: about(patient.patient) })).statusCode, 403)
    const told = async (reference: string) => {
      const answer = await send(house, other, { headers: { 'x-security-context': reference } })
      return [answer.statusCode, answer.json().issue]
    }
    const [unseen, absent] = [await told(`DocumentReference/${document.id}`), await told('DocumentReference/none')]
    assert.equal(unseen[0], 422)
    assert.deepEqual(unseen, absent)
    const { rows } = await house.owner.query(
      `select distinct subject from platform.audit_event where entity like 'Binary/%' and action = 'R'`,
    )
    assert.deepEqual(rows, [{ subject: `Patient/${patient.patient}` }])
  })

  it('is refused where it is too large, empty, of no media type, or not for whoever asks', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const status = async (who: Client, sent: Partial<Sent>) => (await send(house, who, sent)).statusCode
    assert.equal(await status(doctor, { payload: Buffer.alloc(5_000_000, 7) }), 201)
    assert.equal(await status(doctor, { payload: Buffer.alloc(5_000_001, 7) }), 413)
    assert.equal(await status(doctor, { payload: Buffer.alloc(0) }), 400)
    assert.equal(await status(doctor, { headers: { 'content-type': 'none' } }), 415)
    assert.equal(await status(doctor, { headers: { 'content-type': 'a/b; c="\u00e9"' } }), 400)
    assert.equal(await status(patient, {}), 403)
    assert.equal(await status({ ...patient, token: 'none' }, {}), 401)
    const elsewhere = await house.app.inject({
      ...{ method: 'POST', url: '/fhir/R4/Flag', payload: 'words' },
      headers: { authorization: `Bearer ${doctor.token}`, 'content-type': 'text/plain' },
    })
    assert.equal(elsewhere.statusCode, 415)
  })

  it('takes effect once with an Idempotency-Key', async () => {
    await using house = await openTestHouse(everything)
    const { doctor } = await openWard(house)
    const headers = { 'idempotency-key': 'k1' }
    const [first, second] = [await send(house, doctor, { headers }), await send(house, doctor, { headers })]
    assert.equal(second.body, first.body)
    assert.equal((await send(house, doctor, { headers, payload: Buffer.from('other') })).statusCode, 422)
  })
})
