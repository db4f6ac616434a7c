import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#platform/errors.ts'
import type { Resource } from '../resource.ts'
import { findPlaces } from './find-places.ts'
import { parsePath } from './parse-path.ts'
import { valueAt } from './place.ts'

const patient: Resource = {
  resourceType: 'Patient',
  active: true,
  name: [
    { use: 'official', family: "O'Neil", given: ['A', 'B'] },
    { use: 'usual', given: ['C'], _given: [{ id: 'x' }, { id: 'y' }] },
  ],
  multipleBirthInteger: 2,
  extension: [
    { url: 'http://example.org/a', valueQuantity: { value: 1 } },
    { url: 'http://example.org/b', valueString: 'b' },
  ],
}

const found = (text: string) => {
  const path = parsePath(text)
  assert.ok(path, text)
  return findPlaces(patient, path, () => {}).map(valueAt)
}

describe('A path in FHIRPath', () => {
  it('leads along members and indexes, from the type or without it', () => {
    assert.deepEqual(found('Patient.name.given'), ['A', 'B', 'C', undefined])
    assert.deepEqual(found('name[0].given[1]'), ['B'])
    assert.deepEqual(found('`name` [ 1 ].given[0]'), ['C'])
    assert.deepEqual(found('DomainResource.name[7]'), [])
    assert.deepEqual(found('Patient'), [patient])
    assert.deepEqual(found('Observation.name'), [])
  })

  it('finds ids and extensions of primitives', () => {
    assert.deepEqual(found('Patient.name.given.id'), ['x', 'y'])
    assert.deepEqual(found('Patient.active.id'), [])
  })

  it('follows choices by name and by type', () => {
    for (const text of [
      'Patient.multipleBirth',
      'multipleBirth.ofType(integer)',
      'multipleBirth.as(FHIR.integer)',
      'Patient.multipleBirthInteger',
    ])
      assert.deepEqual(found(text), [2])
    assert.deepEqual(found('multipleBirth.ofType(boolean)'), [])
    assert.deepEqual(found("Patient.extension('http://example.org/a').value.value"), [1])
    assert.deepEqual(found("extension.where(url = 'http://example.org/b').value.ofType(string)"), ['b'])
  })

  it('takes parts of what it found', () => {
    assert.deepEqual(
      ['first()', 'last()', 'tail()', 'skip(1)', 'take(1)', 'skip(1).take(1)', 'first().single()'].map((one) =>
        found(`Patient.name.given.take(3).${one}`).join(''),
      ),
      ['A', 'C', 'BC', 'BC', 'A', 'B', 'A'],
    )
  })

  it('chooses by criteria, where nothing is neither true nor false', () => {
    const families = (criteria: string) => found(`Patient.name.where(${criteria}).use`).join(' ')
    assert.equal(families("family = 'O\\'Neil'"), 'official')
    assert.equal(families("family = 'O\\u0027Neil' or use = 'usual'"), 'official usual')
    assert.equal(families("family != 'x'"), 'official')
    assert.equal(families("(family = 'x').not()"), 'official')
    assert.equal(families("(family = 'x' or use = 'x').not()"), 'official')
    assert.equal(families('family.empty()'), 'usual')
    assert.equal(families('family.exists() xor given.exists()'), 'usual')
    assert.equal(families("given.exists($this = 'B')"), 'official')
    assert.equal(families("given.where($this = 'C').exists() and (true)"), 'usual')
    assert.equal(families("use = 'usual' or use = 'official' and use = 'x'"), 'usual')
    assert.equal(families("given = 'A'"), '')
    assert.equal(families('family.exists().not().not()'), 'official')
    assert.equal(families("family = 'x' and period.start = @2020-01-01"), '')
  })

  it('refuses to say what is neither', () => {
    for (const text of ['Patient.name.where(given)', 'Patient.name.single()', 'Patient.name.where($this = $this)'])
      assert.throws(() => found(text), Problem, text)
  })

  it('is nothing else', () => {
    for (const text of [
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      'a[',
      'a[b]',
      'a[-1]',
      'a[1.5]',
      'a[99999999]',
      "a['x']",
      'a b',
      'a not()',
      'a.where()',
      'a.where(b',
      'a.where(b))',
      "'x'",
      '1',
      'a = 1',
      'a and b',
      'a.exists()',
      'a.not()',
      'subject.resolve()',
      'a.resolve().b',
      'a.repeat(b)',
      'a.descendants()',
      "a.matches('(x+)+y')",
      '%resource',
      'a | b',
      'a.where(b ~ c)',
      'a.extension(b)',
      'a.ofType()',
      "a.where(b = 'c)",
      "a.where(b = '\\q')",
      "a.where(b = '\\u00g0')",
      'a.first(1)',
      '(a).b',
      'é',
      'a;b',
      '\0',
      'a.where(b.exists().c)',
    ])
      assert.equal(parsePath(text), undefined, text)
  })

  it('is of a length and a depth that have an end', () => {
    const deep = (n: number) => `${'a.where('.repeat(n)}a${')'.repeat(n)}`
    assert.ok(parsePath(deep(20)))
    assert.equal(parsePath(deep(21)), undefined)
    for (const one of ['(', 'a.where(', 'a.', "'", '`', '\\', '[', 'a[0]', ' ', '@', '1', 'a.exists('])
      assert.equal(parsePath(one.repeat(1_000_000)), undefined)
    assert.equal(parsePath(`a${'.a'.repeat(1_000)}`), undefined)
  })

  it('is understood or not, and throws nothing but problems', () => {
    const word = fc.constantFrom(
      'Patient',
      'name',
      'given',
      '.',
      '[0]',
      '(',
      ')',
      "'A'",
      '=',
      'and',
      'where',
      'exists()',
      'first()',
      '$this',
      '1',
      ' ',
      'not()',
      'ofType(string)',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
          fc.string(),
        ),
        (text) => {
          const path = parsePath(text)
          try {
            if (path) findPlaces(patient, path, () => {})
          } catch (error) {
            assert.ok(error instanceof Problem)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
