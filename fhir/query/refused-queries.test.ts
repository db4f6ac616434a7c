import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusal } from '../testing.ts'
import { parse } from './testing.ts'

describe('parseQuery: refusals', () => {
  const refused: readonly [string, string, RegExp][] = [
    ['Patient?name:below=a', 'name:below', /permitted are :missing, :exact, :contains/],
    ['Patient?birthdate:exact=2031', 'birthdate:exact', /permitted are :missing/],
    ['Observation?code-value-quantity:missing=true', 'code-value-quantity:missing', /takes no modifier/],
    ['Observation?subject:Practitioner=1', 'subject:Practitioner', /cannot lead to/],
    ['Observation?subject:Nonsense.name=1', 'subject:Nonsense.name', /cannot lead to/],
    ['Observation?subject:Patient=Group/1', 'subject:Patient', /must be an id, Patient\/…/],
    ['Observation?subject=Patient/1/_history/2', 'subject', /must be an id, /],
    ['Observation?subject=patient/1', 'subject', /must be an id, /],
    ['Observation?subject=#1', 'subject', /must be an id, /],
    ['Patient?name:missing=perhaps', 'name:missing', /true or false/],
    ['Patient?name:missing=true,false', 'name:missing', /true or false/],
    ['Patient?name=a,,b', 'name', /empty value/],
    ['Patient?name=a\0b', 'name', /nothing stored/],
    ['Patient?identifier=a|b|c', 'identifier', /system\|code/],
    ['Patient?identifier=|', 'identifier', /system\|code/],
    ['Patient?identifier:of-type=a|b', 'identifier:of-type', /system\|code\|value/],
    ['RiskAssessment?probability=1,5x', 'probability', /must be a number/],
    ['RiskAssessment?probability=1e999', 'probability', /must be a number/],
    ['RiskAssessment?probability=0x1', 'probability', /must be a number/],
    ['Observation?value-quantity=5|urn:x', 'value-quantity', /number\|system\|code/],
    ['Observation?value-quantity=5|a|b|c', 'value-quantity', /number\|system\|code/],
    ['Observation?code-value-quantity=a', 'code-value-quantity', /must be code\$value-quantity/],
    ['Observation?code-value-quantity=a$b$c', 'code-value-quantity', /must be code\$value-quantity/],
    ['Observation?code-value-quantity=a$b', 'code-value-quantity', /must be a number/],
    ['Location?near=91|0', 'near', /latitude\|longitude/],
    ['Location?near=1|1|1|[ft_i]', 'near', /latitude\|longitude/],
    ['Location?near=1|1|-1|km', 'near', /latitude\|longitude/],
    ['Location?near=1|1|1|constructor', 'near', /latitude\|longitude/],
    ['Patient?name.family=a', 'name.family', /no reference/],
    [
      'Observation?encounter.part-of.part-of.part-of.part-of.part-of.status=x',
      'encounter.part-of.part-of.part-of.part-of.part-of.status',
      /more than 5/,
    ],
    ['Patient?_has:Observation:patient=x', '_has:Observation:patient', /must be _has:Type/],
    ['Patient?_has:Observation:code:code=x', '_has:Observation:code:code', /leads to what/],
    ['Patient?_has:Observation:encounter:code=x', '_has:Observation:encounter:code', /leads to what/],
    ['Patient?_count=-1', '_count', /whole number/],
    ['Patient?_count=1&_count=2', '_count', /comes once/],
    ['Patient?_total=some', '_total', /none, estimate, accurate/],
    ['Patient?_summary=all', '_summary', /true, text/],
    ['Patient?_elements=a b', '_elements', /names of elements/],
    ['Patient?_sort=nonsense', '_sort', /search parameters/],
    ['Location?_sort=near', '_sort', /search parameters/],
    ['Patient?_sort:asc=name', '_sort:asc', /takes no modifier/],
    ['Patient?_type=Patient', '_type', /all types/],
    ['?_type=Nonsense', '_type', /kept here/],
    ['?_type:not=Patient', '_type:not', /takes no modifier/],
    ['Patient?_list=$current-problems', '_list', /ids of Lists/],
    ['Patient?_list:not=1', '_list:not', /ids of Lists/],
    ['Patient?_text=fever', '_text', /not supported/],
    ['Patient?_content=fever', '_content', /not supported/],
    ['Patient?_query=x', '_query', /not supported/],
    ['Patient?_include=Patient', '_include', /Type:reference/],
    ['Patient?_include=Patient:name', '_include', /Type:reference/],
    ['Patient?_include=Patient:organization:Patient', '_include', /Type:reference/],
    ['Patient?_include:recurse=Patient:link', '_include:recurse', /:iterate/],
    ['Patient?_revinclude=*', '_revinclude', /Type:reference/],
    ['?_include=*', '_include', /Type:reference/],
    ['Patient?cursor=<script>', 'cursor', /as it came/],
  ]
  for (const [address, name, detail] of refused)
    it(JSON.stringify(address), () => {
      const { code, errors } = refusal(() => parse(address))
      assert.deepEqual(
        [code, errors?.length, errors?.[0]?.pointer.replaceAll('_', '')],
        ['invalid', 1, `/query/${name}`.replaceAll('_', '')],
      )
      assert.match(errors?.[0]?.detail ?? '', detail)
    })

  it('what is not known, and what is empty, where the caller wants to be told', () => {
    const { errors } = refusal(() => parse('Patient?nonsense=1&name=&gender=male', { strict: true }))
    assert.deepEqual(errors, [
      { pointer: '/query/nonsense', detail: 'is not known here' },
      { pointer: '/query/name', detail: 'has no value' },
    ])
    assert.equal(parse('Patient?gender=male&_format=json', { strict: true }).criteria.length, 1)
  })

  it('all that is wrong at once, at most twenty', () => {
    const query = Array.from({ length: 30 }, () => 'birthdate=x').join('&')
    assert.equal(refusal(() => parse(`Patient?_count=x&${query}`)).errors?.length, 20)
  })

  it('a made-up name is cut short in what is said of it', () => {
    const { errors } = refusal(() => parse(`Patient?name:${'<'.repeat(300)}=x`))
    assert.match(errors?.[0]?.pointer ?? '', /^\/query\/name:_{59}$/)
  })
})
