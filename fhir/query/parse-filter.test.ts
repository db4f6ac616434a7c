import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import { parseFilter } from './parse-filter.ts'
import type { Criterion, Filter, Value } from './query.ts'
import { MOST_CRITERIA, MOST_STEPS, type Reading } from './reading.ts'
import { r4SearchParameter } from './testing.ts'

function parse(type: string, text: string): Filter {
  const reading: Reading = {
    base: 'https://care.example/fhir/R4',
    strict: false,
    parameters: r4SearchParameter,

    left: MOST_CRITERIA,
    steps: MOST_STEPS,
  }
  return parseFilter([type], text, reading)
}

/** A filter in one line, each operation in parentheses. */
function brief(filter: Filter): string {
  if (filter.kind === 'criterion') return ofCriterion(filter.criterion)
  if (filter.kind === 'not') return `not(${brief(filter.of)})`
  return `(${brief(filter.left)} ${filter.kind} ${brief(filter.right)})`
}

function ofCriterion(criterion: Criterion): string {
  if (criterion.kind === 'chain')
    return `${criterion.parameter.code}>${criterion.to.map((one) => `${one.type}.${ofCriterion(one.criterion)}`).join('+')}`
  assert.ok(criterion.kind === 'own')
  const modifier = criterion.modifier ? `:${criterion.modifier}` : ''
  return `${criterion.parameter.code}${modifier}=${criterion.values.map(ofValue).join(',')}`
}

function ofValue(value: Value): string {
  if (value.kind === 'date') return `${value.prefix}${value.from.slice(0, 10)}`
  if (value.kind === 'number' || value.kind === 'quantity')
    return `${value.prefix}${value.number}${'unit' in value ? value.unit : ''}`
  if (value.kind === 'composite') return value.parts.map(ofValue).join('$')
  return Object.entries(value)
    .filter(([name, one]) => name !== 'kind' && one !== undefined)
    .map(([, one]) => String(one))
    .join('|')
}

describe('parseFilter', () => {
  const understood: readonly [string, string, string][] = [
    ['Patient', 'name co "pet"', 'name:contains=pet'],
    ['Patient', 'name sw pet', 'name=pet'],
    ['Patient', 'given eq "peter" and birthdate ge 2014-10-10', '(given:exact=peter and birthdate=ge2014-10-10)'],
    ['Observation', 'code eq http://loinc.org|1234-5', 'code=http://loinc.org|1234-5'],
    ['Observation', 'subject.name co "pet"', 'subject>Patient.name:contains=pet+Location.name:contains=pet'],
    ['Observation', 'subject:Patient.organization.name sw x', 'subject>Patient.organization>Organization.name=x'],
    ['Patient', 'gender ne male', '(gender:missing=false and not(gender=male))'],
    ['Patient', 'birthdate gt 1980', 'birthdate=gt1980-01-01'],
    ['Patient', 'birthdate lt 1980', 'birthdate=lt1980-01-01'],
    ['Patient', 'birthdate le 1980', 'birthdate=le1980-01-01'],
    ['Patient', 'birthdate ap 1980', 'birthdate=ap1980-01-01'],
    ['Patient', 'birthdate sa 1980', 'birthdate=sa1980-01-01'],
    ['Patient', 'birthdate eb 1980', 'birthdate=eb1980-01-01'],
    ['Observation', 'value-quantity gt 5|http://unitsofmeasure.org|kg', 'value-quantity=gt5000g'],
    ['Encounter', 'date po 2031', '(date:missing=false and (not(date=sa2031-01-01) and not(date=eb2031-01-01)))'],
    ['Patient', 'name pr true', 'name:missing=false'],
    ['Patient', 'name pr false', 'name:missing=true'],
    ['Observation', 'code ss urn:x|a', 'code:below=urn:x|a'],
    ['Observation', 'code sb urn:x|a', 'code:above=urn:x|a'],
    ['Observation', 'code in http://x.example/set', 'code:in=http://x.example/set'],
    ['Observation', 'subject re Patient/1', 'subject=Patient|1'],
    ['Observation', 'code-value-quantity eq a$gt5', 'code-value-quantity=a$gt5undefined'],
    ['Patient', 'not (gender eq male)', 'not(gender=male)'],
    [
      'Patient',
      'active eq true or gender eq male and gender eq other',
      '((active=true or gender=male) and gender=other)',
    ],
    [
      'Patient',
      'active eq true or (gender eq male and gender eq other)',
      '(active=true or (gender=male and gender=other))',
    ],
    ['Patient', '  ( ( active eq true ) )  ', 'active=true'],
    ['Patient', 'name co "a \\"b\\" \\\\ \\u00e9, (c)"', 'name:contains=a "b" \\ é, (c)'],
    ['Patient', 'name co "a\\\\,b"', 'name:contains=a\\,b'],
    ['Patient', 'identifier eq a(b)c', 'identifier=a(b)c'],
    ['Patient', 'name co "and"', 'name:contains=and'],
  ]
  for (const [type, text, expected] of understood)
    it(`${type}: ${text}`, () => assert.equal(brief(parse(type, text)), expected))

  const refused: readonly [string, RegExp][] = [
    ['', /needs a parameter here \(character 1\)/],
    ['name', /needs an operator here \(character 5\)/],
    ['name co', /needs a value here \(character 8\)/],
    ['name ew "x"', /needs one of eq, ne, .* \(character 6\)/],
    ['name constructor x', /needs one of .* \(character 6\)/],
    ['nonsense eq 1', /not known here \(character 1\)/],
    ['name gt "x"', /parameter of type string does not have here \(character 6\)/],
    ['birthdate co 1980', /parameter of type date does not have here \(character 11\)/],
    ['birthdate eq 1980-13', /must be a date that exists.* \(character 14\)/],
    ['name pr perhaps', /must be true or false \(character 9\)/],
    ['name:exact eq x', /has a modifier.* \(character 1\)/],
    ['name[use eq official].family eq x', /brackets.* \(character 1\)/],
    ['name eq x gender eq male', /belongs to nothing before it \(character 11\)/],
    ['name eq x "and" name eq y', /belongs to nothing before it \(character 11\)/],
    ['name eq x and', /needs a parameter here \(character 14\)/],
    ['not name eq x', /needs a parenthesis behind not \(character 5\)/],
    ['(name eq x', /closing parenthesis \(character 11\)/],
    ['name eq x)', /belongs to nothing before it \(character 10\)/],
    ['name eq "x', /quotation mark at its end \(character 9\)/],
    ['name eq "\\x"', /not escaped as in JSON \(character 9\)/],
    [`${'('.repeat(30)}name eq x${')'.repeat(30)}`, /more than 20 parentheses.* \(character 22\)/],
    [`${'not ('.repeat(30)}name eq x${')'.repeat(30)}`, /more than 20 parentheses/],
    [`${'link.'.repeat(8)}name eq x`, /more than 5 references \(character 1\)/],
    ['name.family eq x', /no reference \(character 1\)/],
    [Array.from({ length: 101 }, () => 'name eq x').join(' or '), /one criterion too many/],
    ['a'.repeat(8_193), /too long/],
  ]
  for (const [text, detail] of refused)
    it(`refuses ${text.slice(0, 60)}`, () => {
      assert.throws(
        () => parse('Patient', text),
        (error) => {
          assert.ok(error instanceof Problem)
          assert.equal(error.errors?.[0]?.pointer, '/query/_filter')
          assert.match(error.errors?.[0]?.detail ?? '', detail)
          return true
        },
      )
    })
})
