import type { Prefix } from '#fhir/query/query.ts'
import type { Element } from './elements.ts'

/** `[from, until)` in milliseconds; infinite where a Period is open. */
export interface Span {
  from: number
  until: number
}

interface Period {
  start?: string
  end?: string
}

interface Timing {
  event?: string[]
  repeat?: { boundsPeriod?: Period }
}

/** hl7.org/fhir/R4/search.html#date: what a date, a Period or a Timing stands for. Of a Timing, only its outer limits matter. */
export function spanOf({ type, value }: Element): Span | undefined {
  // Words, where a date may also be said in words.
  if (type === 'string') return undefined
  if (type === 'Period') return ofPeriod(value as Period)
  if (type !== 'Timing') return typeof value === 'string' ? ofDate(value) : undefined
  const { event = [], repeat } = value as Timing
  const spans = event.map(ofDate)
  if (repeat?.boundsPeriod) spans.push(ofPeriod(repeat.boundsPeriod))
  if (spans.length === 0) return undefined
  return {
    from: Math.min(...spans.map(({ from }) => from)),
    until: Math.max(...spans.map(({ until }) => until)),
  }
}

const ofPeriod = ({ start, end }: Period): Span => ({
  from: start ? ofDate(start).from : Number.NEGATIVE_INFINITY,
  until: end ? ofDate(end).until : Number.POSITIVE_INFINITY,
})

/** A date of FHIR to its end: a year lasts a year. In UTC where no offset is written. */
export function ofDate(text: string): Span {
  const [date = '', time] = text.split('T')
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  const parts = date.split('-').length
  const at = (y: number, m: number, d: number) => new Date(0).setUTCFullYear(y, m - 1, d)
  if (time === undefined) {
    const next = parts === 1 ? at(year + 1, 1, 1) : parts === 2 ? at(year, month + 1, 1) : at(year, month, day + 1)
    return { from: at(year, month, day), until: next }
  }
  const from = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(time) ? text : `${text}Z`)
  return { from, until: from + (time.includes('.') ? 1 : 1_000) }
}

/** What is asked for may be written as the store writes its bounds. */
export function ofBounds({ from, until }: { from: string; until: string }): Span {
  const instant = (text: string) =>
    text === 'infinity' ? Number.POSITIVE_INFINITY : text === '-infinity' ? Number.NEGATIVE_INFINITY : Date.parse(text)
  return { from: instant(from), until: instant(until) }
}

/** hl7.org/fhir/R4/search.html#prefix, word for word: `asked` is the search value's range, `there` the one in the resource. */
export function compareSpans(prefix: Prefix, asked: Span, there: Span, now: number): boolean {
  const contains = asked.from <= there.from && there.until <= asked.until
  const reachesAbove = there.until > asked.until
  const reachesBelow = there.from < asked.from
  switch (prefix) {
    case 'eq':
      return contains
    case 'ne':
      return !contains
    case 'gt':
      return reachesAbove
    case 'lt':
      return reachesBelow
    case 'ge':
      return reachesAbove || contains
    case 'le':
      return reachesBelow || contains
    case 'sa':
      return there.from >= asked.until
    case 'eb':
      return there.until <= asked.from
    case 'ap':
      return overlap(around(asked, now), there)
  }
}

const overlap = (a: Span, b: Span): boolean => a.from < b.until && b.from < a.until

/** A tenth of how far it is from now, to both sides. */
function around({ from, until }: Span, now: number): Span {
  const distance = now < from ? from - now : now > until ? now - until : 0
  return { from: from - distance / 10, until: until + distance / 10 }
}
