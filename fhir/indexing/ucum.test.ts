import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fhirpath from 'fhirpath'
import { numberRange } from './number-range.ts'
import { canonicalUnit, inCanonicalUnit } from './ucum.ts'
import { arbitraryUnits, baseUnits, metricUnits, otherUnits, shiftedUnits } from './ucum-units.ts'

const measured = (number: string, code: string) => {
  const [unit, range] = [canonicalUnit(code), numberRange(number)]
  assert.ok(unit && range, code)
  return { unit: unit.unit, ...inCanonicalUnit(unit, range) }
}

describe('canonicalUnit', () => {
  const same: [number: string, code: string, other: string, otherCode: string][] = [
    ['1', 'mg', '0.001', 'g'],
    ['100', 'mg/dL', '1.00', 'g/L'],
    ['5.5', 'mmol/L', '5500', 'umol/L'],
    ['98.6', '[degF]', '37.0', 'Cel'],
    ['37.0', 'Cel', '310.15', 'K'],
    ['120', 'mm[Hg]', '15.998640', 'kPa'],
    ['7', '10*3/uL', '7', '10*9/L'],
    ['7', '10^3/uL', '7000', '{cells}/uL'],
    ['60', '{beats}/min', '1', 's-1'],
    ['154', '[lb_av]', '69.85322498', 'kg'],
    ['70', '[in_i]', '177.8', 'cm'],
    ['1', 'm[iU]/mL', '1', '[IU]/L'],
    ['60', 'U/L', '1', 'ukat/L'],
    ['2', 'mg/kg/h', '2', 'mg/(kg.h)'],
    ['80', 'mL/min/{1.73_m2}', '80', 'mL/min'],
    ['2', 'wk', '14', 'd'],
    ['5', '%', '0.05', '1'],
    ['3', 'kg.m2/s2', '3', 'J'],
  ]
  for (const [number, code, other, otherCode] of same)
    it(`takes ${number} ${code} for ${other} ${otherCode}`, () => {
      const [one, two] = [measured(number, code), measured(other, otherCode)]
      assert.equal(one.unit, two.unit)
      const nearly = Math.abs(one.number - two.number) <= 1e-5 * Math.abs(two.number)
      const within = one.unit === 'K' ? Math.abs(one.number - two.number) < 0.001 : nearly
      assert.ok(within, `${one.number} and ${two.number}`)
    })

  const apart: [string, string][] = [
    ['mmol/L', 'mg/dL'],
    ['[iU]/L', "[arb'U]/L"],
    ['/[HPF]', '1'],
    ['m', 's'],
    ['kg', 'kg2'],
  ]
  for (const [one, other] of apart)
    it(`keeps ${one} and ${other} apart`, () => assert.notEqual(canonicalUnit(one)?.unit, canonicalUnit(other)?.unit))

  for (const code of [
    '',
    'DL',
    'mgs',
    'm g',
    '[pH]',
    'dB',
    'Cel/h',
    'mCel',
    'm..s',
    'm/',
    '(m',
    'm)',
    '{open',
    '[open',
    'm999',
    'k',
    'kmin',
    'toString',
    '__proto__',
    'constructor',
    '('.repeat(90),
    'm.'.repeat(10_000_000),
  ])
    it(`knows no unit ${JSON.stringify(code.slice(0, 12))}`, () => assert.equal(canonicalUnit(code), undefined))

  it('reads brackets within brackets, to a depth', () => {
    assert.equal(canonicalUnit('((kg/(m.s2)))')?.unit, 'g.m-1.s-2')
    assert.equal(canonicalUnit(`${'('.repeat(9)}m${')'.repeat(9)}`), undefined)
  })

  it('is what another library makes of every unit in the tables', () => {
    const library = fhirpath.ucumUtils as {
      getSpecifiedUnit(code: string, mode: string): { unit: { magnitude_: number } | null }
    }
    // UCUM counts a mole in particles; the baud takes no prefix there.
    const AVOGADRO = 6.0221367e23
    const named = [...baseUnits, ...Object.keys(metricUnits), ...Object.keys(otherUnits)]
    const prefixed = ['m', 'k', 'u'].flatMap((prefix) => Object.keys(metricUnits).map((code) => prefix + code))
    for (const code of [...named, ...prefixed.filter((one) => !one.endsWith('Bd'))]) {
      const theirs = library.getSpecifiedUnit(code, 'validate').unit?.magnitude_
      const ours = canonicalUnit(code)
      assert.ok(theirs && ours, code)
      const power = Number(/mol(-?\d+)?/.exec(ours.unit)?.[1] ?? (ours.unit.includes('mol') ? 1 : 0))
      assert.ok(Math.abs((ours.convert(1) * AVOGADRO ** power) / theirs - 1) < 1e-4, code)
    }
    for (const code of [...arbitraryUnits, ...Object.keys(shiftedUnits)])
      assert.ok(library.getSpecifiedUnit(code, 'validate').unit, code)
  })
})
