import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { sharedTypes } from '#platform/access.ts'
import { newId } from '#platform/ids.ts'
import type { Answer } from '#platform/testing.ts'
import { leastResource } from '../../least-resource.ts'
import { about, appOf, doctorOf, idsIn, openWard, pulse } from './ward.ts'

const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body).slice(0, 500)}`
const reference = (to: string) => ({ reference: to })

describe('/fhir/R4: what is about several patients, or about whom something else is about', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, ben, doctorOfAnn, doctorOfBen } = ward
  const doctorOfBoth = await doctorOf(house, [ann.patient, ben.patient])
  const administrator = await house.signedIn({ roles: ['administrator'] })
  const group = (...patients: string[]) => ({
    ...{ resourceType: 'Group', type: 'person', actual: true },
    member: patients.map((one) => ({ entity: reference(`Patient/${one}`) })),
  })

  it('a Group tells of all its members, so it is for who may see each of them', async () => {
    const { status, body } = await doctorOfBoth.post('/fhir/R4/Group', group(ann.patient, ben.patient))
    assert.equal(status, 201)
    assert.equal((await doctorOfBoth.get(`/fhir/R4/Group/${body.id}`)).status, 200)
    for (const who of [doctorOfAnn, doctorOfBen]) {
      assert.equal((await who.get(`/fhir/R4/Group/${body.id}`)).status, 404)
      assert.equal((await who.get('/fhir/R4/Group?_total=accurate')).body.total, 0)
      assert.deepEqual(idsIn(await who.get('/fhir/R4/Group/_history')), [])
      assert.equal((await who.post('/fhir/R4/Group', group(ann.patient, ben.patient))).status, 403)
    }
    for (const who of [ann, ben]) assert.equal((await who.get(`/fhir/R4/Group/${body.id}`)).status, 404)
    const app = await appOf(house, doctorOfBoth, ['patient/*.rs'], ann.patient)
    assert.equal((await app.get(`/fhir/R4/Group/${body.id}`)).status, 404)
  })

  it('a Group is about whoever was ever in it', async () => {
    const { body } = await doctorOfBoth.post('/fhir/R4/Group', group(ann.patient))
    const url = `/fhir/R4/Group/${body.id}`
    assert.equal((await doctorOfAnn.get(url)).status, 200)
    const both = { ...group(ann.patient, ben.patient), id: body.id }
    assert.equal((await doctorOfAnn.put(url, both)).status, 403)
    assert.equal((await doctorOfBoth.put(url, both)).status, 200)
    const again = await doctorOfBoth.put(url, { ...group(ann.patient), id: body.id })
    assert.equal(again.status, 200, told(again))
    for (const place of [url, `${url}/_history/1`, `${url}/_history/2`])
      assert.equal((await doctorOfAnn.get(place)).status, 404)
  })

  it('a Provenance is about whom its targets are about, also of those that come with it', async () => {
    const target = (await doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient))).body.id
    const provenance = (...targets: string[]) => ({
      ...leastResource('Provenance'),
      target: targets.map(reference),
    })
    const made = await doctorOfAnn.post('/fhir/R4/Provenance', provenance(`Observation/${target}`))
    assert.equal(made.status, 201, told(made))
    const url = `/fhir/R4/Provenance/${made.body.id}`
    assert.equal((await ann.get(url)).status, 200)
    for (const who of [ben, doctorOfBen]) assert.equal((await who.get(url)).status, 404)
    const urn = 'urn:uuid:5b0b1f4e-1d0c-4d3c-9a55-6f2e4d1c7a01'
    const bundle = {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [
        { resource: provenance(urn), request: { method: 'POST', url: 'Provenance' } },
        { fullUrl: urn, resource: pulse(ben.patient), request: { method: 'POST', url: 'Observation' } },
      ],
    }
    const answer = await doctorOfBen.post('/fhir/R4', bundle)
    assert.equal(answer.status, 200, told(answer))
    const written = answer.body.entry[0].response.location.split('/')[1]
    assert.equal((await ben.get(`/fhir/R4/Provenance/${written}`)).status, 200)
    assert.equal((await ann.get(`/fhir/R4/Provenance/${written}`)).status, 404)
    const [unseen, absent] = [
      await doctorOfBen.post('/fhir/R4/Provenance', provenance(`Observation/${target}`)),
      await doctorOfBen.post('/fhir/R4/Provenance', provenance(`Observation/${newId()}`)),
    ]
    assert.equal(unseen.status, 422)
    assert.deepEqual(unseen.body.issue, absent.body.issue)
    const patch = [{ op: 'add', path: '/language', value: 'fr' }]
    const asPatch = { 'content-type': 'application/json-patch+json' }
    assert.equal((await doctorOfAnn.patch(url, patch, asPatch)).status, 200)
    assert.equal((await ann.get(url)).status, 200)
    const more = async (who: typeof doctorOfAnn, patient: string) => {
      const { id } = (await who.post('/fhir/R4/Observation', pulse(patient))).body
      const one = { op: 'add', path: '/target/-', value: reference(`Observation/${id}`) }
      return (await doctorOfAnn.patch(url, [one], asPatch)).status
    }
    assert.deepEqual([await more(doctorOfAnn, ann.patient), await more(doctorOfBen, ben.patient)], [200, 422])
  })

  it('a Provenance of what is sensitive is as sensitive', async () => {
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }]
    const target = (await doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient, { meta: { security } }))).body.id
    const made = await doctorOfAnn.post('/fhir/R4/Provenance', {
      ...leastResource('Provenance'),
      target: [reference(`Observation/${target}`)],
    })
    assert.equal(made.status, 201, told(made))
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2031-01-01Z')`,
      [ann.patient],
    )
    assert.equal((await doctorOfAnn.get(`/fhir/R4/Provenance/${made.body.id}`)).status, 404)
    await house.owner.query('delete from platform.refusal')
  })

  it('what becomes sensitive later makes what leads to it so: a Provenance, a file, and the Provenance of that', async () => {
    const { body } = await doctorOfAnn.post('/fhir/R4/DocumentReference', about('DocumentReference', ann.patient))
    const document = `DocumentReference/${body.id}`
    const [urn, data] = ['urn:uuid:5b0b1f4e-1d0c-4d3c-9a55-6f2e4d1c7a02', { contentType: 'text/plain', data: 'AAAA' }]
    const provenance = { ...leastResource('Provenance'), target: [reference(urn)] }
    const file = { resourceType: 'Binary', ...data, securityContext: reference(document) }
    const made = await doctorOfAnn.post('/fhir/R4', {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [
        { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
        { fullUrl: urn, resource: file, request: { method: 'POST', url: 'Binary' } },
      ],
    })
    assert.equal(made.status, 200, told(made))
    const urls = made.body.entry.map((one: { response: { location: string } }) =>
      `/fhir/R4/${one.response.location}`.replace(/\/_history.*/, ''),
    )
    const other = await doctorOfAnn.post('/fhir/R4/Provenance', { ...provenance, target: [reference(document)] })
    urls.push(`/fhir/R4/Provenance/${other.body.id}`)
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2031-01-01Z')`,
      [ann.patient],
    )
    for (const url of urls) assert.equal((await doctorOfAnn.get(url)).status, 200, url)
    const label = { name: 'meta', valueMeta: { security: [{ code: 'HIV' }] } }
    const labels = { resourceType: 'Parameters', parameter: [label] }
    assert.equal((await doctorOfAnn.post(`/fhir/R4/${document}/$meta-add`, labels)).status, 403)
    await house.owner.query('delete from platform.refusal')
    assert.equal((await doctorOfAnn.post(`/fhir/R4/${document}/$meta-add`, labels)).status, 200)
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2031-01-01Z')`,
      [ann.patient],
    )
    for (const url of urls) {
      assert.equal((await doctorOfAnn.get(url)).status, 404, url)
      assert.equal((await doctorOfAnn.get(`${url}/_history/1`)).status, 404, url)
      assert.equal((await ann.get(url)).status, 200, url)
    }
    assert.equal((await doctorOfAnn.get('/fhir/R4/Binary?_total=accurate')).body.total, 0)
    await house.owner.query('delete from platform.refusal')
    const again = await doctorOfAnn.put(urls[1], { ...file, id: urls[1].split('/').at(-1) })
    assert.equal(again.status, 200, told(again))
  })

  it('what is labelled while a Provenance of it is written makes that as sensitive', async () => {
    const { owner } = house
    const target = (await doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient))).body.id
    await owner.query('begin')
    await owner.query(`update platform.fhir_resource set categories = '{hiv}' where id = $1`, [target])
    const asked = doctorOfAnn.post('/fhir/R4/Provenance', {
      ...leastResource('Provenance'),
      target: [reference(`Observation/${target}`)],
    })
    const waits = async () => {
      const waiting = `select from pg_locks where not granted and pid in (
        select pid from pg_locks where database = (select oid from pg_database where datname = current_database()))`
      while ((await owner.query(waiting)).rowCount === 0);
    }
    await Promise.race([asked, waits()])
    await owner.query('commit')
    const made = await asked
    assert.equal(made.status, 201, told(made))
    const { rows } = await owner.query('select categories from platform.fhir_resource where id = $1', [made.body.id])
    assert.deepEqual(rows, [{ categories: ['hiv'] }])
  })

  it('a Bundle is about whom what it holds is about, and each of a record must say so', async () => {
    const held = (...resources: object[]) => ({
      ...{ resourceType: 'Bundle', type: 'collection' },
      entry: resources.map((resource) => ({ resource })),
    })
    const made = await doctorOfBoth.post('/fhir/R4/Bundle', held(pulse(ann.patient), pulse(ben.patient)))
    assert.equal(made.status, 201, told(made))
    for (const who of [ann, ben, doctorOfAnn, doctorOfBen])
      assert.equal((await who.get(`/fhir/R4/Bundle/${made.body.id}`)).status, 404)
    const own = await doctorOfAnn.post('/fhir/R4/Bundle', held(pulse(ann.patient), leastResource('Organization')))
    assert.equal(own.status, 201, told(own))
    assert.equal((await ann.get(`/fhir/R4/Bundle/${own.body.id}`)).status, 200)
    assert.equal((await doctorOfAnn.post('/fhir/R4/Bundle', held(pulse(ben.patient)))).status, 403)
    const { subject: _, ...nobodys } = pulse(ann.patient) as { subject?: unknown; resourceType: string }
    for (const who of [doctorOfAnn, administrator]) {
      const answer = await who.post('/fhir/R4/Bundle', held(pulse(ann.patient), nobodys))
      assert.equal(answer.status, 422, told(answer))
    }
    const within = held(held(pulse(ben.patient)))
    assert.equal((await doctorOfAnn.post('/fhir/R4/Bundle', within)).status, 403)
  })

  it('a List of patients is about each of them, and _list finds what is on one that may be seen', async () => {
    const list = (...items: string[]) => ({
      ...leastResource('List'),
      entry: items.map((item) => ({ item: reference(item) })),
    })
    const [one, other] = [
      (await doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient))).body.id,
      (await doctorOfBen.post('/fhir/R4/Observation', pulse(ben.patient))).body.id,
    ]
    const items = [`Observation/${one}`, `Observation/${other}`]
    const made = await doctorOfAnn.post('/fhir/R4/List', {
      ...list(...items),
      subject: reference(`Patient/${ann.patient}`),
    })
    assert.equal(made.status, 201, told(made))
    const find = (who: typeof doctorOfAnn) => who.get(`/fhir/R4/Observation?_list=${made.body.id}&_total=accurate`)
    assert.deepEqual(idsIn(await find(ann)), [one])
    for (const who of [ben, doctorOfBen]) assert.deepEqual((await find(who)).body.total, 0)
    const both = list(`Patient/${ann.patient}`, `Patient/${ben.patient}`)
    for (const more of [{}, { source: reference(`Patient/${ann.patient}`) }]) {
      assert.equal((await doctorOfAnn.post('/fhir/R4/List', { ...both, ...more })).status, 403)
      const ward = await doctorOfBoth.post('/fhir/R4/List', { ...both, ...more })
      assert.equal(ward.status, 201, told(ward))
      for (const who of [ann, doctorOfAnn]) assert.equal((await who.get(`/fhir/R4/List/${ward.body.id}`)).status, 404)
    }
  })

  it('what is about nobody, an administrator writes, and who treats is told to say whom it is about', async () => {
    for (const type of sharedTypes.filter((one) => one !== 'Provenance')) {
      const { for: _, ...resource } = leastResource(type)
      const refused = await doctorOfAnn.post(`/fhir/R4/${type}`, resource)
      assert.equal(refused.status, 422, `${type} ${told(refused)}`)
      const made = await administrator.post(`/fhir/R4/${type}`, resource)
      assert.equal(made.status, 201, `${type} ${told(made)}`)
      const url = `/fhir/R4/${type}/${made.body.id}`
      assert.equal((await doctorOfAnn.get(url)).status, 200)
      assert.equal((await doctorOfAnn.delete(url)).status, 422)
      assert.equal((await doctorOfAnn.put(url, { ...about(type, ann.patient), id: made.body.id })).status, 422)
      assert.equal((await administrator.post(`/fhir/R4/${type}`, about(type, ann.patient))).status, 403)
      assert.equal((await administrator.delete(url)).status, 204)
    }
  })

  it('a Medication is made by who prescribes, read by all, and changed by an administrator', async () => {
    const made = await doctorOfAnn.post('/fhir/R4/Medication', leastResource('Medication'))
    assert.equal(made.status, 201, told(made))
    const url = `/fhir/R4/Medication/${made.body.id}`
    assert.equal((await ben.get(url)).status, 200)
    assert.equal((await doctorOfAnn.put(url, made.body)).status, 403)
    assert.equal((await administrator.put(url, { ...made.body, status: 'active' })).status, 200)
    assert.equal((await ben.post('/fhir/R4/Medication', leastResource('Medication'))).status, 403)
  })
})
