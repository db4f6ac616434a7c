import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerType } from '#platform/answer-type.ts'
import { Problem } from '#platform/errors.ts'
import { etagOf, ifMatch, ifModifiedSince, ifNoneMatch, isAmong, isModified, versionOf } from './conditional.ts'
import { preferencesIn } from './prefer.ts'

const refused = (attempt: () => unknown) => {
  try {
    attempt()
  } catch (error) {
    return error instanceof Problem && [error.status, error.errors?.[0]?.pointer].join(' ')
  }
  return undefined
}

describe('ETag', () => {
  it('names a version, with W/ or without', () => {
    assert.deepEqual(['W/"3"', '"3"', ' W/"a-1.b" ', etagOf('7')].map(versionOf), ['3', '3', 'a-1.b', '7'])
    for (const wrong of ['3', 'W/3', 'w/"3"', '""', '"a b"', 'W/"3', `"${'1'.repeat(65)}"`, '"3" "4"', '*', ''])
      assert.equal(versionOf(wrong), undefined, wrong)
  })
})

describe('If-Match and If-None-Match', () => {
  it('take one, a list, and any', () => {
    assert.deepEqual(ifMatch('W/"3"'), ['3'])
    assert.deepEqual(ifMatch('W/"3", "4" ,W/"x!y"'), ['3', '4', 'x!y'])
    assert.equal(ifMatch('*'), '*')
    assert.deepEqual(ifMatch('3'), ['3'])
    assert.equal(ifMatch(undefined), undefined)
    assert.deepEqual(ifNoneMatch('"1",W/"2"'), ['1', '2'])
    assert.equal(ifNoneMatch(' * '), '*')
  })

  it('refuse what is no list of ETags, and lists without end', () => {
    for (const wrong of [
      '',
      ',',
      'x',
      '"1",',
      '"1" "2"',
      '*, "1"',
      'W/',
      '"a"b"',
      '"\n"',
      '"'.repeat(1_000_000),
      '"1",'.repeat(1_000_000),
      Array(101).fill('"1"').join(),
      '9'.repeat(1_000_000),
    ]) {
      assert.equal(
        refused(() => ifMatch(wrong)),
        '400 /header/if-match',
        wrong.slice(0, 20),
      )
      assert.equal(
        refused(() => ifNoneMatch(wrong)),
        '400 /header/if-none-match',
        wrong.slice(0, 20),
      )
    }
    assert.equal(
      refused(() => ifNoneMatch('3')),
      '400 /header/if-none-match',
    )
  })

  it('are met by the present version, and by none where there is none', () => {
    assert.deepEqual(
      [isAmong(['1', '2'], '2'), isAmong(['1'], '2'), isAmong('*', '2'), isAmong('*', undefined), isAmong([], '1')],
      [true, false, true, false, false],
    )
  })
})

describe('If-Modified-Since', () => {
  it('is a date of HTTP, or an instant as in a Bundle', () => {
    assert.deepEqual(ifModifiedSince('Sun, 06 Nov 1994 08:49:37 GMT'), new Date('1994-11-06T08:49:37Z'))
    assert.deepEqual(ifModifiedSince('2020-01-02T03:04:05.678+02:00'), new Date('2020-01-02T01:04:05.678Z'))
  })

  it('is as if it were not there where it is none', () => {
    for (const wrong of [
      undefined,
      '',
      'yesterday',
      'Sun, 31 Feb 2020 00:00:00 GMT',
      'Sun, 06 Nov 1994 25:49:37 GMT',
      'Sun, 06 Foo 1994 08:49:37 GMT',
      '2020',
      '2020-13-01T00:00:00Z',
      'x'.repeat(1_000_000),
    ])
      assert.equal(ifModifiedSince(wrong), undefined)
  })

  it('counts whole seconds, as that is all it tells', () => {
    const since = new Date('2020-01-01T00:00:00Z')
    assert.equal(isModified(new Date('2020-01-01T00:00:00.900Z'), since), false)
    assert.equal(isModified(new Date('2020-01-01T00:00:01Z'), since), true)
  })
})

describe('Prefer', () => {
  it('says what is to come back, and how strictly it is read', () => {
    assert.deepEqual(preferencesIn('return=minimal'), { return: 'minimal', handling: undefined, async: false })
    assert.deepEqual(preferencesIn('respond-async, handling=strict; Return="operationoutcome"'), {
      return: 'OperationOutcome',
      handling: 'strict',
      async: true,
    })
    assert.deepEqual(preferencesIn(['handling=lenient', 'return = representation']), {
      return: 'representation',
      handling: 'lenient',
      async: false,
    })
    assert.equal(preferencesIn('return=minimal, return=representation').return, 'minimal')
  })

  it('is no demand: what is not known is as if it were not there', () => {
    const none = { return: undefined, handling: undefined, async: false }
    for (const other of [
      undefined,
      '',
      '=',
      'return',
      'return=everything',
      'wait=10',
      '__proto__=x',
      ';,;,=',
      'return=minimal,'.repeat(100_000),
    ])
      assert.deepEqual(preferencesIn(other), none)
  })
})

describe('Accept and _format', () => {
  it('are answered in JSON', () => {
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/*',
      'application/fhir+json',
      'application/json+fhir',
      'application/fhir+json; fhirVersion=4.0',
      'application/fhir+xml, */*;q=0.1',
      'APPLICATION/FHIR+JSON;charset=utf-8',
      'application/json;q=0.5, application/fhir+json',
    ])
      assert.equal(answerType(accept), 'application/fhir+json', accept)
    for (const accept of [
      'application/json',
      'application/xml, application/json;q=0.2',
      'application/json; fhirVersion="4.0.1"',
    ])
      assert.equal(answerType(accept), 'application/json')
    assert.equal(answerType('application/xml', 'json'), 'application/fhir+json')
    assert.equal(answerType(undefined, 'application/fhir json'), 'application/fhir+json')
    assert.equal(answerType('application/fhir+json', 'application/json'), 'application/json')
  })

  it('are refused with 406 where only something else will do', () => {
    for (const accept of [
      'application/xml',
      'application/fhir+xml',
      'text/html',
      'text/turtle',
      'application/fhir+json;q=0',
      'application/fhir+json; fhirVersion=3.0',
      'application/fhir+json; fhirVersion=5.0',
      'application/fhir+json;q=x',
      ';',
      '__proto__',
      ','.repeat(1_000_000),
    ])
      assert.equal(
        refused(() => answerType(accept)),
        '406 /header/accept',
        accept.slice(0, 40),
      )
    for (const format of ['xml', 'application/fhir+xml', 'ttl', 'html', 'constructor'])
      assert.equal(
        refused(() => answerType('application/json', format)),
        '406 /query/_format',
        format,
      )
  })
})
