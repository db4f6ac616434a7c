import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { MedplumClient } from '@medplum/core'
import { openListeningWard } from '../listening-ward.ts'
import { pulse } from '../ward.ts'

describe('MedplumClient', async () => {
  const { house, base, doctor, patient } = await openListeningWard()
  after(() => house[Symbol.asyncDispose]())
  const client = new MedplumClient({
    baseUrl: new URL(base).origin,
    fhirUrlPath: 'fhir/R4',
    fetch: (url: string, options: RequestInit) => fetch(url, options),
    cacheTime: 0,
  })
  client.setAccessToken(doctor.token)
  const type = 'Observation'
  // biome-ignore lint/suspicious/noExplicitAny: the package of its types is not needed for anything else
  const reading = (more: object = {}): any => pulse(patient.patient, more)

  it('creates, reads, updates, patches, deletes, and reads the history', async () => {
    const made = await client.createResource(reading())
    assert.deepEqual(await client.readResource(type, made.id), made)
    assert.equal((await client.updateResource({ ...made, status: 'amended' })).meta.versionId, '2')
    const change = [{ op: 'replace' as const, path: '/status', value: 'corrected' }]
    assert.equal((await client.patchResource(type, made.id, change)).status, 'corrected')
    const history = await client.readHistory(type, made.id)
    assert.deepEqual(
      history.entry?.map(({ resource }: Entry) => resource.status),
      ['corrected', 'amended', 'final'],
    )
    assert.equal((await client.readVersion(type, made.id, '1')).status, 'final')
    await client.deleteResource(type, made.id)
    await assert.rejects(
      client.readResource(type, made.id),
      ({ outcome }: Refusal) => outcome.issue[0]?.code === 'deleted',
    )
  })

  it('searches, page after page, and creates only what is not there', async () => {
    const numbered = (value: string) => reading({ identifier: [{ system: 'urn:medplum', value }] })
    for (const value of ['1', '2', '3']) await client.createResource(numbered(value))
    const again = await client.createResourceIfNoneExist(numbered('3'), 'identifier=urn:medplum|3')
    const found: string[] = []
    for await (const page of client.searchResourcePages(type, 'identifier=urn:medplum|&_count=2'))
      found.push(...page.map(({ identifier }: { identifier: { value: string }[] }) => identifier[0]?.value ?? ''))
    assert.deepEqual(found, ['1', '2', '3'])
    assert.equal((await client.searchOne(type, 'identifier=urn:medplum|3'))?.id, again.id)
  })

  it('executes a batch, a transaction, and an operation', async () => {
    const entry = [{ resource: reading(), request: { method: 'POST', url: type } }]
    for (const kind of ['batch', 'transaction']) {
      const done = await client.executeBatch({ resourceType: 'Bundle', type: kind, entry })
      assert.match(done.entry?.[0]?.response?.status ?? '', /^201/, kind)
    }
    const newest = await client.get(client.fhirUrl(type, `$lastn?patient=${patient.patient}`))
    assert.equal(newest.entry.length, 1)
    assert.equal((await client.validateResource(reading())).resourceType, 'OperationOutcome')
  })
})

interface Entry {
  resource: { status: string }
}

interface Refusal {
  outcome: { issue: { code: string }[] }
}
