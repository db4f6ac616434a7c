import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { recordTypes } from '#platform/access.ts'
import { newId } from '#platform/ids.ts'
import type { Answer, Client } from '#platform/testing.ts'
import { about, appOf, doctorOf, idsIn, openWard, pulse, storeOf } from './ward.ts'

const JSON_PATCH = { 'content-type': 'application/json-patch+json' }

/** What an answer tells, without the ids that its caller knew already. */
const told = ({ status, body, headers }: Answer, id: string) => [
  status,
  JSON.stringify(body)
    ?.replaceAll(id, '<id>')
    .replace(/"id":"[0-9a-f-]{36}"/g, ''),
  headers.etag,
  headers['last-modified'],
]

/** All that can be asked of one resource by its id. */
const asks = (type: string, resource: object) => {
  const url = (id: string, tail = '') => `/fhir/R4/${type}/${id}${tail}`
  return {
    read: (who: Client, id: string) => who.get(url(id)),
    'conditional read': (who: Client, id: string) => who.get(url(id), { 'if-none-match': 'W/"1"' }),
    vread: (who: Client, id: string) => who.get(url(id, '/_history/1')),
    history: (who: Client, id: string) => who.get(url(id, '/_history')),
    patch: (who: Client, id: string) =>
      who.patch(url(id), [{ op: 'add', path: '/language', value: 'fr' }] as object, JSON_PATCH),
    'patch of a version': (who: Client, id: string) =>
      who.patch(url(id), [{ op: 'add', path: '/language', value: 'fr' }] as object, {
        ...JSON_PATCH,
        'if-match': 'W/"1"',
      }),
    delete: (who: Client, id: string) => who.delete(url(id)),
    'update of a version': (who: Client, id: string) => who.put(url(id), { ...resource, id }, { 'if-match': 'W/"1"' }),
    'search by id': (who: Client, id: string) => who.get(`/fhir/R4/${type}?_id=${id}&_total=accurate`),
    'delete by a condition': (who: Client, id: string) => who.delete(`/fhir/R4/${type}?_id=${id}`),
    'patch by a condition': (who: Client, id: string) =>
      who.patch(`/fhir/R4/${type}?_id=${id}`, [{ op: 'add', path: '/language', value: 'fr' }] as object, JSON_PATCH),
  }
}

describe('/fhir/R4: what is about somebody else', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, ben, doctorOfAnn, doctorOfBen } = ward
  const made: Record<string, string> = {}
  for (const type of recordTypes) {
    const answer = await doctorOfBen.post(`/fhir/R4/${type}`, about(type, ben.patient))
    assert.equal(answer.status, 201, `${type} ${JSON.stringify(answer.body)}`)
    made[type] = answer.body.id
  }

  it('is, of every type and by every interaction, as if it were not there', async () => {
    const before = await storeOf(house)
    for (const type of recordTypes)
      for (const [name, ask] of Object.entries(asks(type, about(type, ben.patient))))
        for (const who of [ann, doctorOfAnn]) {
          const [id, none] = [made[type] as string, newId()]
          const [there, not] = [await ask(who, id), await ask(who, none)]
          assert.deepEqual(told(there, id), told(not, none), `${type} ${name}`)
          if (!name.startsWith('search') && !name.startsWith('delete by'))
            assert.ok([403, 404, 412].includes(there.status), `${type} ${name}: ${there.status}`)
        }
    assert.deepEqual(await storeOf(house), before)
  })

  it('cannot be written about', async () => {
    const before = await storeOf(house)
    for (const type of recordTypes)
      for (const who of [ann, ben, doctorOfAnn]) {
        const resource = about(type, ben.patient)
        const id = newId()
        for (const answer of [
          await who.post(`/fhir/R4/${type}`, resource),
          await who.put(`/fhir/R4/${type}/${id}`, { ...resource, id }),
          await who.put(`/fhir/R4/${type}?_tag=urn:x|none`, resource),
        ])
          assert.equal(answer.status, 403, `${type}: ${JSON.stringify(answer.body)}`)
      }
    assert.deepEqual(await storeOf(house), before)
  })

  it('is not in searches, histories, counts, compartments and batches', async () => {
    const none = newId()
    for (const who of [ann, doctorOfAnn]) {
      for (const type of recordTypes) {
        assert.equal((await who.get(`/fhir/R4/${type}?_total=accurate`)).body.total, 0)
        assert.equal((await who.get(`/fhir/R4/${type}?_summary=count`)).body.total, 0)
        assert.equal((await who.post(`/fhir/R4/${type}/_search?_summary=count`)).body.total, 0)
        assert.deepEqual(idsIn(await who.get(`/fhir/R4/${type}/_history`)), [])
        const [theirs, nobodys] = [
          await who.get(`/fhir/R4/Patient/${ben.patient}/${type}?_total=accurate`),
          await who.get(`/fhir/R4/Patient/${none}/${type}?_total=accurate`),
        ]
        assert.deepEqual(told(theirs, ben.patient), told(nobodys, none))
        assert.deepEqual([theirs.status, theirs.body.total], [200, 0])
      }
      assert.equal((await who.get('/fhir/R4?_total=accurate')).body.total, 0)
      assert.equal((await who.get(`/fhir/R4/Patient/${ben.patient}/*?_total=accurate`)).body.total, 0)
      assert.deepEqual(idsIn(await who.get('/fhir/R4/_history')), [])
      const batch = await who.post('/fhir/R4', {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [
          `Observation/${made.Observation}`,
          `Observation/${made.Observation}/_history/1`,
          `Observation/${made.Observation}/_history`,
          'Observation?_total=accurate',
          `Patient/${ben.patient}/Observation`,
          `Patient/${ben.patient}/*`,
          '?_total=accurate',
          '_history',
        ].map((url) => ({ request: { method: 'GET', url } })),
      })
      assert.equal(batch.status, 200)
      assert.ok(!JSON.stringify(batch.body).includes(`"id":"${made.Observation}"`))
      assert.deepEqual(
        batch.body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3)),
        ['404', '404', '404', '200', '200', '200', '200', '200'],
      )
    }
  })

  it('does not tell of itself through includes, chains, _has, _filter, sorts and conditions', async () => {
    const both = await doctorOf(house, [ann.patient, ben.patient])
    const visit = (await doctorOfBen.post('/fhir/R4/Encounter', about('Encounter', ben.patient))).body.id
    // A resource about one of them that refers to what is about the other, as only who treats both can write it.
    const mine = (
      await both.post('/fhir/R4/Observation', pulse(ann.patient, { encounter: { reference: `Encounter/${visit}` } }))
    ).body.id
    const herVisit = (await doctorOfAnn.post('/fhir/R4/Encounter', about('Encounter', ann.patient))).body.id
    await both.post('/fhir/R4/Observation', pulse(ben.patient, { encounter: { reference: `Encounter/${herVisit}` } }))
    const only = async (query: string, ids: string[]) => {
      for (const who of [ann, doctorOfAnn]) {
        const answer = await who.get(`/fhir/R4/${query}`)
        assert.equal(answer.status, 200, `${query} ${JSON.stringify(answer.body)}`)
        assert.deepEqual(idsIn(answer), ids.sort(), query)
      }
    }
    await only('Observation?_include=Observation:encounter', [mine])
    await only('Observation?_include=*&_include:iterate=Encounter:*&_revinclude:iterate=Observation:encounter', [mine])
    await only('Encounter?_revinclude=Observation:encounter', [herVisit])
    await only('Encounter?_revinclude:iterate=Observation:*', [herVisit])
    await only(`Observation?encounter.status:not=x`, [])
    await only('Observation?encounter:Encounter._id:missing=false', [])
    await only('Encounter?_has:Observation:encounter:code=8867-4', [])
    await only(`Encounter?_filter=not(_has:Observation:encounter:code eq 8867-4)`.replaceAll(' ', '%20'), [
      herVisit,
    ]).catch((error) => assert.match(String(error), /400/))
    for (const filter of [
      'encounter:Encounter[status pr true].status pr true',
      'encounter:Encounter[not (status eq nothing)].class pr true',
      'encounter:Encounter[_has:Observation:encounter:code eq 8867-4].status pr true',
    ]) {
      await only(`Observation?_filter=${encodeURIComponent(filter)}`, [])
      await only(`Observation?_filter=${encodeURIComponent(`not (${filter})`)}`, [mine])
    }
    await only('Observation?_sort=encounter,-_lastUpdated', [mine])
    await only(`Observation?encounter=${visit}`, [mine])
    await only(`Observation?subject=Patient/${ben.patient}`, [])
  })

  it('is neither found nor told of by If-None-Exist and conditional references', async () => {
    const [value, other] = [newId(), newId()]
    const identifier = [{ system: 'urn:secret', value }]
    const theirs = (await doctorOfBen.post('/fhir/R4/Observation', pulse(ben.patient, { identifier }))).body.id
    await doctorOfBen.post('/fhir/R4/Encounter', about('Encounter', ben.patient, { identifier }))
    const condition = { 'if-none-exist': `identifier=urn:secret|${value}` }
    const own = await doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient, { identifier }), condition)
    assert.equal(own.status, 201)
    assert.notEqual(own.body.id, theirs)
    const bundle = (value: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: pulse(ann.patient, { encounter: { reference: `Encounter?identifier=urn:secret|${value}` } }),
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    })
    const [there, not] = [
      await doctorOfAnn.post('/fhir/R4', bundle(value)),
      await doctorOfAnn.post('/fhir/R4', bundle(other)),
    ]
    assert.deepEqual(told(there, value), told(not, other))
    assert.equal(there.status, 422)
  })

  it('is not in the system’s histories and searches of an app that is bound to somebody else', async () => {
    const both = await doctorOf(house, [ann.patient, ben.patient])
    const app = await appOf(house, both, ['patient/*.rs'], ann.patient)
    const isAnns = ({ body }: Answer) => !JSON.stringify(body).includes(ben.patient)
    for (const url of [
      '/fhir/R4',
      '/fhir/R4/_history',
      '/fhir/R4/Observation',
      '/fhir/R4/Observation/_history',
      '/fhir/R4/Encounter?_revinclude=Observation:encounter',
      `/fhir/R4/Patient/${ben.patient}/Observation`,
    ]) {
      const answer = await app.get(url)
      assert.equal(answer.status, 200, url)
      if (!url.includes(ben.patient)) assert.ok(isAnns(answer), url)
      assert.deepEqual(
        idsIn(answer).filter((id) => Object.values(made).includes(id)),
        [],
        url,
      )
    }
  })

  it('once deleted, is gone for those who could see it alone', async () => {
    const { id } = (await doctorOfBen.post('/fhir/R4/Observation', pulse(ben.patient))).body
    assert.equal((await doctorOfBen.delete(`/fhir/R4/Observation/${id}`)).status, 204)
    assert.equal((await ben.get(`/fhir/R4/Observation/${id}`)).status, 410)
    for (const who of [ann, doctorOfAnn]) {
      assert.equal((await who.get(`/fhir/R4/Observation/${id}`)).status, 404)
      assert.equal((await who.get(`/fhir/R4/Observation/${id}/_history`)).status, 404)
      assert.equal((await who.get(`/fhir/R4/Observation/${id}/_history/1`)).status, 404)
    }
  })

  it('leaves an audit row for each that a search, a history or a condition shows', async () => {
    const rows = async () =>
      Number(
        (
          await house.owner.query(
            `select count(*) from platform.audit_event where account_id = $1 and action = 'R' and subject = $2`,
            [doctorOfBen.account, `Patient/${ben.patient}`],
          )
        ).rows[0].count,
      )
    const identifier = [{ system: 'urn:test', value: 'noted' }]
    await doctorOfBen.post('/fhir/R4/Goal', about('Goal', ben.patient, { identifier }))
    for (const act of [
      () => doctorOfBen.get('/fhir/R4/Goal?identifier=urn:test|noted'),
      () => doctorOfBen.get('/fhir/R4/Goal/_history?_count=1'),
      () => doctorOfBen.get('/fhir/R4/_history?_count=1'),
      () =>
        doctorOfBen.post('/fhir/R4/Goal', about('Goal', ben.patient, { identifier }), {
          'if-none-exist': 'identifier=urn:test|noted',
        }),
    ]) {
      const before = await rows()
      const { status } = await act()
      assert.equal(status, 200)
      assert.equal((await rows()) - before, 1, String(act))
    }
  })
})
