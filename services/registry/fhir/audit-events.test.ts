import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { validate } from '#fhir/validate.ts'
import type { Client } from '#platform/testing.ts'
import { checked } from '../../../tests/fhir-r4.ts'
import { licensed, openRegistry, treats } from '../testing.ts'

interface Event {
  id: string
  action: string
  recorded: string
  outcomeDesc: string
  agent: { who: { reference?: string; display: string } }[]
  entity: { what?: { reference: string } }[]
}

describe('GET /fhir/R4/AuditEvent', async () => {
  const place = await openRegistry()
  const { patient, caregiver, given, house } = place
  const [saba, doctor, hana, somebody] = [await patient(), await licensed(place), await caregiver(), await patient()]
  await treats(place, doctor, saba)
  await given(saba, { patient: saba.id, caregiver: hana.id, powers: ['see-record'] }, hana)
  await doctor.get(`/v1/patients/${saba.id}`)
  await hana.get(`/v1/patients/${saba.id}`)
  await somebody.get(`/v1/patients/${saba.id}`)
  const find = async (who: Client, query = '') => {
    const answer = await who.get(`/fhir/R4/AuditEvent?_count=100&patient=Patient/${saba.id}${query}`)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return (answer.body.entry ?? []).map(({ resource }: { resource: Event }) => resource) as Event[]
  }

  it('shows what the access log shows, in the same words, as R4', async () => {
    const log = await saba.get(`/v1/patients/${saba.id}/access-log?limit=100`)
    const [, ...events] = await find(saba)
    assert.deepEqual(
      events.map(({ outcomeDesc, action, recorded }) => [outcomeDesc, action, recorded]),
      log.body.items.map(({ text, action, at }: { text: string; action: string; at: string }) => [text, action, at]),
    )
    for (const one of events) {
      assert.deepEqual(validate(one), [], JSON.stringify(one))
      checked(one as never)
      const read = await saba.get(`/fhir/R4/AuditEvent/${one.id}`)
      assert.deepEqual([read.status, read.body], [200, one])
    }
    const own = await saba.get('/fhir/R4/AuditEvent?_count=1')
    assert.equal(own.body.entry.length, 1)
  })

  it('is searched by date, action, agent and entity, page by page', async () => {
    const by = `Practitioner/${doctor.id}`
    const theirs = await find(saba, `&agent=${by}`)
    assert.ok(theirs.length > 0 && theirs.every(({ agent }) => agent[0]?.who.reference === by))
    const mine = await find(saba, `&agent=Patient/${saba.id}`)
    assert.ok(mine.length > 0 && mine.every(({ agent }) => agent[0]?.who.display === 'You'))
    assert.deepEqual(await find(saba, `&agent=Patient/${somebody.id}`), [])
    const made = await find(saba, '&action=C,U')
    assert.ok(made.length > 0 && made.every(({ action }) => action === 'C' || action === 'U'))
    const touched = await find(saba, `&entity=Patient/${saba.id}`)
    assert.ok(touched.length > 0 && touched.every(({ entity }) => entity[1]?.what?.reference === `Patient/${saba.id}`))
    assert.deepEqual(await find(saba, '&date=lt2001'), [])
    assert.ok((await find(saba, '&date=ge2001')).length > 3)
    const first = await saba.get(`/fhir/R4/AuditEvent?_count=2&patient=${saba.id}`)
    const next = first.body.link.find(({ relation }: { relation: string }) => relation === 'next')
    const second = await saba.get(new URL(next.url).pathname + new URL(next.url).search)
    const ids = [...first.body.entry, ...second.body.entry].map(({ resource }: { resource: Event }) => resource.id)
    assert.equal(new Set(ids).size, 4)
    for (const query of ['&date=nonsense', '&agent=Device/1', '&entity=Nonsense/1', '&patient:missing=true'])
      assert.equal((await saba.get(`/fhir/R4/AuditEvent?patient=${saba.id}${query}`)).status, 400, query)
  })

  it('is for whom the access log is, and tells others neither what was touched nor that there is anything', async () => {
    const [one] = await find(saba)
    const seen = await find(hana)
    assert.ok(seen.length > 0 && seen.every(({ entity }) => entity[1]?.what === undefined))
    assert.deepEqual(await find(hana, `&entity=Patient/${saba.id}`), [])
    const booker = await caregiver()
    await given(saba, { patient: saba.id, caregiver: booker.id, powers: ['book'] }, booker)
    for (const who of [booker, doctor, somebody, await place.administrator()]) {
      assert.deepEqual(await find(who), [])
      assert.equal((await who.get(`/fhir/R4/AuditEvent/${one?.id}`)).status, 404)
    }
    assert.equal((await saba.get(`/fhir/R4/AuditEvent/${one?.id.split('.')[0]}.${somebody.id}`)).status, 404)
    assert.equal((await somebody.get(`/fhir/R4/AuditEvent/${one?.id.split('.')[0]}.${somebody.id}`)).status, 404)
    for (const id of ['1', '1.2', `0.${saba.id}`, `1.${saba.id}.1`])
      assert.equal((await saba.get(`/fhir/R4/AuditEvent/${id}`)).status, 404)
    assert.equal((await house.anonymous.get('/fhir/R4/AuditEvent')).status, 401)
    assert.equal((await (await house.signedIn()).get('/fhir/R4/AuditEvent')).status, 400)
    for (const method of ['post', 'put'] as const)
      assert.equal((await saba[method](`/fhir/R4/AuditEvent${method === 'put' ? '/1' : ''}`, {})).status, 405)
  })
})

describe('GET /fhir/R4/Consent', async () => {
  const place = await openRegistry()
  const { patient, house } = place
  const [saba, somebody] = [await patient(), await patient()]
  const texts = (await saba.get('/v1/consent-texts')).body.items as {
    purpose: string
    category: string
    version: string
  }[]
  const hiv = texts.find(({ purpose, category }) => purpose === 'treatment' && category === 'hiv')
  const say = async (decision: string) => {
    const body = { purpose: 'treatment', category: 'hiv', decision, textVersion: hiv?.version }
    assert.equal((await saba.post(`/v1/patients/${saba.id}/consents`, body)).status, 201)
  }
  await say('deny')
  await say('permit')
  await say('deny')

  it('shows the newest answer to each question, as R4, to the patient alone', async () => {
    const found = await saba.get('/fhir/R4/Consent')
    assert.equal(found.body.entry.length, 1)
    const [{ resource }] = found.body.entry
    assert.deepEqual([resource.status, resource.provision.type], ['active', 'deny'])
    assert.deepEqual(validate(resource), [])
    checked(resource)
    assert.deepEqual((await saba.get(`/fhir/R4/Consent/${resource.id}`)).body, resource)
    const doctor = await licensed(place)
    await treats(place, doctor, saba)
    for (const who of [somebody, doctor, await place.administrator()]) {
      assert.equal((await who.get(`/fhir/R4/Consent/${resource.id}`)).status, 404)
      assert.equal((await who.get(`/fhir/R4/Consent?patient=${saba.id}`)).body.entry, undefined)
    }
    assert.equal((await house.anonymous.get('/fhir/R4/Consent')).status, 401)
    assert.equal((await (await house.signedIn()).get('/fhir/R4/Consent')).status, 400)
  })

  it('is not written: what another system says of it decides nothing here', async () => {
    const foreign = {
      ...{ resourceType: 'Consent', status: 'active', patient: { reference: `Patient/${saba.id}` } },
      ...{ scope: { text: 'Treatment' }, category: [{ text: 'Any' }], policyRule: { text: 'Opt in' } },
      provision: { type: 'permit' },
    }
    assert.equal((await saba.post('/fhir/R4/Consent', foreign)).status, 405)
    assert.equal((await saba.put('/fhir/R4/Consent/1', { ...foreign, id: '1' })).status, 405)
    const { rows } = await house.owner.query('select category from platform.refusal where subject_id = $1', [saba.id])
    assert.deepEqual(rows, [{ category: 'hiv' }])
  })
})
