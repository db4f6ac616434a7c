import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { newPatient, practitionerOf } from '#services/records/testing.ts'
import { everything } from '#services.ts'
import { ALL, ASYNC, backendClient, exported, pathOf, tokenOf } from '../../bulk-client.ts'
import { pulse } from '../../ward.ts'

describe('an export of somebody else', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  await doctor.post('/fhir/R4/Observation', pulse(patient.id))
  const client = await backendClient(house)
  const other = await backendClient(house)
  const root = await house.signedIn({ roles: ['administrator'] })
  const begun = await client.get('/fhir/R4/$export', ASYNC)
  const status = pathOf(begun.headers['content-location'])
  await house.work()
  const { output } = (await client.get(status)).body as { output: { type: string; url: string }[] }
  const file = pathOf(output.find(({ type }) => type === 'Observation')?.url)

  it('is not there: not its status, not its files, and it cannot be called off', async () => {
    for (const url of [status, file]) {
      assert.equal((await other.get(url)).status, 404)
      for (const who of [root, doctor, patient]) assert.equal((await who.get(url)).status, 403)
      assert.equal((await house.anonymous.get(url)).status, 401)
    }
    assert.equal((await other.delete(status)).status, 404)
    assert.equal((await client.get(file)).status, 200)
  })

  it('a token that has ended opens nothing, nor one that has been revoked with its app', async () => {
    const old = await tokenOf(house, client.id, ['system/*.rs'], -1)
    assert.equal((await old.get(file)).status, 401)
    const gone = await backendClient(house)
    const { version } = (await root.get('/v1/oauth-clients?limit=100')).body.items.find(
      ({ id }: { id: string }) => id === gone.id,
    )
    const running = pathOf((await gone.get('/fhir/R4/$export', ASYNC)).headers['content-location'])
    assert.equal((await root.delete(`/v1/oauth-clients/${gone.id}`, { 'if-match': `"${version}"` })).status, 204)
    assert.equal((await gone.get(running)).status, 401)
    await house.work()
    const { rows } = await house.owner.query('select status from records.bulk_export where id = $1', [
      running.split('/').at(-1),
    ])
    assert.equal(rows[0].status, 'failed')
  })

  it('a token of the app that may not have the type has no file of it', async () => {
    const narrow = await tokenOf(house, client.id, ['system/Flag.rs'])
    assert.equal((await narrow.get(file)).status, 404)
    assert.equal((await (await tokenOf(house, client.id, ['system/Observation.r'])).get(file)).status, 200)
  })

  it('names of files that lead elsewhere are none', async () => {
    const bad =
      '..%2f..%2fetc%2fpasswd ../../../etc/passwd output-0.ndjson%00 output--1.ndjson output-0.ndjson/../x %2e%2e deleted-0.ndjson output-999999.ndjson'
    for (const name of bad.split(' ')) {
      const { statusCode } = await house.app.inject({
        url: `${status}/${name}`,
        headers: { authorization: `Bearer ${client.token}` },
      })
      assert.ok([400, 404].includes(statusCode), `${name}: ${statusCode}`)
    }
  })

  it('a token of an app opens no record by another door', async () => {
    for (const url of [
      '/fhir/R4/Observation',
      `/fhir/R4/Patient/${patient.id}/$everything`,
      `/v1/patients/${patient.id}`,
      '/v1/patients',
      '/v1/oauth-clients',
    ])
      assert.ok([403, 404].includes((await client.get(url)).status), url)
    const bundle = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Observation' } }],
    }
    assert.ok(!JSON.stringify((await client.post('/fhir/R4', bundle)).body).includes('8867-4'))
  })

  it('a patient whom it was not granted is not in it, also where they are named', async () => {
    const organisations = [newId()]
    const narrow = await backendClient(house, { records: { ...ALL, patients: 'organisations', organisations } })
    for (const url of ['/fhir/R4/$export', `/fhir/R4/Patient/$export?patient=${patient.id}`])
      assert.deepEqual((await exported(house, narrow, url)).output, [])
    const { rows } = await house.owner.query(
      `select from platform.audit_event where account_id = $1 and subject like 'Patient/%'`,
      [narrow.id],
    )
    assert.equal(rows.length, 0)
  })

  it('a search in _typeFilter finds nothing through what it may not have', async () => {
    const narrow = await backendClient(house, { records: { ...ALL, categories: [] } })
    const secret = { ...pulse(patient.id), meta: { security: [{ code: 'HIV' }] }, status: 'amended' }
    const { body } = await doctor.post('/fhir/R4/Observation', secret)
    await doctor.post('/fhir/R4/Observation', {
      ...pulse(patient.id),
      hasMember: [{ reference: `Observation/${body.id}` }],
    })
    const through = encodeURIComponent('Observation?has-member:Observation.status=amended')
    assert.deepEqual(
      (await exported(house, narrow, `/fhir/R4/$export?_type=Observation&_typeFilter=${through}`)).output,
      [],
    )
  })
})

describe('a file that is brought in to do harm', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const root = await house.signedIn({ roles: ['administrator'] })
  const imported = async (content: Buffer) => {
    const begun = await root.upload('/fhir/R4/$import', 'application/fhir+ndjson', content)
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    await house.work()
    return (await root.get(pathOf(begun.headers['content-location']))).body
  }

  it('one endless line, deep nesting, and millions of lines of nothing take little', async () => {
    assert.equal((await imported(Buffer.alloc(20_000_000, 'a'))).refused, 1)
    const deep = (open: string, close: string) => `${open.repeat(20_000)}${close.repeat(20_000)}`
    const nested = `{"resourceType":"Flag","id":"a","extension":${deep('[', ']')}}\n{"resourceType":"Flag","id":"b","contained":[${deep('{"a":', '}').replace(':}', ':1}')}]}`
    assert.equal((await imported(Buffer.from(nested))).refused, 2)
    const { lines, refused, created } = await imported(Buffer.alloc(10_000_000, '\n'))
    assert.deepEqual([lines, refused, created], [10_000_000, 0, 0])
  })

  it('one that is larger than is taken is refused', async () => {
    const { status } = await root.upload('/fhir/R4/$import', 'application/fhir+ndjson', Buffer.alloc(34_000_000, 'a'))
    assert.equal(status, 413)
  })
})
