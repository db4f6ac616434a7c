import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Client } from 'fhir-kit-client'
import { openListeningWard } from '../listening-ward.ts'
import { pulse } from '../ward.ts'

describe('fhir-kit-client', async () => {
  const { house, base: baseUrl, doctor, patient } = await openListeningWard()
  after(() => house[Symbol.asyncDispose]())
  const client = new Client({ baseUrl, bearerToken: doctor.token })
  const resourceType = 'Observation'
  // biome-ignore lint/suspicious/noExplicitAny: its types know no elements of resources
  const body = (more: object = {}): any => pulse(patient.patient, more)

  it('creates, reads, updates, patches, deletes, and reads each version', async () => {
    const made = await client.create({ resourceType, body: body() })
    const id = String(made.id)
    assert.deepEqual(await client.read({ resourceType, id }), made)
    const updated = await client.update({ resourceType, id, body: { ...made, status: 'amended' } })
    assert.deepEqual(updated, { ...made, status: 'amended', meta: updated.meta })
    const jsonPatch = [{ op: 'replace' as const, path: '/status', value: 'corrected' }]
    assert.equal((await client.patch({ resourceType, id, jsonPatch })).status, 'corrected')
    assert.equal((await client.vread({ resourceType, id, version: '1' })).status, 'final')
    const history = await client.resourceHistory({ resourceType, id })
    assert.deepEqual(statusesIn(history), ['corrected', 'amended', 'final'])
    await client.delete({ resourceType, id })
    await assert.rejects(client.read({ resourceType, id }), (error: Failure) => error.response?.status === 410)
  })

  it('searches, page after page, forward', async () => {
    const wanted = Array.from({ length: 5 }, (_, n) => `paged-${n}`)
    for (const value of wanted)
      await client.create({ resourceType, body: body({ identifier: [{ system: 'urn:paged', value }] }) })
    const found: string[] = []
    const searchParams = { identifier: 'urn:paged|', _count: 2 }
    // biome-ignore lint/suspicious/noExplicitAny: the same
    let bundle: any = await client.resourceSearch({ resourceType, searchParams })
    for (; bundle; bundle = await client.nextPage({ bundle }))
      found.push(...bundle.entry.map(({ resource }: Entry) => resource.identifier?.[0]?.value))
    assert.deepEqual(found, wanted)
  })

  it('searches in a compartment, and by POST', async () => {
    const compartment = { resourceType: 'Patient', id: patient.patient }
    const within = await client.compartmentSearch({ resourceType, compartment, searchParams: { code: '8867-4' } })
    const posted = await client.resourceSearch({
      resourceType,
      searchParams: { code: '8867-4' },
      options: { postSearch: true },
    } as Parameters<typeof client.resourceSearch>[0])
    assert.ok((within.entry as Entry[]).length > 0)
    assert.equal((posted.entry as Entry[]).length, (within.entry as Entry[]).length)
  })

  it('sends a transaction and a batch, to the base with a slash behind it', async () => {
    const entry = [{ resource: body(), request: { method: 'POST', url: resourceType } }]
    const done = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry } })
    assert.equal(done.type, 'transaction-response')
    const read = [{ request: { method: 'GET', url: `${resourceType}/nobody` } }]
    const batch = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry: read } })
    assert.match((batch.entry as { response: { status: string } }[])[0]?.response.status ?? '', /^404/)
  })

  it('calls operations, and is told in an OperationOutcome what is wrong', async () => {
    const checked = await client.operation({ name: 'validate', resourceType, input: body() })
    assert.equal(checked.resourceType, 'OperationOutcome')
    const newest = await client.operation({
      ...{ name: 'lastn', resourceType, method: 'GET' },
      input: { patient: patient.patient, max: 1 },
    })
    assert.equal((newest.entry as Entry[]).length, 1)
    const bad = client.create({ resourceType, body: { ...body(), status: 'nonsense' } })
    await assert.rejects(bad, ({ response }: Failure) => {
      assert.equal(response?.data.resourceType, 'OperationOutcome')
      return response?.status === 400
    })
  })

  it('finds in the CapabilityStatement what the server can do, and where to sign in', async () => {
    assert.equal((await client.capabilityStatement()).fhirVersion, '4.0.1')
    const { authorizeUrl, tokenUrl } = await client.smartAuthMetadata()
    assert.match(String(authorizeUrl), /\/oauth\/authorize$/)
    assert.match(String(tokenUrl), /\/oauth\/token$/)
  })
})

interface Entry {
  resource: { status?: string; identifier?: { value: string }[] }
}

interface Failure {
  response?: { status: number; data: { resourceType: string } }
}

const statusesIn = (bundle: object) => (bundle as { entry: Entry[] }).entry.map(({ resource }) => resource.status)
