import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Resource } from '../resource.ts'
import { refusal as problemOf } from '../testing.ts'
import { assignIds } from './assign-ids.ts'
import type { Identity } from './plan.ts'
import { readTransaction } from './read-transaction.ts'

const base = 'https://care.example/fhir/R4'
const patient = (rest: object = {}): Resource => ({ resourceType: 'Patient', ...rest })
const entry = (method: string, url: string, rest: { request?: object; [member: string]: unknown } = {}) => ({
  ...rest,
  request: { method, url, ...rest.request },
})
const transaction = (...entries: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry: entries })
const batch = (...entries: unknown[]) => ({ resourceType: 'Bundle', type: 'batch', entry: entries })
const planOf = (...entries: unknown[]) => readTransaction(transaction(...entries), { base })
const only = (...parts: Parameters<typeof entry>) => {
  const [planned] = planOf(entry(...parts)).entries
  assert.ok(planned)
  return Object.fromEntries(
    Object.entries(planned).filter(([name, value]) => value !== undefined && name !== 'index' && name !== 'method'),
  )
}

const pointers = (...entries: unknown[]) =>
  problemOf(() => planOf(...entries)).errors?.map(({ pointer }) => pointer.replace('/body/entry/', ''))

describe('A transaction', () => {
  it('is carried out in the order of the specification, and each kind as it came', () => {
    const { entries, size } = planOf(
      entry('GET', 'Patient/a'),
      entry('PATCH', 'Patient/b', { resource: { resourceType: 'Parameters' } }),
      entry('POST', 'Patient', { resource: patient() }),
      entry('PUT', 'Patient/c', { resource: patient({ id: 'c' }) }),
      entry('DELETE', 'Patient/d'),
      entry('HEAD', 'Patient/e'),
      entry('DELETE', 'Patient/f'),
    )
    assert.deepEqual(
      entries.map(({ method, index }) => `${method} ${index}`),
      ['DELETE 4', 'DELETE 6', 'POST 2', 'PATCH 1', 'PUT 3', 'GET 0', 'HEAD 5'],
    )
    assert.equal(size, 7)
  })

  it('may be empty', () => {
    assert.deepEqual(readTransaction({ resourceType: 'Bundle', type: 'transaction' }, { base }), {
      type: 'transaction',
      entries: [],
      refused: [],
      size: 0,
    })
  })

  it('creates, also on a condition', () => {
    const resource = patient({ active: true })
    assert.deepEqual(only('POST', 'Patient', { resource, fullUrl: 'urn:uuid:1' }), {
      interaction: 'create',
      type: 'Patient',
      resource,
      fullUrl: 'urn:uuid:1',
    })
    for (const ifNoneExist of ['identifier=a|1', '?identifier=a|1', 'Patient?identifier=a|1'])
      assert.equal(only('POST', 'Patient', { resource, request: { ifNoneExist } }).ifNoneExist, 'identifier=a|1')
  })

  it('updates, patches and deletes by id or condition', () => {
    const resource = patient({ id: 'a' })
    assert.deepEqual(only('PUT', 'Patient/a', { resource, request: { ifMatch: 'W/"3"' } }), {
      interaction: 'update',
      type: 'Patient',
      id: 'a',
      resource,
      ifMatch: ['3'],
    })
    assert.deepEqual(only('PUT', 'Patient?identifier=a|1', { resource: patient() }), {
      interaction: 'update',
      type: 'Patient',
      query: 'identifier=a|1',
      resource: patient(),
    })
    assert.deepEqual(only('DELETE', `${base}/Patient/a`), { interaction: 'delete', type: 'Patient', id: 'a' })
    assert.deepEqual(only('DELETE', '/Patient?active=false'), {
      interaction: 'delete',
      type: 'Patient',
      query: 'active=false',
    })
    const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data: 'W10=' }
    assert.deepEqual(only('PATCH', 'Patient/a', { resource: binary }), {
      interaction: 'patch',
      type: 'Patient',
      id: 'a',
      resource: binary,
    })
  })

  it('reads, searches and looks back', () => {
    const read = (url: string) => only('GET', url)
    assert.deepEqual(
      only('GET', 'Patient/a', { request: { ifNoneMatch: 'W/"1", "2"', ifModifiedSince: '2020-01-02T03:04:05Z' } }),
      {
        interaction: 'read',
        type: 'Patient',
        id: 'a',
        ifNoneMatch: ['1', '2'],
        ifModifiedSince: new Date('2020-01-02T03:04:05Z'),
      },
    )
    assert.deepEqual(read('Patient/a/_history/3'), { interaction: 'vread', type: 'Patient', id: 'a', versionId: '3' })
    assert.deepEqual(read('Patient/a/_history?_count=2'), {
      interaction: 'history',
      type: 'Patient',
      id: 'a',
      query: '_count=2',
    })
    assert.deepEqual(read('Patient/_history'), { interaction: 'history', type: 'Patient' })
    assert.deepEqual(read('_history'), { interaction: 'history' })
    assert.deepEqual(read('Patient?name=a/b?c'), { interaction: 'search', type: 'Patient', query: 'name=a/b?c' })
    assert.deepEqual(read('?_type=Patient'), { interaction: 'search', query: '_type=Patient' })
    assert.deepEqual(read('Patient/a/Observation?code=1'), {
      interaction: 'search',
      type: 'Observation',
      compartment: { type: 'Patient', id: 'a' },
      query: 'code=1',
    })
    assert.deepEqual(read('Patient/a/*'), { interaction: 'search', compartment: { type: 'Patient', id: 'a' } })
  })

  it('is refused as a whole with what is wrong in each of its entries', () => {
    assert.deepEqual(pointers(null, {}, { request: {} }, entry('get', 'Patient/a'), entry('__proto__', 'Patient/a')), [
      '0/request',
      '1/request',
      '2/request/method',
      '2/request/url',
      '3/request/method',
      '4/request/method',
    ])
    const urls = [
      ['POST', 'Patient/a'],
      ['POST', 'Patient?a=b'],
      ['POST', 'Patient/_search'],
      ['POST', 'Patient/$match'],
      ['POST', ''],
      ['PUT', 'Patient'],
      ['PUT', 'Patient?'],
      ['PUT', 'Patient/a?b=c'],
      ['DELETE', 'Nothing/a'],
      ['DELETE', 'patient/a'],
      ['DELETE', 'Patient/a/_history/1'],
      ['DELETE', 'Patient/a b'],
      ['DELETE', 'Patient/_history'],
      ['GET', 'https://elsewhere.example/Patient/a'],
      ['GET', 'Patient/a/_history/1/2'],
      ['GET', 'Patient/a/Nothing'],
      ['GET', 'Patient/a/$everything'],
      ['GET', '__proto__/a'],
      ['GET', `Patient/${'a'.repeat(65)}`],
      ['GET', 'javascript:alert'],
      ['GET', '//elsewhere.example/Patient'],
      ['GET', `Patient?${'a'.repeat(9_000)}`],
      ['GET', 'Patient/_search?a=b'],
    ]
    for (const [method = '', url = ''] of urls)
      assert.deepEqual(
        pointers(entry(method, url, method === 'PUT' ? { resource: patient() } : {})),
        ['0/request/url'],
        `${method} ${url.slice(0, 40)}`,
      )
  })

  it('says why, where it is a matter of what there is', () => {
    const why = (method: string, url: string) => problemOf(() => planOf(entry(method, url))).errors?.[0]?.detail
    assert.equal(why('POST', 'Patient/$match'), 'is an operation, which neither batch nor transaction holds here')
    assert.equal(why('GET', 'https://elsewhere.example/Patient/a'), 'leads to another server')
  })

  it('needs the right resource where there is to be one, and none elsewhere', () => {
    assert.deepEqual(
      pointers(entry('POST', 'Patient'), entry('PUT', 'Patient/a', { resource: [] }), entry('PATCH', 'Patient/b')),
      ['0/resource', '1/resource', '2/resource'],
    )
    assert.deepEqual(pointers(entry('POST', 'Patient', { resource: { resourceType: 'Group' } })), [
      '0/resource/resourceType',
    ])
    assert.deepEqual(
      pointers(
        entry('PUT', 'Patient/a', { resource: patient() }),
        entry('PUT', 'Patient/b', { resource: patient({ id: 'c' }) }),
      ),
      ['0/resource/id', '1/resource/id'],
    )
    assert.deepEqual(pointers(entry('PUT', 'Patient?a=b', { resource: patient({ id: 'no id' }) })), ['0/resource/id'])
    assert.deepEqual(pointers(entry('PATCH', 'Patient/a', { resource: patient() })), ['0/resource/resourceType'])
    assert.deepEqual(
      pointers(
        entry('GET', 'Patient/a', { resource: patient() }),
        entry('DELETE', 'Patient/b', { resource: patient() }),
      ),
      ['0/resource', '1/resource'],
    )
  })

  it('refuses conditions that are none, or have no meaning there', () => {
    assert.deepEqual(
      pointers(
        entry('PUT', 'Patient/a', { resource: patient({ id: 'a' }), request: { ifMatch: 'x y' } }),
        entry('DELETE', 'Patient/b', { request: { ifNoneExist: 'a=b' } }),
        entry('GET', 'Patient/c', { request: { ifMatch: 'W/"1"', ifNoneMatch: 3 } }),
        entry('POST', 'Patient', { resource: patient(), request: { ifNoneExist: '?' } }),
      ),
      [
        '0/request/ifMatch',
        '1/request/ifNoneExist',
        '2/request/ifMatch',
        '2/request/ifNoneMatch',
        '3/request/ifNoneExist',
      ],
    )
  })

  it('has a fullUrl only where it is absolute, of no version, and agrees with the address', () => {
    const put = (fullUrl: unknown) => entry('PUT', 'Patient/a', { resource: patient({ id: 'a' }), fullUrl })
    for (const fullUrl of [
      'Patient/a',
      '',
      3,
      'urn:uuid:a b',
      `${base}/Patient/a/_history/1`,
      'https://elsewhere.example/Patient/a/_history/1',
      `${base}/Patient/b`,
      `urn:${'a'.repeat(3_000)}`,
    ])
      assert.ok(
        pointers(put(fullUrl))?.every((pointer) => pointer === '0/fullUrl'),
        `${fullUrl}`,
      )
    for (const fullUrl of [`${base}/Patient/a`, 'urn:uuid:1', 'https://elsewhere.example/Patient/b', 'urn:oid:1.2.3'])
      assert.equal(planOf(put(fullUrl)).entries.length, 1)
  })

  it('refuses to change one thing twice', () => {
    const put = entry('PUT', 'Patient/a', { resource: patient({ id: 'a' }) })
    assert.deepEqual(pointers(put, entry('DELETE', `${base}/Patient/a`)), ['1/request/url'])
    assert.deepEqual(
      pointers(entry('DELETE', 'Patient?active=false'), entry('PUT', 'Patient?active=false', { resource: patient() })),
      ['1/request/url'],
    )
    assert.deepEqual(
      pointers(...[1, 2].map(() => entry('POST', 'Patient', { resource: patient(), request: { ifNoneExist: 'a=b' } }))),
      ['1/request/ifNoneExist'],
    )
    assert.deepEqual(
      pointers(...[1, 2].map(() => entry('POST', 'Patient', { resource: patient(), fullUrl: 'urn:uuid:1' }))),
      ['1/fullUrl'],
    )
    assert.equal(planOf(put, entry('GET', 'Patient/a'), entry('GET', 'Patient/a')).entries.length, 3)
  })

  it('is a Bundle of that type with at most 5,000 entries', () => {
    for (const body of [
      null,
      [],
      'x',
      {},
      { resourceType: 'Bundle', type: 'searchset' },
      { resourceType: 'Parameters', type: 'batch' },
      { ...transaction(), entry: {} },
    ])
      assert.equal(problemOf(() => readTransaction(body, { base })).code, 'invalid')
    const many = Array(5_001).fill(entry('GET', 'Patient/a'))
    assert.equal(problemOf(() => planOf(...many)).code, 'too-long')
    assert.equal(planOf(...many.slice(1)).entries.length, 5_000)
    assert.equal(problemOf(() => planOf(...Array(5_000).fill({}))).errors?.length, 20)
  })
})

describe('A batch', () => {
  it('leaves out what is wrong, and says what became of it', () => {
    const { entries, refused, size } = readTransaction(
      batch(entry('GET', 'Patient/a'), entry('GET', 'Nothing/a'), entry('DELETE', 'Patient/a')),
      { base },
    )
    assert.deepEqual(
      entries.map(({ index }) => index),
      [2, 0],
    )
    assert.deepEqual(
      refused.map(({ index, problem }) => [index, problem.errors?.[0]?.pointer]),
      [[1, '/body/entry/1/request/url']],
    )
    assert.equal(size, 3)
  })
})

describe('Ids of a transaction', () => {
  const counter = () => {
    let last = 0
    return () => `new-${++last}`
  }
  const assigned = (entries: unknown[], resolved: [number, Identity][] = []) => {
    const { identities, references, created } = assignIds(planOf(...entries), counter(), new Map(resolved))
    return {
      identities: Object.fromEntries([...identities].map(([i, { type, id }]) => [i, `${type}/${id}`])),
      references: Object.fromEntries(references),
      created: [...created],
    }
  }

  it('are new for what is created, and fullUrls stand for them', () => {
    assert.deepEqual(
      assigned([
        entry('POST', 'Patient', { resource: patient({ id: 'mine' }), fullUrl: 'urn:uuid:1' }),
        entry('POST', 'Patient', { resource: patient() }),
        entry('PUT', 'Patient/a', { resource: patient({ id: 'a' }), fullUrl: 'urn:uuid:2' }),
        entry('GET', 'Patient?name=x'),
        entry('DELETE', 'Patient/b'),
      ]),
      {
        identities: { 0: 'Patient/new-1', 1: 'Patient/new-2', 2: 'Patient/a', 4: 'Patient/b' },
        references: { 'urn:uuid:1': 'Patient/new-1', 'urn:uuid:2': 'Patient/a' },
        created: [0, 1],
      },
    )
  })

  it('are those that conditions found', () => {
    const found: Identity = { type: 'Patient', id: 'found' }
    const create = entry('POST', 'Patient', {
      resource: patient(),
      request: { ifNoneExist: 'a=b' },
      fullUrl: 'urn:uuid:1',
    })
    assert.deepEqual(assigned([create], [[0, found]]), {
      identities: { 0: 'Patient/found' },
      references: { 'urn:uuid:1': 'Patient/found' },
      created: [],
    })
    const update = entry('PUT', 'Patient?a=b', { resource: patient(), fullUrl: 'urn:uuid:1' })
    assert.deepEqual(assigned([update], [[0, found]]).identities, { 0: 'Patient/found' })
    assert.deepEqual(assigned([update]), {
      identities: { 0: 'Patient/new-1' },
      references: { 'urn:uuid:1': 'Patient/new-1' },
      created: [0],
    })
    assert.deepEqual(assigned([entry('PUT', 'Patient?a=b', { resource: patient({ id: 'mine' }) })]).identities, {
      0: 'Patient/mine',
    })
    assert.deepEqual(assigned([entry('DELETE', 'Patient?a=b')]).identities, {})
  })

  it('are refused where two entries turn out to change the same', () => {
    const found: Identity = { type: 'Patient', id: 'a' }
    const put = entry('PUT', 'Patient/a', { resource: patient({ id: 'a' }) })
    const { code, errors } = problemOf(() => assigned([put, entry('DELETE', 'Patient?x=y')], [[1, found]]))
    assert.deepEqual([code, errors?.[0]?.pointer], ['business-rule', '/body/entry/0/request/url'])
    const create = entry('POST', 'Patient', { resource: patient(), request: { ifNoneExist: 'x=y' } })
    assert.deepEqual(assigned([put, create], [[1, found]]).identities, { 0: 'Patient/a', 1: 'Patient/a' })
  })

  it('are refused where a patch finds nothing, or an update something else than it says', () => {
    assert.equal(
      problemOf(() => assigned([entry('PATCH', 'Patient?x=y', { resource: { resourceType: 'Parameters' } })])).code,
      'not-found',
    )
    assert.equal(
      problemOf(() =>
        assigned(
          [entry('PUT', 'Patient?x=y', { resource: patient({ id: 'b' }) })],
          [[0, { type: 'Patient', id: 'a' }]],
        ),
      ).code,
      'invalid',
    )
  })
})
