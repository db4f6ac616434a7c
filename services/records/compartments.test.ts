import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Answer, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../../tests/ward.ts'

const found = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.entry ?? []).map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType).sort()
}

describe('/fhir/R4/Patient/:id/*', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient, stranger } = await openWard(house)
  const subject = { reference: `Patient/${patient.patient}` }
  const problem = { resourceType: 'Condition', code: { text: 'Asthma' }, subject }
  for (const one of [pulse(patient.patient), problem])
    assert.equal((await doctor.post(`/fhir/R4/${one.resourceType}`, one)).status, 201)
  const all = `/fhir/R4/Patient/${patient.patient}/*`
  const inBundle = async (url: string, type = 'batch'): Promise<Answer> => {
    const entry = [{ request: { method: 'GET', url } }]
    const { body } = await doctor.post('/fhir/R4', { resourceType: 'Bundle', type, entry })
    const [{ resource, response }] = body.entry ?? [{ response: { status: body.resourceType } }]
    return { status: Number.parseInt(response.status, 10), headers: {}, body: resource ?? response.outcome }
  }

  it('is all that is about the patient, of all types or of some, page by page', async () => {
    assert.deepEqual(found(await doctor.get(all)), ['Condition', 'Observation'])
    assert.deepEqual(found(await patient.get(`${all}?_type=Condition`)), ['Condition'])
    const page = await doctor.get(`${all}?_count=1&_total=accurate`)
    assert.equal(page.body.total, 2)
    const [self, next] = page.body.link.map(({ url }: { url: string }) => url.replace('http://openhcs.test', ''))
    assert.ok(self.startsWith(`${all}?`), self)
    assert.equal([...found(page), ...found(await doctor.get(next))].sort().join(), 'Condition,Observation')
  })

  it('shows a stranger nothing', async () => {
    const { body } = await stranger.get(`${all}?_total=accurate`)
    assert.deepEqual([body.total, body.entry], [0, undefined])
  })

  it('is no type anywhere else', async () => {
    for (const url of ['/fhir/R4/*', '/fhir/R4/*/1', '/fhir/R4/*/_history', `${all}/_history`]) {
      assert.equal((await doctor.get(url)).status, 404, url)
      for (const ask of [doctor.post, doctor.put, doctor.patch]) {
        const { status } = await ask(url, pulse(patient.patient))
        assert.ok(status === 404 || status === 405, `${url} ${status}`)
      }
      assert.ok([404, 405].includes((await doctor.delete(url)).status), url)
    }
  })

  it('is searched in a Bundle as well, and so is all that there is', async () => {
    for (const type of ['batch', 'transaction']) {
      assert.deepEqual(found(await inBundle(`Patient/${patient.patient}/*`, type)), ['Condition', 'Observation'])
      assert.deepEqual(found(await inBundle(`Patient/${patient.patient}/Condition`, type)), ['Condition'])
      assert.deepEqual(found(await inBundle('?_type=Condition,Observation', type)), ['Condition', 'Observation'])
      assert.deepEqual(found(await inBundle('_history?_count=1', type)), ['Condition'])
    }
  })

  it('there is none of what has no compartment', async () => {
    for (const type of ['Organization', 'Location', 'Observation', 'Group']) {
      assert.equal((await inBundle(`${type}/${patient.patient}/Observation`)).status, 404)
      assert.equal((await doctor.get(`/fhir/R4/${type}/${patient.patient}/Observation`)).status, 404)
    }
  })

  it('of an encounter is itself and what was written in it, by GET, by POST and in a Bundle', async () => {
    const encounter = { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject }
    const { body: visit } = await doctor.post('/fhir/R4/Encounter', encounter)
    const within = { encounter: { reference: `Encounter/${visit.id}` } }
    for (const one of [pulse(patient.patient, within), { ...problem, ...within }, { ...problem, ...within }])
      assert.equal((await doctor.post(`/fhir/R4/${one.resourceType}`, one)).status, 201)
    const url = `Encounter/${visit.id}`
    const form = (type: string, text = '') =>
      doctor.upload(`/fhir/R4/${url}/${type}/_search`, 'application/x-www-form-urlencoded', Buffer.from(text))
    const whole = ['Condition', 'Condition', 'Encounter', 'Observation']
    assert.deepEqual(found(await doctor.get(`/fhir/R4/${url}/*`)), whole)
    assert.deepEqual(found(await form('*')), whole)
    assert.deepEqual(found(await form('*', '_type=Condition')), ['Condition', 'Condition'])
    assert.deepEqual(found(await form('Condition', 'code:text=sthma')), [])
    assert.deepEqual(found(await doctor.get(`/fhir/R4/${url}/Condition?code:text=asthma`)), ['Condition', 'Condition'])
    assert.deepEqual(found(await doctor.get(`/fhir/R4/${url}/Encounter`)), ['Encounter'])
    assert.deepEqual(found(await doctor.get(`/fhir/R4/${url}/Organization`)), [])
    for (const type of ['batch', 'transaction']) {
      assert.deepEqual(found(await inBundle(`${url}/*`, type)), whole)
      assert.deepEqual(found(await inBundle(`${url}/Observation?code=8867-4`, type)), ['Observation'])
    }
    const page = await doctor.get(`/fhir/R4/${url}/Condition?_count=1&_total=accurate`)
    const [self, next] = page.body.link.map((link: { url: string }) => link.url.replace('http://openhcs.test', ''))
    assert.deepEqual([self.split('?')[0], page.body.total], [`/fhir/R4/${url}/Condition`, 2])
    const other = await doctor.get(next)
    assert.deepEqual([...found(page), ...found(other)], ['Condition', 'Condition'])
    assert.notEqual(page.body.entry[0].resource.id, other.body.entry[0].resource.id)
  })
})
