import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusal } from '../testing.ts'
import { parse, valuesOf } from './testing.ts'

const date = (prefix: string, from: string, until: string) => ({ kind: 'date', prefix, from, until })

describe('parseDate', () => {
  const understood: readonly [string, unknown][] = [
    ['2031', date('eq', '2031-01-01T00:00:00.000Z', '2032-01-01T00:00:00.000Z')],
    ['ge2031-12', date('ge', '2031-12-01T00:00:00.000Z', '2032-01-01T00:00:00.000Z')],
    ['ne2032-02-29', date('ne', '2032-02-29T00:00:00.000Z', '2032-03-01T00:00:00.000Z')],
    ['gt2031-03-03T10:00', date('gt', '2031-03-03T10:00:00.000Z', '2031-03-03T10:01:00.000Z')],
    ['lt2031-03-03T10:00:59Z', date('lt', '2031-03-03T10:00:59.000Z', '2031-03-03T10:01:00.000Z')],
    ['le2031-03-03T00:30:00+02:00', date('le', '2031-03-02T22:30:00.000Z', '2031-03-02T22:30:01.000Z')],
    ['sa2031-03-03T00:30:00 02:00', date('sa', '2031-03-02T22:30:00.000Z', '2031-03-02T22:30:01.000Z')],
    ['eb2031-03-03T23:30:00-03:30', date('eb', '2031-03-04T03:00:00.000Z', '2031-03-04T03:00:01.000Z')],
    ['ap2031-03-03T10:00:00.25Z', date('ap', '2031-03-03T10:00:00.250Z', '2031-03-03T10:00:00.251Z')],
    ['2016-12-31T23:59:60Z', date('eq', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:01.000Z')],
    ['0001', date('eq', '0001-01-01T00:00:00.000Z', '0002-01-01T00:00:00.000Z')],
    ['0001-01-01T00:00:00+01:00', date('eq', '-infinity', '-infinity')],
    ['9999', date('eq', '9999-01-01T00:00:00.000Z', 'infinity')],
  ]
  for (const [text, expected] of understood)
    it(`${text} is the range that it stands for`, () =>
      assert.deepEqual(valuesOf(`Patient?birthdate=${text}`), [expected]))

  for (const text of [
    '2031-02-29',
    '2031-13',
    '2031-00',
    '31',
    '0000',
    '2031-03-03T10',
    '2031-03-03T24:00',
    '2031-03-03T10:60',
    '2031-03-03T10:00:61',
    '2031-03-03T10:00+15:00',
    '2031-3-3',
    'gt',
    'xx2031',
    '2031-03-03Z',
  ])
    it(`${text} is refused`, () => {
      const { errors } = refusal(() => parse(`Patient?birthdate=${text}`))
      assert.equal(errors?.[0]?.pointer, '/query/birthdate')
      assert.match(errors?.[0]?.detail ?? '', /must be a date that exists, such as/)
    })
})
