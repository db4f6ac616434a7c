import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { about, appOf, doctorOf, idsIn, openWard, pulse, storeOf } from './ward.ts'

const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
const of = (code: string) => ({ category: [{ coding: [{ system: CATEGORY, code }] }] })

describe('/fhir/R4: the scopes of a token', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, ben } = ward
  const both = await doctorOf(house, [ann.patient, ben.patient])
  const make = async (type: string, resource: object) => {
    const { status, body } = await both.post(`/fhir/R4/${type}`, resource)
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  const annsVisit = await make('Encounter', about('Encounter', ann.patient, { status: 'finished' }))
  const at = (visit: string) => ({ encounter: { reference: `Encounter/${visit}` } })
  const vital = await make('Observation', pulse(ann.patient, { ...of('vital-signs'), ...at(annsVisit) }))
  const lab = await make('Observation', pulse(ann.patient, { ...of('laboratory'), ...at(annsVisit) }))
  const bensVital = await make('Observation', pulse(ben.patient, { ...of('vital-signs'), ...at(annsVisit) }))
  const app = (scopes: string[], patient?: string) => appOf(house, both, scopes, patient)
  const url = (id: string) => `/fhir/R4/Observation/${id}`

  it('keep it to the patient in context, and to reading', async () => {
    const bound = await app(['patient/Observation.rs'], ann.patient)
    assert.equal((await bound.get(url(vital))).status, 200)
    for (const tail of ['', '/_history', '/_history/1'])
      assert.equal((await bound.get(url(bensVital) + tail)).status, 404, tail)
    for (const query of ['Observation', `Observation?subject=${ben.patient},${ann.patient}`, 'Observation/_history'])
      assert.deepEqual(idsIn(await bound.get(`/fhir/R4/${query}`)), [vital, lab].sort(), query)
    assert.deepEqual(idsIn(await bound.get('/fhir/R4')), [vital, lab].sort())
    assert.deepEqual(idsIn(await bound.get('/fhir/R4/_history')), [vital, lab].sort())
    const before = await storeOf(house)
    for (const answer of [
      await bound.post('/fhir/R4/Observation', pulse(ann.patient)),
      await bound.put(url(vital), { ...pulse(ann.patient), id: vital }),
      await bound.patch(url(vital), [{ op: 'add', path: '/language', value: 'fr' }] as object, JSON_PATCH),
      await bound.delete(url(vital)),
      await bound.get(`/fhir/R4/Encounter/${annsVisit}`),
      await bound.get('/fhir/R4/Encounter'),
      await bound.get('/fhir/R4/Encounter/_history'),
    ])
      assert.equal(answer.status, 403)
    assert.deepEqual(await storeOf(house), before)
  })

  it('keep writes to the patient in context', async () => {
    const bound = await app(['patient/Observation.cruds'], ann.patient)
    const before = await storeOf(house)
    for (const answer of [
      await bound.post('/fhir/R4/Observation', pulse(ben.patient)),
      await bound.put(url(newId()), pulse(ben.patient)),
      await bound.put(url(bensVital), { ...pulse(ben.patient), id: bensVital }),
      await bound.patch(url(bensVital), [{ op: 'add', path: '/language', value: 'fr' }] as object, JSON_PATCH),
      await bound.delete(url(bensVital)),
    ])
      assert.ok([400, 403, 404].includes(answer.status), String(answer.status))
    await bound.delete(`/fhir/R4/Observation?subject=${ben.patient}`)
    assert.deepEqual(await storeOf(house), before)
  })

  it('to read open no search, and to search no reading', async () => {
    const reads = await app(['user/Observation.r'])
    assert.equal((await reads.get(url(vital))).status, 200)
    for (const address of ['Observation', 'Observation/_history', `Patient/${ann.patient}/Observation`, ''])
      assert.equal((await reads.get(`/fhir/R4/${address}`.replace(/\/$/, ''))).status, 403, address)
    assert.equal((await reads.get('/fhir/R4/')).status, 403)
    assert.equal((await reads.post('/fhir/R4/Observation/_search')).status, 403)
    // Nor where the id is of no letters.
    for (const address of ['Observation//_history', 'Observation/', '/_history', '//_history'])
      assert.equal((await reads.get(`/fhir/R4/${address}`)).status, 404, address)
    const searches = await app(['user/Observation.s'])
    assert.equal((await searches.get(url(vital))).status, 403)
    assert.equal((await searches.get('/fhir/R4/Observation')).status, 200)
  })

  it('to write alone show nothing by writing, and find nothing by conditions', async () => {
    const identifier = [{ system: 'urn:scope', value: 'a' }]
    const id = await make('Observation', pulse(ann.patient, { identifier }))
    const writes = await app(['user/Observation.cud'])
    const condition = { 'if-none-exist': 'identifier=urn:scope|a' }
    assert.equal((await writes.post('/fhir/R4/Observation', pulse(ann.patient), condition)).status, 403)
    assert.equal((await writes.put('/fhir/R4/Observation?identifier=urn:scope|a', pulse(ann.patient))).status, 403)
    assert.equal((await writes.delete('/fhir/R4/Observation?identifier=urn:scope|a')).status, 403)
    const patched = await writes.patch(url(id), [{ op: 'add', path: '/language', value: 'fr' }] as object, JSON_PATCH)
    assert.deepEqual([patched.status, patched.body], [200, ''])
    const searches = await app(['user/Observation.cus'])
    const through = (query: string) =>
      searches.post('/fhir/R4/Observation', pulse(ann.patient, { identifier }), { 'if-none-exist': query })
    assert.equal((await through('encounter:Encounter.status=finished')).status, 403)
    assert.equal((await through('_has:DiagnosticReport:result:status=final')).status, 403)
    const found = await through('identifier=urn:scope|a')
    assert.deepEqual([found.status, found.body], [200, ''])
  })

  it('for one type open no other through includes, chains, _has and Bundles', async () => {
    const one = await app(['user/Observation.rs'])
    const included = await one.get('/fhir/R4/Observation?_include=Observation:encounter')
    assert.deepEqual(idsIn(included).includes(annsVisit), false)
    const within = `_filter=${encodeURIComponent('has-member:Observation[encounter.status eq finished].code eq 8867-4')}`
    for (const query of ['encounter:Encounter.status=finished', '_has:DiagnosticReport:result:status=final', within])
      assert.equal((await one.get(`/fhir/R4/Observation?${query}`)).status, 403, query)
    const bundle = (type: string, method: string, address: string) => ({
      ...{ resourceType: 'Bundle', type },
      entry: [{ request: { method, url: address } }],
    })
    assert.equal((await one.post('/fhir/R4', bundle('transaction', 'GET', `Encounter/${annsVisit}`))).status, 403)
    assert.equal((await one.post('/fhir/R4', bundle('transaction', 'DELETE', `Observation/${vital}`))).status, 403)
    for (const [method, address] of [
      ['GET', `Encounter/${annsVisit}`],
      ['DELETE', `Observation/${vital}`],
    ] as const) {
      const { body } = await one.post('/fhir/R4', bundle('batch', method, address))
      assert.match(body.entry[0].response.status, /^403/)
    }
    for (const address of ['', '_history', `Patient/${ann.patient}/*`])
      for (const type of ['batch', 'transaction']) {
        const { body } = await one.post('/fhir/R4', bundle(type, 'GET', address))
        const types = body.entry[0].resource.entry.map(({ fullUrl }: { fullUrl: string }) => fullUrl.split('/').at(-2))
        assert.deepEqual([...new Set(types)], ['Observation'], `${type} ${address}`)
      }
    assert.equal((await both.get(url(vital))).status, 200)
  })

  it('of two kinds are each their own: what is included is of the patient in context', async () => {
    const mixed = await app(['user/Encounter.rs', 'patient/Observation.rs'], ann.patient)
    const visits = await mixed.get('/fhir/R4/Encounter?_revinclude=Observation:encounter')
    assert.equal(visits.status, 200)
    assert.ok(idsIn(visits).includes(vital))
    assert.ok(!idsIn(visits).includes(bensVital))
    assert.ok(!idsIn(await mixed.get('/fhir/R4')).includes(bensVital))
    assert.ok(!idsIn(await mixed.get('/fhir/R4/_history')).includes(bensVital))
    for (const url of ['', '_history', `Patient/${ben.patient}/*`]) {
      const entry = [{ request: { method: 'GET', url } }]
      const { body } = await mixed.post('/fhir/R4', { resourceType: 'Bundle', type: 'batch', entry })
      assert.match(body.entry[0].response.status, /^200/, url)
      assert.ok(!JSON.stringify(body).includes(bensVital), url)
    }
  })

  it('bring nothing beside that is about another patient too', async () => {
    const item = (patient: string) => ({ item: { reference: `Patient/${patient}` } })
    const list = (entry: object[]) =>
      make('List', { resourceType: 'List', status: 'current', mode: 'working', ...at(annsVisit), entry })
    const [one, two] = [await list([item(ann.patient)]), await list([item(ann.patient), item(ben.patient)])]
    const mixed = await app(['user/Encounter.rs', 'patient/List.rs'], ann.patient)
    const found = idsIn(await mixed.get('/fhir/R4/Encounter?_revinclude=List:encounter'))
    assert.deepEqual([found.includes(one), found.includes(two)], [true, false])
  })

  it('follow nothing through what may not be shown', async () => {
    const one = await app(['user/Observation.rs'])
    const { body } = await one.get(
      `/fhir/R4/Observation?_id=${vital}&_include=Observation:encounter&_revinclude:iterate=Observation:encounter`,
    )
    assert.deepEqual(idsIn({ body }), [vital])
  })

  it('with a search open what it finds, to read and to search, and nothing else', async () => {
    const filter = `category=${CATEGORY}|vital-signs`
    const vitals = await app([`user/Observation.cruds?${filter}`])
    assert.deepEqual(idsIn(await vitals.get('/fhir/R4/Observation')), [vital, bensVital].sort())
    assert.deepEqual(idsIn(await vitals.get('/fhir/R4/Observation?category=laboratory')), [])
    assert.equal((await vitals.get('/fhir/R4/Observation?_summary=count')).body.total, 2)
    assert.deepEqual(idsIn(await vitals.get(`/fhir/R4/Patient/${ann.patient}/Observation`)), [vital])
    assert.equal((await vitals.get(url(vital))).status, 200)
    const [there, not] = [await vitals.get(url(lab)), await vitals.get(url(newId()))]
    assert.deepEqual([there.status, not.status], [404, 404])
    const before = await storeOf(house)
    for (const answer of [
      await vitals.get(`${url(vital)}/_history`),
      await vitals.get(`${url(lab)}/_history/1`),
      await vitals.get('/fhir/R4/Observation/_history'),
      await vitals.get('/fhir/R4'),
      await vitals.post('/fhir/R4/Observation', pulse(ann.patient, of('vital-signs'))),
      await vitals.put(url(vital), { ...pulse(ann.patient), id: vital }),
      await vitals.delete(url(vital)),
      await vitals.get('/fhir/R4/Encounter'),
    ])
      assert.equal(answer.status, 403)
    assert.deepEqual(await storeOf(house), before)
  })

  it('with several searches open what one of them finds, of the patient in context', async () => {
    const some = await app(
      ['patient/Observation.rs?category=vital-signs', 'patient/Observation.s?category=laboratory&status=final'],
      ann.patient,
    )
    assert.deepEqual(idsIn(await some.get('/fhir/R4/Observation')), [vital, lab].sort())
    assert.equal((await some.get(url(vital))).status, 200)
    assert.equal((await some.get(url(lab))).status, 404, 'that one is to search alone')
    assert.equal((await some.get(url(bensVital))).status, 404)
    assert.deepEqual(
      idsIn(await some.get('/fhir/R4/Observation?_revinclude=Observation:encounter')),
      [vital, lab].sort(),
    )
  })

  it('with a search that nobody understands open nothing', async () => {
    for (const filter of ['nothing=1', '_count=5', '_include=Observation:encounter', 'category:near=x', '_sort=date']) {
      const broken = await app([`user/Observation.rs?${filter}`])
      assert.deepEqual(idsIn(await broken.get('/fhir/R4/Observation')), [], filter)
      assert.equal((await broken.get(url(vital))).status, 404, filter)
    }
  })

  it('of an app for itself open nothing of anybody’s record', async () => {
    const { token, hash } = newToken()
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at, kind, scopes, client_id)
       values ($1, $2, $3, $4, $4::timestamptz + interval '1 hour', 'client-token', '{system/*.cruds}', $2)`,
      [newId(), newId(), hash, house.house.now()],
    )
    const client = house.withToken(token)
    for (const address of [
      '/Observation',
      `/Observation/${vital}`,
      '/Observation/_history',
      '/Patient',
      '/RelatedPerson',
    ])
      assert.equal((await client.get(`/fhir/R4${address}`)).status, 403, address)
    // Of the whole system it may see who practises, as in /v1, and here nobody does.
    for (const address of ['', '/_history']) {
      const { status, body } = await client.get(`/fhir/R4${address}`)
      assert.deepEqual([status, body.entry ?? []], [200, []], address)
    }
    assert.equal((await client.post('/fhir/R4/Observation', pulse(ann.patient))).status, 403)
  })

  it('are asked for: who has not signed in is told to', async () => {
    for (const address of ['/Observation', `/Observation/${vital}`, '', '/_history', '/Observation/_history'])
      assert.equal((await house.anonymous.get(`/fhir/R4${address}`)).status, 401, address)
    assert.equal((await house.anonymous.post('/fhir/R4', { resourceType: 'Bundle', type: 'batch' })).status, 401)
  })
})
