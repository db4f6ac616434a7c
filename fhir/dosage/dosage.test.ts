import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { languages } from '#platform/language.ts'
import { parseExact } from '../decimal.ts'
import { validate } from '../validate.ts'
import type { Dose, Regimen } from './dose.ts'
import { type Asked, faultsIn } from './faults.ts'
import { dosageOf, dosagesOf, doseOf, regimenOf } from './in-fhir.ts'
import { sayDose, sayRegimen } from './say.ts'
import { arbitraryDose } from './testing.ts'

const tablet: Dose = { amount: { value: 1, form: 'tablet' }, times: { count: 2, every: { count: 1, unit: 'day' } } }
const inFhir = (regimen: Regimen) => ({
  ...{ resourceType: 'MedicationRequest', status: 'active', intent: 'order' },
  ...{ medicationCodeableConcept: { text: 'Fictional' }, subject: { reference: 'Patient/p' } },
  dosageInstruction: dosagesOf(regimen, (dose) => sayDose(dose, 'en')),
})

const table: [Dose, Record<string, string>][] = [
  [
    {
      ...{ ...tablet, food: 'with', for: { count: 7, unit: 'day' } },
      most: { amount: { value: 4, form: 'tablet' }, in: { count: 24, unit: 'hour' } },
    },
    {
      en: '1 tablet, twice a day, with food, for 7 days; not more than 4 tablets in 24 hours',
      fr: '1 comprimé, deux fois par jour, en mangeant, pendant 7 jours ; pas plus de 4 comprimés en 24 heures',
      pt: '1 comprimido, duas vezes por dia, com comida, durante 7 dias; não mais de 4 comprimidos em 24 horas',
      es: '1 comprimido, dos veces al día, con alimentos, durante 7 días; no más de 4 comprimidos en 24 horas',
      sw: 'kidonge 1, mara mbili kwa siku, pamoja na chakula, kwa muda wa siku 7; isizidi vidonge 4 ndani ya saa 24',
      ar: '1 قرص، مرتين في اليوم، مع الأكل، لمدة 7 أيام؛ بما لا يزيد على 4 أقراص خلال 24 ساعة',
      hi: '1 गोली, दिन में दो बार, खाने के साथ, 7 दिन तक; 24 घंटे में 4 गोलियाँ से अधिक नहीं',
    },
  ],
  [
    { amount: { value: 0.5, unit: 'mg' }, times: { count: 1, every: { count: 8, unit: 'hour' } }, route: 'oral' },
    { en: '0.5 mg, by mouth, every 8 hours', fr: '0,5 mg, par la bouche, toutes les 8 heures' },
  ],
  [
    {
      ...{ amount: { low: 1, high: 2, form: 'puff' }, route: 'inhaled', asNeeded: { reason: 'wheezing' } },
      most: { amount: { value: 8, form: 'puff' }, in: { count: 1, unit: 'day' } },
    },
    {
      en: '1 to 2 puffs, breathed in, only when needed, for: wheezing; not more than 8 puffs in 1 day',
      ar: '1 إلى 2 استنشاقة، بالاستنشاق، عند الحاجة فقط، من أجل: \u2068wheezing\u2069؛ بما لا يزيد على 8 استنشاقات خلال 1 يوم',
    },
  ],
  [
    {
      amount: { value: 1000, unit: 'ug' },
      at: ['08:00', '20:00'],
      days: ['mon', 'thu'],
      from: '2031-03-03',
      until: '2031-06-01',
    },
    {
      en: '1000 micrograms, at 08:00 and 20:00, on Monday and Thursday, from 3 March 2031, until 1 June 2031 inclusive',
      es: '1000 microgramos, a estas horas: 08:00 y 20:00, estos días: lunes y jueves, a partir del 3 de marzo de 2031, hasta el 1 de junio de 2031 inclusive',
    },
  ],
  [
    {
      amount: { value: 10, unit: '[iU]' },
      when: ['morning', 'bedtime'],
      route: 'subcutaneous',
      note: 'Change the place each time',
    },
    { en: '10 units, injected under the skin, in the morning and at bedtime; Change the place each time' },
  ],
]

describe('a dose', () => {
  it('is said in plain words in each language', () => {
    for (const [dose, said] of table)
      for (const [language, words] of Object.entries(said)) assert.equal(sayDose(dose, language), words)
    assert.match(sayDose(tablet, 'ar-EG'), /^١ قرص/)
    assert.match(sayDose({ ...tablet, note: '\u202e10 mg' }, 'en'), /; 10 mg$/)
    const then: Regimen = { doses: [{ ...tablet, for: { count: 3, unit: 'day' } }, tablet] }
    assert.equal(sayRegimen(then, 'en'), '1 tablet, twice a day, for 3 days; and 1 tablet, twice a day')
    assert.match(sayRegimen({ ...then, inTurn: true }, 'en'), /3 days; then 1 tablet/)
  })

  it('has nothing that its words do not say, in any language', () => {
    fc.assert(
      fc.property(arbitraryDose, arbitraryDose, (dose, other) => {
        const names = Object.keys({ ...dose, ...other }) as (keyof Dose)[]
        for (const name of names) {
          const changed = { ...dose, [name]: other[name] }
          if (JSON.stringify(changed) === JSON.stringify(dose) || changed.amount === undefined) continue
          for (const language of languages)
            assert.notEqual(sayDose(changed, language), sayDose(dose, language), `${language}: ${name}`)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is a valid FHIR Dosage, and comes back from it as it was', () => {
    fc.assert(
      fc.property(fc.array(arbitraryDose, { minLength: 1, maxLength: 3 }), fc.boolean(), (doses, inTurn) => {
        const regimen = { doses, ...(inTurn && doses.length > 1 && { inTurn }) }
        const resource = inFhir(regimen)
        assert.deepEqual(validate(resource), [])
        const read = regimenOf(parseExact(JSON.stringify(resource.dosageInstruction)))
        assert.deepEqual(read, JSON.parse(JSON.stringify(regimen)))
      }),
      { numRuns: 150 },
    )
  })

  it('is not read where a Dosage says something else beside it', () => {
    const plain = dosageOf(tablet)
    assert.deepEqual(doseOf({ ...plain, text: 'As it was written' }), tablet)
    const repeat = { frequency: 2, period: 1, periodUnit: 'd' }
    const others = [
      { ...plain, site: { text: 'Left arm' } },
      { ...plain, timing: { repeat: { ...repeat, frequencyMax: 3 } } },
      { ...plain, timing: { repeat, code: { text: 'BID' } } },
      { ...plain, doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }] },
      {
        ...plain,
        doseAndRate: [{ doseQuantity: { value: 1, comparator: '<', system: 'http://unitsofmeasure.org', code: 'mg' } }],
      },
      { ...plain, additionalInstruction: [{ text: 'Not with milk' }] },
      { ...plain, modifierExtension: [{ url: 'http://x.example', valueBoolean: true }] },
      { text: 'One in the morning' },
    ]
    for (const other of others) assert.equal(doseOf(other), undefined, JSON.stringify(other))
    assert.equal(
      regimenOf([
        { ...plain, sequence: 1 },
        { ...plain, sequence: 3 },
      ]),
      undefined,
    )
  })

  it('is the same on the same weekdays, in whatever order they are said', () => {
    const days = { ...tablet, days: ['fri', 'mon'] } as const
    const inOrder = { ...tablet, days: ['mon', 'fri'] } as const
    assert.deepEqual(doseOf(dosageOf(days)), inOrder)
    const plain = dosageOf(inOrder) as { timing: { repeat: object } }
    const elsewhere = (dayOfWeek: string[]) =>
      doseOf({ ...plain, timing: { repeat: { ...plain.timing.repeat, dayOfWeek } } })
    assert.deepEqual(elsewhere(['fri', 'mon']), inOrder)
    assert.equal(elsewhere(['fri', 'mon', 'holiday']), undefined)
  })

  it('is refused where what it says is more than the most that it says, in whatever unit', () => {
    const mg = (value: number) => ({ value, unit: 'mg' }) as const
    const day = { count: 1, unit: 'day' } as const
    const inOneDay = (amount: Dose['amount'], rhythm: Partial<Dose>, most: Dose['amount']) =>
      faultsIn({ doses: [{ amount, ...rhythm, most: { amount: most, in: day } }] }).map(({ detail }) => detail)
    const often = (count: number, every: NonNullable<Dose['times']>['every'] = day) => ({ times: { count, every } })
    const [one, all] = [['is less than one dose'], ['is less than what it comes to in that time']]
    assert.deepEqual(inOneDay(mg(1200), often(1), { value: 1, unit: 'g' }), one)
    assert.deepEqual(inOneDay({ value: 1500, unit: 'ug' }, often(1), mg(1)), one)
    assert.deepEqual(inOneDay(mg(1000), often(1), { value: 1, unit: 'g' }), [])
    assert.deepEqual(inOneDay({ value: 0.1, unit: 'g' }, often(3), mg(300)), [])
    assert.deepEqual(inOneDay(mg(1500), often(4), mg(4000)), all)
    assert.deepEqual(inOneDay(mg(1500), often(1, { count: 8, unit: 'hour' }), mg(4000)), all)
    assert.deepEqual(inOneDay(mg(1500), { at: ['08:00', '14:00', '20:00'] }, { value: 4, unit: 'g' }), all)
    assert.deepEqual(inOneDay(mg(1500), { when: ['morning', 'noon', 'night'], days: ['mon'] }, mg(4000)), all)
    assert.deepEqual(inOneDay(mg(1500), { ...often(4), asNeeded: {} }, mg(4000)), [])
    assert.deepEqual(inOneDay({ low: 500, high: 1500, unit: 'mg' }, often(4), mg(4000)), [])
    assert.deepEqual(inOneDay(mg(1500), { once: true }, mg(2000)), [])
    assert.deepEqual(inOneDay(mg(1500), often(1, { count: 1, unit: 'week' }), mg(2000)), [])
    assert.deepEqual(inOneDay(mg(1), often(1), { value: 1, form: 'tablet' }), [])
    const within = (rhythm: Partial<Dose>, value: number, span: NonNullable<Dose['for']>) =>
      faultsIn({ doses: [{ amount: mg(1), ...rhythm, most: { amount: mg(value), in: span } }] }).length === 0
    const [week, hours] = [{ count: 1, unit: 'week' } as const, { count: 4, unit: 'hour' } as const]
    const onThree: Partial<Dose> = { ...often(2), days: ['mon', 'tue', 'sun'] }
    const table: [Partial<Dose>, NonNullable<Dose['for']>, number][] = [
      [often(2), week, 14],
      [onThree, week, 6],
      [onThree, { count: 2, unit: 'week' }, 12],
      [onThree, { count: 3, unit: 'day' }, 6],
      [{ ...often(2), days: ['mon', 'wed'] }, { count: 2, unit: 'day' }, 2],
      [{ ...often(2), for: { count: 3, unit: 'day' } }, week, 6],
      [{ ...often(2), from: '2031-03-03', until: '2031-03-04' }, week, 4],
      [{ ...often(2), until: '2031-03-04' }, week, 2],
      [{ at: ['06:00', '08:00', '23:00'] }, hours, 2],
      [{ at: ['01:00', '12:00', '23:00'] }, hours, 2],
      [often(2, { count: 1, unit: 'month' }), { count: 1, unit: 'month' }, 2],
      [often(1, { count: 7, unit: 'hour' }), day, 4],
    ]
    for (const [rhythm, span, sum] of table)
      assert.deepEqual(
        [within(rhythm, sum, span), within(rhythm, sum - 0.5, span)],
        [true, false],
        JSON.stringify(rhythm),
      )
  })

  it('is refused where nobody could follow it', () => {
    const places = (...doses: Asked[]) => faultsIn({ doses }).map(({ pointer }) => pointer)
    const most = { amount: { value: 1, form: 'tablet' }, in: { count: 1, unit: 'day' } } as const
    const every = { count: 1, unit: 'week' } as const
    const wrong: [Asked, string][] = [
      [{ times: tablet.times as NonNullable<Dose['times']> }, '/body/doses/0'],
      [{ ...tablet, perKilogram: { value: 1, unit: 'mg' } }, '/body/doses/0'],
      [{ ...tablet, amount: { value: 1 } }, '/body/doses/0/amount'],
      [{ ...tablet, amount: { value: 1, unit: 'mg', form: 'tablet' } }, '/body/doses/0/amount'],
      [{ ...tablet, amount: { low: 2, high: 1, unit: 'mg' } }, '/body/doses/0/amount/high'],
      [{ ...tablet, amount: { value: 0.33333, unit: 'mg' } }, '/body/doses/0/amount/value'],
      [{ ...tablet, amount: { value: 2, form: 'tablet' }, most }, '/body/doses/0/most/amount'],
      [{ times: { count: 1, every }, perKilogram: { value: 0.00004, unit: 'mg' } }, '/body/doses/0/perKilogram/value'],
      [{ amount: tablet.amount }, '/body/doses/0/times'],
      [{ ...tablet, when: ['morning'] }, '/body/doses/0/when'],
      [{ ...tablet, asNeeded: {} }, '/body/doses/0/most'],
      [{ ...tablet, times: { count: 1, every }, days: ['mon'] }, '/body/doses/0/days'],
      [{ ...tablet, for: every, until: '2031-03-03' }, '/body/doses/0/for'],
      [{ ...tablet, from: '2031-03-03', until: '2031-03-02' }, '/body/doses/0/until'],
      [{ amount: tablet.amount, once: true, for: every }, '/body/doses/0/once'],
    ]
    for (const [dose, place] of wrong) assert.deepEqual(places(dose), [place], JSON.stringify(dose))
    assert.deepEqual(places(tablet, tablet), [])
    assert.deepEqual(
      faultsIn({ doses: [tablet, tablet], inTurn: true }).map(({ pointer }) => pointer),
      ['/body/doses/0/for'],
    )
    fc.assert(
      fc.property(arbitraryDose, ({ perKilogram: _perKilogram, ...dose }) =>
        assert.deepEqual(faultsIn({ doses: [dose] }), []),
      ),
    )
  })
})
