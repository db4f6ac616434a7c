import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { canonicalForm, canonicalJson } from './canonical-json.ts'

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  const backwards = Object.entries(value).toReversed()
  return Object.fromEntries(backwards.map(([name, member]) => [name, shuffled(member)]))
}
const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => JSON.stringify(value).isWellFormed())

describe('the canonical form of JSON', () => {
  it('is that of the examples of RFC 8785', () => {
    const sample = String.raw`{ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }`
    assert.equal(
      canonicalJson(JSON.parse(sample)),
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
    const names = String.raw`{"\u20ac":5,"\r":1,"\ufb33":7,"1":2,"\ud83d\ude00":6,"\u0080":3,"\u00f6":4}`
    assert.deepEqual(
      Object.values(JSON.parse(`[${canonicalJson(JSON.parse(names)).replace(/"[^"]*":/gs, '')}]`.replace(/[{}]/g, ''))),
      [1, 2, 3, 4, 5, 6, 7],
    )
  })

  it('says what the value says, whatever the order of its members', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value)
        assert.equal(canonicalJson(shuffled(value)), text)
        assert.equal(canonicalJson(JSON.parse(text)), text)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('differs wherever the values differ', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const alike = isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)))
        assert.equal(canonicalJson(one) === canonicalJson(other), alike)
      }),
    )
  })

  it('has no member that is not there', () => {
    assert.equal(canonicalJson({ b: 1, a: undefined, c: { d: undefined } }), '{"b":1,"c":{}}')
  })

  it('is refused to what JSON cannot say', () => {
    for (const value of [
      '\ud800',
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      new Date(0),
      () => 1,
      [undefined],
      { '\udc00': 1 },
    ])
      assert.throws(() => canonicalJson(value), TypeError)
  })

  it('leaves out of a resource what its method leaves out, and no more', () => {
    const resource = {
      resourceType: 'Bundle',
      id: 'a',
      meta: { versionId: '1' },
      text: { status: 'generated' },
      entry: [{ resource: { id: 'b', meta: {}, text: {} } }],
    }
    const of = (method: 'static' | 'document', signed: object | object[] = resource) =>
      Buffer.from(
        canonicalForm(signed as Record<string, unknown>, `http://hl7.org/fhir/canonicalization/json#${method}`),
      ).toString()
    const inside = '"entry":[{"resource":{"id":"b","meta":{},"text":{}}}]'
    assert.equal(of('static'), `{${inside},"id":"a","resourceType":"Bundle"}`)
    assert.equal(of('document'), `{${inside},"resourceType":"Bundle","text":{"status":"generated"}}`)
    assert.equal(
      of('static', [resource, { id: 'c', meta: {} }]),
      `[{${inside},"id":"a","resourceType":"Bundle"},{"id":"c"}]`,
    )
  })
})
