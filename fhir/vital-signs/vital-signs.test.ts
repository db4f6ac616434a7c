import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalUnit } from '../indexing/ucum.ts'
import { validate } from '../validate.ts'
import { agesAt, type Measured, partsOf, questionsAbout } from './ask-back.ts'
import { isMassIndex, massIndexInFhir, massIndexOf, measuredInFhir, measuredOf } from './observation.ts'
import { kinds, vitalSigns } from './vital-signs.ts'

const YEAR = 365
const ADULT = 30 * YEAR
const aged = (days: number | undefined) => (days === undefined ? undefined : { youngest: days, oldest: days })
const asked = (measured: Measured, age: number | undefined = ADULT) =>
  questionsAbout(measured, aged(age), '').map(({ pointer, detail }) => `${pointer} ${detail}`)
const one = (kind: Measured['kind'], value: number, unit: string, more: object = {}): Measured => ({
  ...{ kind, value, unit },
  ...more,
})

describe('what is asked back', () => {
  it('is a value without a unit, or with one that it is not recorded in: none is guessed', () => {
    for (const kind of kinds) {
      const name = partsOf({ kind })[0]?.[0] ?? ''
      assert.match(asked({ kind, value: 1, systolic: 2, diastolic: 1 })[0] ?? '', /^\/unit must be one of/, kind)
      assert.match(asked({ kind, [name]: 1, unit: 'furlong' })[0] ?? '', /it is not guessed/, kind)
    }
  })

  it('is what is outside the plausible at that age, with what would be plausible', () => {
    assert.deepEqual(asked(one('weight', 70, 'kg')), [])
    assert.equal(asked(one('weight', 70, 'kg'), 10).length, 1)
    assert.deepEqual(asked(one('weight', 3.4, 'kg'), 10), [])
    assert.equal(asked(one('weight', 3.4, 'kg'), 5 * YEAR).length, 1)
    assert.deepEqual(asked(one('heart-rate', 190, '/min'), 10), [])
    assert.equal(asked(one('heart-rate', 210, '/min')).length, 1)
    assert.deepEqual(questionsAbout(one('temperature', 46, 'Cel'), aged(ADULT), '/v')[0], {
      pointer: '/v/value',
      detail: 'is outside the plausible (26 to 45 Cel): correct it, or confirm it',
      plausible: { low: 26, high: 45, unit: 'Cel' },
    })
  })

  it('knows the same amount in another unit', () => {
    assert.deepEqual(asked(one('temperature', 98.6, '[degF]')), [])
    assert.equal(asked(one('temperature', 37, '[degF]')).length, 1)
    assert.deepEqual(asked(one('weight', 3400, 'g'), 10), [])
    assert.deepEqual(asked(one('weight', 154, '[lb_av]')), [])
    assert.equal(asked(one('height', 168, '[in_i]')).length, 1)
    assert.deepEqual(asked(one('glucose', 5.4, 'mmol/L')), [])
    assert.equal(asked(one('glucose', 5.4, 'mg/dL')).length, 1)
  })

  it('is not asked again once it is confirmed, nor of somebody whose age is not known as long as it may be at any', () => {
    assert.deepEqual(asked(one('temperature', 46, 'Cel', { confirmed: true })), [])
    for (const kilograms of [3.4, 70])
      assert.deepEqual(questionsAbout(one('weight', kilograms, 'kg'), undefined, ''), [])
    assert.deepEqual(questionsAbout(one('weight', 700, 'kg'), undefined, '').length, 1)
  })

  it('is what cannot be of anybody, however often it is confirmed', () => {
    for (const impossible of [
      one('temperature', 98.6, 'Cel'),
      one('temperature', 370, '[degF]'),
      one('oxygen-saturation', 101, '%'),
      one('pain', 11, '{score}'),
      one('weight', -70, 'kg'),
      one('weight', 2_000, '[lb_av]'),
      one('glucose', -1, 'mmol/L'),
    ]) {
      const [question] = asked({ ...impossible, confirmed: true })
      assert.match(question ?? '', /^\/value cannot be: /, JSON.stringify(impossible))
      assert.equal(asked(impossible).length, 1)
    }
    const pressure = { kind: 'blood-pressure', unit: 'mm[Hg]', confirmed: true } as const
    assert.equal(asked({ ...pressure, systolic: 80, diastolic: 120 }).length, 1)
    for (const rare of [
      one('temperature', 13.7, 'Cel', { confirmed: true }),
      one('weight', 635, 'kg', { confirmed: true }),
      one('oxygen-saturation', 40, '%', { confirmed: true }),
      one('heart-rate', 0, '/min', { confirmed: true }),
      { ...pressure, systolic: 60, diastolic: 60 },
    ])
      assert.deepEqual(asked(rare), [], JSON.stringify(rare))
  })

  it('is what is plausible at no age that a year of birth leaves open', () => {
    const ages = agesAt('2031', new Date('2031-06-01T08:00:00Z'))
    assert.deepEqual(ages, { youngest: 0, oldest: 151 })
    for (const kilograms of [1, 3.4, 13])
      assert.deepEqual(questionsAbout(one('weight', kilograms, 'kg'), ages, ''), [], String(kilograms))
    for (const kilograms of [0.8, 14])
      assert.equal(questionsAbout(one('weight', kilograms, 'kg'), ages, '').length, 1, String(kilograms))
  })

  it('is a blood pressure that is no pair, or upside down', () => {
    const pressure = { kind: 'blood-pressure', unit: 'mm[Hg]' } as const
    assert.deepEqual(asked({ ...pressure, systolic: 120, diastolic: 80 }), [])
    assert.deepEqual(asked({ ...pressure, systolic: 120 }), ['/diastolic is missing'])
    assert.deepEqual(asked({ ...pressure, systolic: 120, diastolic: 80, value: 1 }), [
      '/value is no part of blood-pressure',
    ])
    assert.deepEqual(asked({ ...pressure, systolic: 80, diastolic: 120 }), ['/diastolic is not below the systolic one'])
  })
})

describe('the table of vital signs', () => {
  it('has bounds that are in order, for every age, in units that UCUM knows', () => {
    for (const kind of kinds) {
      const sign = vitalSigns[kind]
      for (const unit of sign.units) assert.ok(canonicalUnit(unit), `${kind} ${unit}`)
      for (const [, { plausible, possible }] of partsOf({ kind })) {
        assert.equal(plausible[0]?.from, 0, kind)
        for (const [n, { from, low, high = Number.POSITIVE_INFINITY }] of plausible.entries()) {
          assert.ok(low < high, `${kind} at ${from}`)
          assert.ok(
            possible.low <= low && (high === Number.POSITIVE_INFINITY || high <= possible.high),
            `${kind} at ${from}`,
          )
          assert.ok(n === 0 || from > (plausible[n - 1]?.from ?? 0), `${kind} at ${from}`)
        }
      }
    }
  })
})

describe('an Observation', () => {
  const subject = { status: 'final', subject: { reference: 'Patient/1' }, effectiveDateTime: '2031-03-01T08:00:00Z' }

  it('says what was measured in the unit in which it was, and is read back as it was written', () => {
    const measured = fc.constantFrom(...kinds).chain((kind) =>
      fc
        .record({
          unit: fc.constantFrom(...vitalSigns[kind].units),
          number: fc.integer({ min: 1, max: 40_000 }).map((tenths) => tenths / 10),
          confirmed: fc.boolean(),
        })
        .map(
          ({ unit, number, confirmed }): Measured => ({
            kind,
            unit,
            ...Object.fromEntries(partsOf({ kind, unit }).map(([name], n) => [name, number + n])),
            ...(confirmed && { confirmed }),
          }),
        ),
    )
    fc.assert(
      fc.property(measured, (one) => {
        const observation = { ...measuredInFhir(one), ...subject }
        assert.deepEqual(validate(observation), [])
        assert.deepEqual(measuredOf(observation), one)
      }),
    )
  })

  it('of a body mass index is computed of a weight and a height of one day, in whatever units', () => {
    const [early, late] = ['2031-03-01T08:00:00Z', '2031-03-02T07:59:00Z']
    const [weight, height] = [
      { ...one('weight', 143, '[lb_av]'), at: late },
      { ...one('height', 168, 'cm'), at: early },
    ]
    assert.deepEqual(massIndexOf([weight, height]), { value: 23, at: late })
    assert.equal(massIndexOf([weight]), undefined)
    assert.equal(massIndexOf([{ ...weight, at: '2031-03-02T08:00:00Z' }, height]), undefined)
    const observation = { ...massIndexInFhir(23), ...subject }
    assert.deepEqual(validate(observation), [])
    assert.ok(isMassIndex(observation))
    assert.equal(measuredOf(observation), undefined)
  })
})

describe('an age', () => {
  it('is counted in days, of whom it is known', () => {
    const at = new Date('2031-03-01T08:00:00Z')
    const ages = (bornOn?: string) => {
      const { youngest, oldest } = agesAt(bornOn, at) ?? {}
      return [youngest, oldest]
    }
    assert.deepEqual(['2031-02-01', '2031-02', '2031', '2030', '2032'].map(ages), [
      [28, 28],
      [1, 28],
      [0, 59],
      [60, 424],
      [0, 0],
    ])
    assert.equal(agesAt(undefined, at), undefined)
  })
})
