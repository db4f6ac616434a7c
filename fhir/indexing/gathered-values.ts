import { Problem } from '#platform/errors.ts'
import type { SearchParameter } from '../search-parameter.ts'
import type { DateRange } from './date-range.ts'
import { beginningOf, fold, LONGEST_STRING } from './fold.ts'
import type { IndexValues } from './index-values.ts'
import type { NumberRange } from './number-range.ts'
import { quantitiesIn, type UnitRange } from './quantity-values.ts'

/** Of each kind, for one resource. */
export const MOST_VALUES = 2000
/** Of all kinds, those that were there already among them: each is looked for among the others. */
export const MOST_FOUND = 20_000
/** Of the tokens of one parameter over concepts, of which a code system may have any number: those beyond are passed over, and not refused. */
export const MOST_OF_CONCEPTS = 20_000
/** What an index of PostgreSQL takes as one key (2.7 kB) holds at least so many characters. A code or address that is longer is kept, but not found by. */
export const LONGEST_KEY = 800
/** Of a string as it was written. */
const LONGEST_EXACT = 1000

/** Values of one resource as they are found: each once, and no more than a resource may have. Throws Problem 'too-costly'. */
export class GatheredValues {
  /** Without `/` at its end. */
  readonly base: string
  private readonly tokens: string[] = []
  private readonly references: string[] = []
  private readonly strings: IndexValues['strings'] = []
  private readonly dates: IndexValues['dates'] = []
  private readonly quantities: IndexValues['quantities'] = []
  private readonly positions: IndexValues['positions'] = []
  private readonly patients = new Set<string>()
  private readonly folded = new Map<string, string>()
  private readonly measured = new Map<unknown, readonly UnitRange[]>()
  private found = 0
  /** Where those of the present parameter begin: no other has the like. */
  private ownTokens = 0
  private ownReferences = 0
  /** Set while those of concepts come, which count for themselves: so many at once are looked for in a set. */
  private concepts: Set<string> | undefined
  private ofConcepts = 0

  constructor(base: string) {
    this.base = base
  }

  /** Before the values of each parameter. */
  begin(isOfConcepts = false): void {
    this.concepts = isOfConcepts ? new Set() : undefined
    this.ownTokens = this.tokens.length
    this.ownReferences = this.references.length
  }

  /** How much there is by now of what a parameter of this type is found by. */
  countOf(type: SearchParameter['type']): number {
    if (type === 'token') return this.tokens.length
    if (type === 'reference') return this.references.length
    return this.strings.length + this.dates.length + this.quantities.length + this.positions.length
  }

  token(text: string): void {
    if (this.concepts) this.tokenOfConcept(text, this.concepts)
    else {
      this.count()
      addNew(this.tokens, text, this.ownTokens, MOST_VALUES + this.ofConcepts)
    }
  }

  private tokenOfConcept(text: string, known: Set<string>): void {
    if (text.length > LONGEST_KEY || known.has(text) || known.size >= MOST_OF_CONCEPTS) return
    known.add(text)
    this.ofConcepts++
    this.tokens.push(text)
  }

  reference(text: string): void {
    this.count()
    addNew(this.references, text, this.ownReferences, MOST_VALUES)
  }

  private count(): void {
    if (++this.found > MOST_FOUND) tooMany()
  }

  /** Several parameters find the same Quantity: it is read once. */
  quantitiesIn(value: unknown, type: string): readonly UnitRange[] {
    const before = this.measured.get(value)
    if (before) return before
    const ranges = quantitiesIn(value, type)
    this.measured.set(value, ranges)
    return ranges
  }

  /** As it was folded. */
  string(parameter: string, text: string): string {
    const value = this.foldedOf(text)
    if (value !== '') this.keepString(parameter, value, text)
    return value
  }

  /** A name is found by several parameters, and folded once. */
  private foldedOf(text: string): string {
    const before = this.folded.get(text)
    if (before !== undefined) return before
    const folded = fold(text)
    this.folded.set(text, folded)
    return folded
  }

  uri(parameter: string, uri: string): void {
    this.keepString(parameter, beginningOf(uri, LONGEST_STRING), uri)
  }

  private keepString(parameter: string, value: string, text: string): void {
    const exact = beginningOf(text, LONGEST_EXACT)
    this.count()
    keep(this.strings, { parameter, value, exact }, (other) => other.value === value && other.exact === exact)
  }

  date(parameter: string, { from, until }: DateRange): void {
    this.count()
    keep(this.dates, { parameter, from, until }, (other) => other.from === from && other.until === until)
  }

  quantity(parameter: string, unit: string, { low, high }: NumberRange, code?: string): void {
    if (unit.length > LONGEST_KEY) return
    const one = code === undefined ? { parameter, unit, low, high } : { parameter, code, unit, low, high }
    const same = (other: typeof one) =>
      other.low === low && other.high === high && other.unit === unit && other.code === code
    this.count()
    keep<(typeof this.quantities)[number]>(this.quantities, one, same)
  }

  position(parameter: string, latitude: number, longitude: number): void {
    const same = (other: IndexValues['positions'][number]) =>
      other.latitude === latitude && other.longitude === longitude
    this.count()
    keep(this.positions, { parameter, latitude, longitude }, same)
  }

  patient(id: string): void {
    this.patients.add(id)
  }

  values(): IndexValues {
    return {
      tokens: this.tokens,
      references: this.references,
      strings: this.strings,
      dates: this.dates,
      quantities: this.quantities,
      positions: this.positions,
      patients: [...this.patients],
    }
  }
}

/** An array of a few is quicker to look through than a set is to fill. */
function addNew(list: string[], text: string, from: number, most: number): void {
  if (text.length > LONGEST_KEY || list.includes(text, from)) return
  list.push(text)
  if (list.length > most) tooMany()
}

/** Those of one parameter come one after another, so only they are looked through. */
function keep<T extends { parameter: string }>(list: T[], one: T, isSame: (other: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const other = list[i]
    if (other?.parameter !== one.parameter) break
    if (isSame(other)) return
  }
  list.push(one)
  if (list.length > MOST_VALUES) tooMany()
}

function tooMany(): never {
  throw new Problem('too-costly', 'The resource has more values to be found by than one resource may have.', {
    errors: [
      { pointer: '/body', detail: `has more than ${MOST_VALUES} of one kind; divide it into several resources` },
    ],
  })
}
