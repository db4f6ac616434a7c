import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkPrescription } from './check.ts'
import type { Concept } from './substance.ts'

const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
const coded = (system: string, code: string, text?: string): Concept => ({
  coding: [{ system, code }],
  ...(text !== undefined && { text }),
})
const atc = (code: string) => coded('http://www.whocc.no/atc', code)
const allergy = (id: string, code: Concept, more: object = {}) => ({
  resourceType: 'AllergyIntolerance',
  id,
  code,
  ...more,
})
const medicine = (id: string, medicationCodeableConcept: Concept, more: object = {}) => ({
  ...{ resourceType: 'MedicationRequest', id, status: 'active', intent: 'order', medicationCodeableConcept },
  ...more,
})
const NOW = new Date('2031-03-20T12:00:00Z')
type Record_ = Parameters<typeof checkPrescription>[1]
const against = (whole: Concept, record: Partial<Record_>, ingredients: Concept[] = [], except?: Set<string>) =>
  checkPrescription(
    { whole, ingredients },
    { allergies: [], medicines: [], ...record },
    { now: NOW, ...(except && { except }) },
  )

describe('what a prescription is checked against', () => {
  it('finds an allergy to the same code, to an ingredient, to a class, and by whole words alone', () => {
    const found = (whole: Concept, ...[code, ingredients]: [Concept, Concept[]?]) =>
      against(whole, { allergies: [allergy('a', code)] }, ingredients).findings.map(({ by, severity }) => [
        by,
        severity,
      ])
    const amoxicillin = coded(RXNORM, '723')
    assert.deepEqual(found(amoxicillin, amoxicillin), [['code', 'high']])
    assert.deepEqual(found(coded(RXNORM, '19711'), amoxicillin, [amoxicillin]), [['ingredient', 'high']])
    assert.deepEqual(found(atc('J01CA04'), atc('J01C')), [['class', 'moderate']])
    assert.deepEqual(found(atc('J01CA04'), atc('J01CE01')), [['class', 'moderate']])
    assert.deepEqual(found(atc('J01CA04'), atc('J01DB01')), [])
    assert.deepEqual(found(atc('J01CA04'), atc('J')), [])
    assert.deepEqual(found({ text: 'PÉNICILLIN V 250 mg' }, { text: 'penicillin' }), [['text', 'moderate']])
    assert.deepEqual(found({ text: 'Penicillin' }, { text: `${'Long ago '.repeat(60)}penicillin` }), [
      ['text', 'moderate'],
    ])
    assert.deepEqual(found({ text: 'Phenoxymethylpenicillin' }, { text: 'penicillin' }), [])
  })

  it('finds what the substance of a reaction was, and weighs a high criticality', () => {
    const reacted = { criticality: 'high', reaction: [{ substance: atc('M01AE01') }] }
    const { findings } = against(atc('M01AB05'), { allergies: [allergy('a', { text: 'Painkillers' }, reacted)] })
    assert.deepEqual(findings, [{ kind: 'allergy', with: 'AllergyIntolerance/a', by: 'class', severity: 'high' }])
  })

  it('finds a second therapy of the same medicine, ingredient or chemical subgroup; not one of the same wider group', () => {
    const medicines = [
      medicine('same', atc('A10BA02')),
      medicine('kin', atc('A10BA03')),
      medicine('wider', atc('A10BB01')),
      medicine('within', undefined as never, {
        medicationCodeableConcept: undefined,
        medicationReference: { reference: '#m' },
        contained: [{ id: 'm', code: coded(RXNORM, '1'), ingredient: [{ itemCodeableConcept: atc('A10BA02') }] }],
      }),
    ]
    const { findings } = against(atc('A10BA02'), { medicines })
    assert.deepEqual(
      findings.map(({ kind, with: other, by, severity }) => [kind, other, by, severity]),
      [
        ['duplicate-therapy', 'MedicationRequest/same', 'code', 'high'],
        ['duplicate-therapy', 'MedicationRequest/kin', 'class', 'moderate'],
        ['duplicate-therapy', 'MedicationRequest/within', 'ingredient', 'high'],
      ],
    )
  })

  it('leaves out what is over, refuted or replaced by it, and nothing else', () => {
    const of = (code: string) => ({ coding: [{ code }] })
    const one = atc('A10BA02')
    const allergies = [
      allergy('resolved', one, { clinicalStatus: of('resolved') }),
      allergy('refuted', one, { verificationStatus: of('refuted') }),
      allergy('wrong', one, { verificationStatus: of('entered-in-error') }),
      allergy('inactive', one, { clinicalStatus: of('inactive'), verificationStatus: of('unconfirmed') }),
    ]
    const statuses = ['active', 'on-hold', 'unknown', 'stopped', 'completed', 'cancelled', 'entered-in-error', 'draft']
    const medicines = [...statuses.map((status) => medicine(status, one, { status })), medicine('renewed', one)]
    const { findings } = against(one, { allergies, medicines }, [], new Set(['MedicationRequest/renewed']))
    assert.deepEqual(
      findings.map((finding) => finding.with.split('/')[1]),
      ['inactive', 'active', 'on-hold', 'unknown'],
    )
  })

  it('says of a course that has run out that it has, while some may be left; and nothing of one that is long over', () => {
    const week = { doseAndRate: [{ doseQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'mg' } }] }
    const one = atc('J01CA04')
    const course = (id: string, written: string, more: object = {}) =>
      medicine(id, one, {
        meta: { lastUpdated: `${written}T08:00:00Z` },
        dosageInstruction: [{ ...week, timing: { repeat: { boundsDuration: ucum(7, 'd'), ...often } } }],
        ...more,
      })
    const ucum = (value: number, code: string) => ({ value, system: 'http://unitsofmeasure.org', code, unit: code })
    const often = { frequency: 2, period: 1, periodUnit: 'd' }
    const found = (...medicines: object[]) =>
      against(one, { medicines: medicines as Record_['medicines'] }).findings.map((finding) => [
        finding.with.split('/')[1],
        finding.severity,
        finding.ranOut,
      ])
    assert.deepEqual(
      found(
        course('on', '2031-03-13'),
        course('out', '2031-03-11'),
        course('just', '2031-03-06'),
        course('long', '2031-03-05'),
      ),
      [
        ['on', 'high', undefined],
        ['out', 'moderate', '2031-03-18'],
        ['just', 'moderate', '2031-03-13'],
      ],
    )
    const endless = [{ ...week, timing: { repeat: often } }]
    const goesOn = [
      course('endless', '2030-03-05', { dosageInstruction: endless }),
      course('more', '2030-03-05', { dosageInstruction: [{ ...endless[0], modifierExtension: [{ url: 'x' }] }] }),
      course('again', '2030-03-05', { dispenseRequest: { numberOfRepeatsAllowed: 3 } }),
      course('held', '2030-03-05', { status: 'on-hold' }),
    ]
    assert.deepEqual(
      found(...goesOn),
      goesOn.map(({ id }) => [id, 'high', undefined]),
    )
  })

  it('says what it could not compare: words on one side, or codes of two systems', () => {
    const record = {
      allergies: [allergy('words', { text: 'Sulfa' }), allergy('other', coded(RXNORM, '10180'))],
      medicines: [medicine('none', {}), medicine('comparable', atc('C07AB02'))],
    }
    const { findings, unchecked } = against(atc('J01EE01'), record)
    assert.deepEqual(findings, [])
    assert.deepEqual(unchecked, [
      { kind: 'allergy', with: 'AllergyIntolerance/words' },
      { kind: 'allergy', with: 'AllergyIntolerance/other' },
      { kind: 'duplicate-therapy', with: 'MedicationRequest/none' },
    ])
  })
})
