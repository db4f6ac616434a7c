import type { SearchParameter } from '#fhir/search-parameter.ts'
import type { Element } from './elements.ts'
import { linkOf } from './links.ts'
import { spanOf } from './spans.ts'
import { codingsOf, fold, stringsOf } from './words.ts'

interface Around {
  base: string
  canonical: (unit: string) => { convert: (value: number) => number } | undefined
}

type Key = string | number

/** hl7.org/fhir/R4/search.html#sort: of several values, the lowest where it goes upwards, and the highest where it goes downwards. */
export function sortKey(
  elements: readonly Element[],
  { type }: SearchParameter,
  descending: boolean,
  around: Around,
): Key | undefined {
  const keys = elements.flatMap((element): Key[] => {
    if (type === 'date') return [spanOf(element)?.[descending ? 'until' : 'from']].filter((key) => key !== undefined)
    if (type === 'quantity') return amounts(element, around)
    if (type === 'number') return [Number(element.value)]
    if (type === 'token') return codingsOf(element).flatMap(({ code }) => code ?? [])
    if (type === 'reference') return addresses(element, around)
    return stringsOf(element).map((text) => (type === 'string' ? fold(text) : text))
  })
  return keys.reduce<Key | undefined>(
    (best, key) => (best === undefined || (descending ? key > best : key < best) ? key : best),
    undefined,
  )
}

function amounts({ value }: Element, { canonical }: Around): number[] {
  const { value: amount, system, code } = value as { value?: number; system?: string; code?: string }
  if (amount === undefined) return []
  const known = system === 'http://unitsofmeasure.org' && code ? canonical(code) : undefined
  return [Number((known?.convert(amount) ?? amount).toPrecision(12))]
}

function addresses(element: Element, { base }: Around): string[] {
  const link = linkOf(element, base)
  if (link === undefined) return []
  return ['id' in link ? `${link.type}/${link.id}` : link.url]
}
