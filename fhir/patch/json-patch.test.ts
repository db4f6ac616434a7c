import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#platform/errors.ts'
import { isObject } from '../json-value.ts'
import type { Resource } from '../resource.ts'
import { refusal as problemOf } from '../testing.ts'
import { jsonPatch } from './json-patch.ts'

const patient = (rest: object = {}): Resource => ({ resourceType: 'Patient', id: 'p1', ...rest })

const patched = (before: object, ...operations: unknown[]) => {
  const { resourceType, id, ...rest } = jsonPatch(patient(before), operations)
  assert.deepEqual([resourceType, id], ['Patient', 'p1'])
  return rest
}

const refusal = (before: object, ...operations: unknown[]) => {
  const { code, errors } = problemOf(() => patched(before, ...operations))
  return [code, errors?.[0]?.pointer]
}

describe('JSON Patch', () => {
  it('adds, replaces and removes members', () => {
    assert.deepEqual(patched({ a: 1 }, { op: 'add', path: '/b', value: { c: 2 } }), { a: 1, b: { c: 2 } })
    assert.deepEqual(patched({ a: 1 }, { op: 'add', path: '/a', value: 2 }), { a: 2 })
    assert.deepEqual(patched({ a: { b: 1 } }, { op: 'replace', path: '/a/b', value: null }), { a: { b: null } })
    assert.deepEqual(patched({ a: 1, b: 2 }, { op: 'remove', path: '/a' }), { b: 2 })
    assert.deepEqual(
      patched({ '/~': 1, '': 2 }, { op: 'remove', path: '/~1~0' }, { op: 'replace', path: '/', value: 3 }),
      { '': 3 },
    )
  })

  it('adds, replaces and removes in lists', () => {
    const list = (...operations: unknown[]) => patched({ a: [1, 2, [3]] }, ...operations).a
    assert.deepEqual(list({ op: 'add', path: '/a/0', value: 0 }), [0, 1, 2, [3]])
    assert.deepEqual(list({ op: 'add', path: '/a/3', value: 4 }, { op: 'add', path: '/a/-', value: 5 }), [
      1,
      2,
      [3],
      4,
      5,
    ])
    assert.deepEqual(list({ op: 'remove', path: '/a/1' }, { op: 'replace', path: '/a/1/0', value: 4 }), [1, [4]])
  })

  it('moves and copies, and what is copied is another', () => {
    assert.deepEqual(patched({ a: { b: 1 } }, { op: 'move', from: '/a/b', path: '/c' }), { a: {}, c: 1 })
    assert.deepEqual(patched({ a: [1, 2, 3] }, { op: 'move', from: '/a/0', path: '/a/2' }), { a: [2, 3, 1] })
    assert.deepEqual(patched({ a: 1 }, { op: 'move', from: '/a', path: '/a' }), { a: 1 })
    assert.deepEqual(
      patched({ a: { b: 1 } }, { op: 'copy', from: '/a', path: '/c' }, { op: 'replace', path: '/c/b', value: 2 }),
      { a: { b: 1 }, c: { b: 2 } },
    )
    assert.deepEqual(refusal({ a: { b: {} } }, { op: 'move', from: '/a', path: '/a/b' }), ['invalid', '/body/0/path'])
  })

  it('tests values as JSON, and changes nothing where one fails', () => {
    const before = { a: { b: 1, c: [1, 'x', null] } }
    assert.deepEqual(patched(before, { op: 'test', path: '/a', value: { c: [1, 'x', null], b: 1 } }), before)
    for (const value of [{ b: 1 }, { b: 1, c: [1, 'x'] }, { b: '1', c: [1, 'x', null] }, [], null])
      assert.deepEqual(
        refusal(
          before,
          { op: 'remove', path: '/a/b' },
          { op: 'add', path: '/a/b', value: 1 },
          { op: 'test', path: '/a', value },
        ),
        ['business-rule', '/body/2/path'],
      )
  })

  it('reads ~01 as ~1, and not as a slash', () => {
    assert.deepEqual(patched({ '~1': 1, '/': 2 }, { op: 'remove', path: '/~01' }), { '/': 2 })
  })

  it('leaves the operations as they are', () => {
    const operations = [
      { op: 'add', path: '/a', value: { b: 1 } },
      { op: 'replace', path: '/a/b', value: 2 },
    ]
    assert.deepEqual(patched({}, ...operations), { a: { b: 2 } })
    assert.deepEqual(operations[0]?.value, { b: 1 })
  })

  it('leaves the resource that it was given as it is', () => {
    const resource = patient({ a: [{ b: 1 }] })
    jsonPatch(resource, [{ op: 'replace', path: '/a/0/b', value: 2 }])
    assert.deepEqual(resource, patient({ a: [{ b: 1 }] }))
    problemOf(() =>
      jsonPatch(resource, [
        { op: 'remove', path: '/a' },
        { op: 'remove', path: '/z' },
      ]),
    )
    assert.deepEqual(resource, patient({ a: [{ b: 1 }] }))
  })

  it('refuses places that are not there', () => {
    for (const path of [
      '/x/y',
      '/a/3',
      '/a/-1',
      '/a/01',
      '/a/1e0',
      '/a/length',
      '/b/0',
      '/toString/x',
      '/__defineGetter__/x',
      '/a/99999999999',
    ])
      assert.deepEqual(
        refusal({ a: [1, 2], b: 1 }, { op: 'add', path, value: 1 }),
        ['business-rule', '/body/0/path'],
        path,
      )
    for (const path of ['', '/x', '/a/2', '/a/-', '/a/length', '/constructor', '/toString'])
      assert.deepEqual(refusal({ a: [1, 2] }, { op: 'remove', path }), ['business-rule', '/body/0/path'], path)
    assert.deepEqual(refusal({}, { op: 'copy', from: '/valueOf', path: '/a' }), ['business-rule', '/body/0/from'])
    assert.deepEqual(refusal({}, { op: 'test', path: '/a', value: undefined }), ['business-rule', '/body/0/path'])
  })

  it('refuses what is no patch', () => {
    for (const body of [
      null,
      {},
      'x',
      { op: 'remove', path: '/a' },
      Array(1_001).fill({ op: 'test', path: '/id', value: 'p1' }),
    ])
      assert.equal(problemOf(() => jsonPatch(patient(), body)).code, 'invalid')
    const { errors } = problemOf(() =>
      jsonPatch(patient(), [
        null,
        { op: 'merge', path: '/a' },
        { op: 'add', path: 'a', value: 1 },
        { op: 'add', path: '/a' },
        { op: 'copy', path: '/a~2' },
        { op: 'toString', path: '/__proto__/x' },
      ]),
    )
    assert.deepEqual(
      errors?.map(({ pointer }) => pointer),
      [
        '/body/0/op',
        '/body/0/path',
        '/body/1/op',
        '/body/2/path',
        '/body/3/value',
        '/body/4/path',
        '/body/4/from',
        '/body/5/op',
        '/body/5/path',
      ],
    )
  })

  it('refuses to make another resource of it', () => {
    for (const operation of [
      { op: 'replace', path: '/id', value: 'p2' },
      { op: 'remove', path: '/id' },
      { op: 'replace', path: '/resourceType', value: 'Group' },
      { op: 'replace', path: '', value: { resourceType: 'Patient' } },
      { op: 'add', path: '', value: [] },
    ])
      assert.equal(refusal({}, operation)[0], 'business-rule')
    assert.deepEqual(
      jsonPatch(patient(), [{ op: 'add', path: '', value: patient({ active: true }) }]),
      patient({ active: true }),
    )
  })

  it('reaches no prototype', () => {
    const value = JSON.parse('{"__proto__":{"polluted":true}}')
    assert.equal(refusal({}, { op: 'add', path: '/a', value })[0], 'invalid')
    assert.equal(refusal({}, { op: 'add', path: '/__proto__/polluted', value: true })[0], 'invalid')
    assert.equal(refusal({}, { op: 'add', path: '/constructor/prototype/polluted', value: true })[0], 'business-rule')
    assert.equal(({} as { polluted?: boolean }).polluted, undefined)
  })

  it('refuses what is nested too deeply, however it came to be', () => {
    let value: unknown = 1
    for (let i = 0; i < 100_000; i++) value = [value]
    assert.equal(refusal({}, { op: 'add', path: '/a', value })[0], 'invalid')
    const nest = Array.from({ length: 9 }, () => [
      { op: 'move', from: '/a', path: '/b' },
      { op: 'add', path: '/a', value: { c: 1 } },
      { op: 'move', from: '/b', path: '/a/c' },
    ]).flat()
    assert.equal(JSON.stringify(patched({ a: 1 }, ...nest)).length, 61)
    const deeper = Array.from({ length: 12 }, () => nest).flat()
    assert.equal(refusal({ a: 1 }, ...deeper)[0], 'invalid')
  })

  it('ends soon where copies grow, long lists move, or long lists are compared', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/b${i}` }))
    assert.ok(['too-long', 'invalid'].includes(refusal({ a: { text: 'x'.repeat(1_000) } }, ...doubling)[0] ?? ''))
    const list = Array.from({ length: 100_000 }, (_, i) => i)
    const moving = Array(1_000).fill({ op: 'add', path: '/a/0', value: 1 })
    assert.equal(refusal({ a: list }, ...moving)[0], 'too-long')
    assert.equal(refusal({ a: list }, { op: 'test', path: '/a', value: list.map((i) => i + 0.5) })[0], 'business-rule')
  })
})

const name = fc
  .oneof(fc.constantFrom('a', 'b', '/', '~', '', '-', '0', 'constructor'), fc.string({ maxLength: 3 }))
  .filter((one) => one !== '__proto__')
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'x'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }).map((one) => ({ ...one })),
  ),
}))

const pointer = (path: readonly string[]) =>
  path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** A patch that makes the second document of the first: the plainest that is right. */
function difference(a: unknown, b: unknown, path: string[] = []): object[] {
  const here = pointer(path)
  if (Array.isArray(a) && Array.isArray(b)) {
    const shared = Math.min(a.length, b.length)
    return [
      ...a.slice(shared).map(() => ({ op: 'remove', path: `${here}/${shared}` })),
      ...a.slice(0, shared).flatMap((one, i) => difference(one, b[i], [...path, `${i}`])),
      ...b.slice(shared).map((value) => ({ op: 'add', path: `${here}/-`, value })),
    ]
  }
  if (isObject(a) && isObject(b))
    return [
      ...Object.keys(a)
        .filter((one) => !Object.hasOwn(b, one))
        .map((one) => ({ op: 'remove', path: pointer([...path, one]) })),
      ...Object.entries(b).flatMap(([one, value]) =>
        Object.hasOwn(a, one)
          ? difference(a[one], value, [...path, one])
          : [{ op: 'add', path: pointer([...path, one]), value }],
      ),
    ]
  return a === b ? [{ op: 'test', path: here, value: b }] : [{ op: 'replace', path: here, value: b }]
}

describe('JSON Patch: properties', () => {
  it('makes any document of any other', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const patch = [...difference({ a }, { a: b }), { op: 'test', path: '/a', value: b }]
        assert.deepEqual(JSON.parse(JSON.stringify(patched({ a }, ...patch))), JSON.parse(JSON.stringify({ a: b })))
      }),
      { numRuns: 300 },
    )
  })

  it('either answers a resource or refuses, and never changes what it was given', () => {
    const path = fc.oneof(
      fc.array(name, { maxLength: 4 }).map((one) => pointer(['a', ...one])),
      fc.string(),
    )
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path,
      from: path,
      value: json,
    })
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 5 }), (a, operations) => {
        const before = patient({ a })
        const copy = structuredClone(before)
        try {
          assert.equal(jsonPatch(before, operations).id, 'p1')
        } catch (error) {
          assert.ok(error instanceof Problem)
        }
        assert.deepEqual(before, copy)
      }),
      { numRuns: 300 },
    )
  })
})
