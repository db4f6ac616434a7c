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
  if (criterion.kind === 'has')
    return `${criterion.type}.${criterion.parameter.code}<${ofCriterion(criterion.criterion)}`
  if (criterion.kind === 'chain')
    return `${criterion.parameter.code}>${criterion.to.map(({ type, filter, criterion: next }) => `${type}${filter ? `[${brief(filter)}]` : ''}.${ofCriterion(next)}`).join('+')}`
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
    ['Patient', 'name ew "son"', 'name:ends=son'],
    ['Observation', 'subject:Patient[gender eq male].name sw x', 'subject>Patient[gender=male].name=x'],
    [
      'Observation',
      'subject:Patient[not (gender eq male) and name co "a [b] \\"c\\""].organization[name ew x or active eq true].partof.name sw "y z"',
      'subject>Patient[(not(gender=male) and name:contains=a [b] "c")].organization>Organization[(name:ends=x or active=true)].partof>Organization.name=y z',
    ],
    [
      'Observation',
      'subject:Patient[organization[name sw a].partof[active eq true].name sw b].gender eq male and code eq c',
      '(subject>Patient[organization>Organization[name=a].partof>Organization[active=true].name=b].gender=male and code=c)',
    ],
    [
      'Patient',
      '_has:Observation:patient:encounter[status eq planned].class eq a',
      'Observation.patient<encounter>Encounter[status=planned].class=a',
    ],
    [
      'Observation',
      'subject:Patient[gender eq male].name ne "x"',
      '(subject>Patient[gender=male].name:missing=false and not(subject>Patient[gender=male].name:exact=x))',
    ],
    ['Observation', 'value-quantity gt 5|http://unitsofmeasure.org|[lb_av]', 'value-quantity=gt2267.96185g'],
    [
      'Patient',
      '_has:Observation:patient:has-member:Observation[value-quantity gt 5||[lb_av]].status eq final',
      'Observation.patient<has-member>Observation[value-quantity=gt5|[lb_av]].status=final',
    ],
    ['Observation', 'code eq a[b and code eq ]c', '(code=a[b and code=]c)'],
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
    ['name en "x"', /needs one of eq, ne, .* \(character 6\)/],
    ['birthdate ew 1980', /parameter of type date does not have here \(character 11\)/],
    ['name:ends eq x', /has a modifier.* \(character 1\)/],
    ['name constructor x', /needs one of .* \(character 6\)/],
    ['nonsense eq 1', /not known here \(character 1\)/],
    ['name gt "x"', /parameter of type string does not have here \(character 6\)/],
    ['birthdate co 1980', /parameter of type date does not have here \(character 11\)/],
    ['birthdate eq 1980-13', /must be a date that exists.* \(character 14\)/],
    ['name pr perhaps', /must be true or false \(character 9\)/],
    ['name:exact eq x', /has a modifier.* \(character 1\)/],
    ['name[use eq official].family eq x', /no reference \(character 1\)/],
    ['organization[name eq x] eq y', /point and a parameter behind a bracket \(character 25\)/],
    ['organization[name eq x]', /needs a point and a parameter here \(character 24\)/],
    ['organization[name eq x][name eq x].name eq y', /needs a point and a parameter here \(character 24\)/],
    ['organization[name eq x.name eq y', /needs a closing bracket \(character 33\)/],
    ['organization[name eq].name eq y', /needs a value here \(character 21\)/],
    ['organization[].name eq y', /needs a parameter here \(character 14\)/],
    ['organization[name eq x)].name eq y', /belongs to nothing before it \(character 23\)/],
    ['organization[(name eq x].name eq y', /needs a closing parenthesis \(character 24\)/],
    ['organization[name eq x name].name eq y', /belongs to nothing before it \(character 24\)/],
    ['organization[birthdate eq 1980].name eq y', /not each type has .* \(character 14\)/],
    ['organization[nonsense eq 1].name eq y', /not each type has .* \(character 14\)/],
    ['organization[name eq x].nonsense eq y', /not known here \(character 1\)/],
    ['[name eq x].name eq y', /needs a parameter here \(character 1\)/],
    [`${'link:Patient['.repeat(8)}name eq x${'].name eq x'.repeat(8)}`, /more than 5 references/],
    [
      `${'link:Patient[not ('.repeat(30)}name eq x${')].name eq x'.repeat(30)}`,
      /more than (20 parentheses|5 references)/,
    ],
    [`${'link:Patient[name po x].'.repeat(60)}name eq x`, /type string does not have here|more than 5 references/],
    [
      `link:Patient[${Array.from({ length: 100 }, () => 'name eq x').join(' or ')}].name eq x`,
      /one criterion too many/,
    ],
    [`${'link:Patient[name ne x or '.repeat(5)}name ne x${'].name ne x'.repeat(5)}`, /one criterion too many/],
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
