import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { primitives } from './primitives.ts'

const holds = (type: string, value: unknown) => primitives.get(type)?.holds(value as never)

/** Right ones, then wrong ones. */
const cases: Readonly<Record<string, [readonly unknown[], readonly unknown[]]>> = {
  base64Binary: [
    ['AAAA', 'QQ==', 'QUI=', 'AAAA\nBBBB', ' AA AA '],
    ['', 'A', 'AAA', 'A===', 'AA=A', '====AAAA', 'AAA-', 'AAAA='],
  ],
  canonical: [
    ['https://a.example/b|1.0', '#a'],
    ['', 'a b'],
  ],
  code: [
    ['a', 'a b', 'a-b.c', '>=', '非'],
    ['', ' a', 'a ', 'a  b', 'a\tb', ' '],
  ],
  date: [
    ['2031', '2031-02', '2031-02-28', '2032-02-29', '2000-02-29', '2031-12-31'],
    [
      '31',
      '2031-13',
      '2031-00',
      '2031-02-29',
      '1900-02-29',
      '2031-04-31',
      '2031-2-1',
      '2031-02-00',
      '0000',
      '2031-02-01T',
      ' 2031',
    ],
  ],
  dateTime: [
    [
      '2031',
      '2031-02',
      '2031-02-03',
      '2031-02-03T04:05:06Z',
      '2031-02-03T04:05:06.789+14:00',
      '2031-02-03T23:59:60-05:30',
    ],
    [
      '2031-02-03T04:05Z',
      '2031-02-03T04:05:06',
      '2031-02-03T24:00:00Z',
      '2031-02-30T04:05:06Z',
      '2031-02-03T04:05:06+14:30',
      '2031-02T04:05:06Z',
      '2031-02-03 04:05:06Z',
      '2031-02-03T04:05:06.Z',
    ],
  ],
  decimal: [
    [0, -1.5, 1e300],
    [Number.POSITIVE_INFINITY, Number.NaN],
  ],
  id: [
    ['a', 'A-1.b', 'a'.repeat(64)],
    ['', 'a'.repeat(65), 'a_b', 'a/b', 'a\n'],
  ],
  instant: [
    ['2031-02-03T04:05:06Z', '2031-02-03T04:05:06.789123+01:00'],
    ['2031-02-03', '2031-02-03T04:05:06', '2031'],
  ],
  integer: [
    [0, -2_147_483_648, 2_147_483_647],
    [0.5, 2_147_483_648, -2_147_483_649],
  ],
  oid: [
    ['urn:oid:1.2.3', 'urn:oid:2.16.840.1.113883'],
    ['1.2.3', 'urn:oid:3.1', 'urn:oid:1', 'urn:oid:1.02', 'urn:oid:1.2.'],
  ],
  positiveInt: [
    [1, 2_147_483_647],
    [0, -1, 1.5],
  ],
  string: [
    ['a', ' a ', 'a\u00a0b', 'a\r\n\tb', '👩🏾‍⚕️', 'x'.repeat(2 ** 20)],
    ['', ' ', '\n', '\u00a0', 'a\u0000', 'a\u001b', 'a\ud800', 'x'.repeat(2 ** 20 + 1)],
  ],
  time: [
    ['00:00:00', '23:59:60', '12:30:15.5'],
    ['24:00:00', '12:30', '12:30:15Z', '1:02:03'],
  ],
  unsignedInt: [
    [0, 7],
    [-1, 0.5],
  ],
  uri: [
    ['a', 'urn:a:b', 'https://a.example/ä'],
    ['', 'a b', 'a\n', 'a\u0000'],
  ],
  uuid: [
    ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    ['urn:uuid:C757873D-EC9A-4326-A141-556F43239520', 'c757873d-ec9a-4326-a141-556f43239520'],
  ],
}

describe('primitive types', () => {
  for (const [type, [right, wrong]] of Object.entries(cases))
    it(`${type} is what R4 says`, () => {
      for (const value of right) assert.equal(holds(type, value), true, `${JSON.stringify(value)}`.slice(0, 80))
      for (const value of wrong) assert.equal(holds(type, value), false, `${JSON.stringify(value)}`.slice(0, 80))
    })

  it('are read in a time that grows with the length alone', () => {
    const parts = [
      'a',
      ' ',
      '\t',
      'A',
      '=',
      '-',
      ':',
      '1.',
      '2031-01-01T',
      'urn:oid:1',
      '<div ',
      '<div>',
      '&amp;',
      '<!--',
      'a ',
      '\u00a0',
    ]
    const began = process.cpuUsage()
    for (const { holds, json } of primitives.values())
      if (json === 'string')
        for (const part of parts)
          for (const end of ['', '\u0001', '!', ' ']) holds((part.repeat(200_000) + end) as never)
    const { user } = process.cpuUsage(began)
    assert.ok(user < 20_000_000, `${user} µs for ${primitives.size * parts.length * 4} texts`)
  })
})
