import { type NumberRange, rounded } from './number-range.ts'
import { arbitraryUnits, baseUnits, metricUnits, otherUnits, prefixes, shiftedUnits } from './ucum-units.ts'

/** In base units: `mg/dL` is 0.01 of `g.m-3`. */
export interface CanonicalUnit {
  unit: string
  /** Of a number in the unit as it was written. */
  convert: (value: number) => number
}

/** So many of base units to their powers. */
interface Measure {
  factor: number
  powers: ReadonlyMap<string, number>
}

const LONGEST = 100
const DEEPEST = 8
const KEPT = 1000
const ONE: Measure = { factor: 1, powers: new Map() }
const known = new Map<string, CanonicalUnit | undefined>()

/**
 * A UCUM code (ucum.org/ucum, case-sensitive: `mg/dL`, `10*3/uL`, `mm[Hg]`, `{beats}/min`) in base units. Undefined where it is none, or its scale is no plain one, as
 * of pH and decibels.
 */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  if (code === '' || code.length > LONGEST) return undefined
  const before = known.get(code)
  if (before !== undefined || known.has(code)) return before
  const unit = readUnit(code)
  if (known.size < KEPT) known.set(code, unit)
  return unit
}

/** With the number's range taken along. */
export function inCanonicalUnit({ convert }: CanonicalUnit, { low, high, number }: NumberRange): NumberRange {
  return { low: rounded(convert(low)), high: rounded(convert(high)), number: rounded(convert(number)) }
}

function readUnit(code: string): CanonicalUnit | undefined {
  const shifted = Object.hasOwn(shiftedUnits, code) ? shiftedUnits[code] : undefined
  if (shifted) return { unit: 'K', convert: shifted }
  const measure = new Reader(code).whole()
  if (!measure || !Number.isFinite(measure.factor) || measure.factor === 0) return undefined
  return { unit: written(measure.powers), convert: (value) => value * measure.factor }
}

/** `g.m-3`; `1` where nothing is left. */
function written(powers: ReadonlyMap<string, number>): string {
  const parts = [...powers].filter(([, power]) => power !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
  return parts.map(([unit, power]) => (power === 1 ? unit : `${unit}${power}`)).join('.') || '1'
}

/** Reads from left to right without going back; each of its methods gives undefined where the text is no unit. */
class Reader {
  private readonly code: string
  private at = 0
  private depth = 0

  constructor(code: string) {
    this.code = code
  }

  whole(): Measure | undefined {
    const measure = this.term()
    return this.at === this.code.length ? measure : undefined
  }

  /** `a.b/c` from the left: `a/b.c` is (a/b)·c. */
  private term(): Measure | undefined {
    let measure: Measure | undefined = this.take('/') ? inverse(this.component()) : this.component()
    while (measure) {
      if (this.take('.')) measure = product(measure, this.component())
      else if (this.take('/')) measure = product(measure, inverse(this.component()))
      else break
    }
    return measure
  }

  private component(): Measure | undefined {
    if (this.code[this.at] === '{') return this.annotation() ? ONE : undefined
    const measure = this.take('(') ? this.group() : this.simple()
    if (this.code[this.at] === '{' && !this.annotation()) return undefined
    return measure
  }

  private group(): Measure | undefined {
    if (++this.depth > DEEPEST) return undefined
    const measure = this.term()
    this.depth--
    return this.take(')') ? measure : undefined
  }

  /** `{…}` says what is counted, and counts for nothing. */
  private annotation(): boolean {
    const end = this.code.indexOf('}', this.at)
    if (end === -1) return false
    this.at = end + 1
    return true
  }

  /** A number, or a symbol with its exponent. */
  private simple(): Measure | undefined {
    const number = this.digits()
    if (number !== '' && !'*^'.includes(this.code[this.at] || ' ')) return { factor: Number(number), powers: new Map() }
    const symbol = number + this.symbol()
    const measure = symbol === '' ? undefined : measureOf(symbol)
    const sign = this.take('-') ? -1 : 1
    if (sign === 1) this.take('+')
    const exponent = this.digits()
    if (exponent.length > 2) return undefined
    return measure && exponent !== '' ? power(measure, sign * Number(exponent)) : measure
  }

  private digits(): string {
    const start = this.at
    while (isDigit(this.code[this.at])) this.at++
    return this.code.slice(start, this.at)
  }

  /** Up to what separates or is an exponent; within `[…]` anything goes. */
  private symbol(): string {
    const start = this.at
    for (; this.at < this.code.length; this.at++) {
      const here = this.code[this.at] ?? ''
      if (here === '[') {
        const end = this.code.indexOf(']', this.at)
        if (end === -1) return ''
        this.at = end
      } else if ('./(){}+-'.includes(here) || isDigit(here)) break
    }
    return this.code.slice(start, this.at)
  }

  private take(text: string): boolean {
    const here = this.code[this.at] === text
    if (here) this.at++
    return here
  }
}

const isDigit = (text = '') => text >= '0' && text <= '9'

/** The whole symbol first, and only then a prefix with what is left. */
function measureOf(symbol: string): Measure | undefined {
  const whole = unitNamed(symbol, metricUnits) ?? unitNamed(symbol, otherUnits) ?? ownUnit(symbol)
  if (whole) return whole
  for (const length of [2, 1]) {
    const prefix = symbol.slice(0, length)
    const rest = symbol.slice(length)
    const factor = Object.hasOwn(prefixes, prefix) ? prefixes[prefix] : undefined
    const unit = unitNamed(rest, metricUnits) ?? (baseUnits.includes(rest) ? ownUnit(rest) : undefined)
    if (factor && unit) return { ...unit, factor: factor * unit.factor }
  }
  return undefined
}

function unitNamed(symbol: string, table: typeof metricUnits): Measure | undefined {
  const [factor, unit] = (Object.hasOwn(table, symbol) ? table[symbol] : undefined) ?? []
  if (factor === undefined || unit === undefined) return undefined
  if (unit === symbol || unit === '1') return { factor, powers: new Map(unit === '1' ? [] : [[unit, 1]]) }
  const measure = new Reader(unit).whole()
  return measure && { ...measure, factor: factor * measure.factor }
}

const ownUnit = (symbol: string): Measure | undefined =>
  baseUnits.includes(symbol) || arbitraryUnits.includes(symbol)
    ? { factor: 1, powers: new Map([[symbol, 1]]) }
    : undefined

function product(a: Measure, b: Measure | undefined): Measure | undefined {
  if (!b) return undefined
  const powers = new Map(a.powers)
  for (const [unit, exponent] of b.powers) powers.set(unit, (powers.get(unit) ?? 0) + exponent)
  return { factor: a.factor * b.factor, powers }
}

const inverse = (measure: Measure | undefined) => measure && power(measure, -1)

const power = ({ factor, powers }: Measure, exponent: number): Measure => ({
  factor: factor ** exponent,
  powers: new Map([...powers].map(([unit, one]) => [unit, one * exponent])),
})
