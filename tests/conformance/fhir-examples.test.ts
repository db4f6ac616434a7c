import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseExact } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { validate } from '#fhir/validate.ts'
import { clinicalTypes, definitionTypes, recordTypes } from '#platform/access.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard } from '../ward.ts'

// HL7's own examples of R4 4.0.1 (the package hl7.fhir.r4.examples, CC0), of every type that is kept here as its own truth.

const folder = fileURLToPath(new URL('./', import.meta.resolve('hl7.fhir.r4.examples/package.json')))
const kept: ReadonlySet<string> = new Set([...recordTypes, ...definitionTypes])
const MOST_BYTES = 1_000_000
/** Of the types of which there are a thousand, one in ten. */
const MOST_OF_TYPE = 100

/** They are not what R4 says: without a base or a linkId, with a space at the end of a code, with an id that is too long, with a narrative that says nothing (txt-2), with a reference to what may not be there. */
const FAULTY = [
  'MedicationRequest-medrx0301 Observation-clinical-gender',
  'CodeSystem-v2-0550 Questionnaire-qs1 Questionnaire-zika-virus-exposure-assessment',
  ...['author', 'effective', 'end', 'keyword', 'workflow'].flatMap((name) => [
    `SearchParameter-codesystem-extensions-CodeSystem-${name}`,
    `SearchParameter-valueset-extensions-ValueSet-${name}`,
  ]),
  'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject',
  'StructureDefinition-Definition StructureDefinition-Event StructureDefinition-FiveWs StructureDefinition-Request',
].flatMap((line) => line.split(' '))

/** What a record of a patient must say and these do not; and what is about patients, or leads to things, that are not here. */
const REFUSED = [
  'Claim-100152 Claim-100154 Claim-100155 Claim-MED-00050 SupplyDelivery-pumpdelivery SupplyDelivery-simpledelivery',
  'DetectedIssue-allergy DetectedIssue-ddi DetectedIssue-lab DiagnosticReport-gingival-mass Observation-decimal',
  'Observation-10minute-apgar-score Observation-1minute-apgar-score Observation-20minute-apgar-score',
  'Observation-2minute-apgar-score Observation-5minute-apgar-score Observation-herd1 Observation-vp-oyster',
  'Procedure-education Procedure-ob QuestionnaireResponse-3141 QuestionnaireResponse-bb',
  'QuestionnaireResponse-ussg-fht-answers RiskAssessment-population ServiceRequest-appendectomy-narrative',
  'ServiceRequest-education ServiceRequest-myringotomy ServiceRequest-ob Specimen-pooled-serum',
  'Bundle-10bb101f-a121-4264-a920-67be9cb82c74 Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe',
  'Bundle-b248b1b2-1686-4b94-9936-37d7a5f94b51 Bundle-bundle-references Bundle-bundle-response-medsallergies',
  'Bundle-bundle-response-simplesummary Bundle-bundle-response Bundle-bundle-transaction Bundle-father Bundle-ghp',
  'Bundle-report Bundle-xds',
  'Provenance-consent-signature Provenance-example-biocompute-object Provenance-example-cwl',
].flatMap((line) => line.split(' '))

interface Example {
  name: string
  type: string
  text: string
}

async function examples(): Promise<Example[]> {
  const typeOf = (name: string) => name.split('-')[0] ?? ''
  const all: Example[] = []
  for (const file of (await readdir(folder)).sort())
    if (file.endsWith('.json') && kept.has(typeOf(file))) {
      const text = await readFile(`${folder}/${file}`, 'utf8')
      all.push({ name: file.replace('.json', ''), type: typeOf(file), text })
    }
  const lists = [...Map.groupBy(all, ({ type }) => type).values()]
  return lists
    .flatMap((list) => (list.length > MOST_OF_TYPE ? list.filter((_, n) => n % 10 === 0) : list))
    .filter(({ text }) => text.length < MOST_BYTES)
}

/** All but what the store gives; the same text where nothing was lost. */
function rest(resource: object): string {
  const { resourceType, id, meta, ...others } = resource as Resource
  const { versionId: _, lastUpdated: __, ...labels } = meta ?? {}
  return JSON.stringify({ resourceType, id, labels, ...others })
}

type Answered = { response: { status: string }; resource?: object }[]

async function batch({ app }: TestHouse, { token }: Client, entry: object[]): Promise<Answered> {
  const { payload } = await app.inject({
    ...{ method: 'POST', url: '/fhir/R4', payload: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
  })
  return (parseExact(payload) as { entry?: Answered }).entry ?? []
}

describe('the examples of R4', async () => {
  const all = await examples()

  it('are valid, but for those that are not', () => {
    const faulty = all.filter(({ text }) => validate(parseExact(text)).length > 0).map(({ name }) => name)
    assert.deepEqual(
      faulty.filter((name) => !FAULTY.includes(name)),
      [],
    )
  })

  it('come out as they went in, where they are about the patient here, or about nobody', async () => {
    await using house = await openTestHouse(everything, {
      env: { RATE_LIMIT_PER_MINUTE: '1000000', BODY_LIMIT_BYTES: '10485760' },
    })
    const { doctor, patient } = await openWard(house)
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const here = `"reference":"Patient/${patient.patient}"`
    const isFirst = ({ type }: Example) => (clinicalTypes as readonly string[]).includes(type)
    const sent = all
      .filter(({ name }) => !FAULTY.includes(name))
      .sort((a, b) => Number(isFirst(b)) - Number(isFirst(a))) // before what leads to them
      .map(({ name, text }) => {
        const resource = parseExact(text.replace(/"reference"\s*:\s*"Patient\/[^"]+"/g, here)) as Resource
        return { name, resource, url: `${resource.resourceType}/${resource.id}` }
      })
    const refused: string[] = []
    for (let from = 0; from < sent.length; from += 50) {
      let left = sent.slice(from, from + 50)
      for (const who of [doctor, administrator]) {
        const entries = left.map(({ resource, url }) => ({ resource, request: { method: 'PUT', url } }))
        const answers = left.length > 0 ? await batch(house, who, entries) : []
        left = left.filter((_, n) => !answers[n]?.response.status.startsWith('201'))
      }
      refused.push(...left.map(({ name }) => name))
      const there = sent.slice(from, from + 50).filter((one) => !left.includes(one))
      const read = there.map(({ url }) => ({ request: { method: 'GET', url } }))
      for (const [n, { resource }] of (await batch(house, doctor, read)).entries())
        assert.equal(resource && rest(resource), rest(there[n]?.resource ?? {}), there[n]?.name)
    }
    assert.deepEqual(refused.sort(), [...REFUSED].sort())
    assert.ok(sent.length - refused.length > 800, `${sent.length} ${refused.length}`)
  })
})
