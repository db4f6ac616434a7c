import { IntlMessageFormat } from 'intl-messageformat'
import { directionOf, languageOf, localeOf } from './language.ts'

// Words for people, in ICU MessageFormat (https://unicode-org.github.io/icu/userguide/format_parse/messages/).

export type Arguments = Readonly<Record<string, string | number>>

/** Markup in a message is text: nothing that people read is made from tags. */
const parse = (message: string) => new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst()

/** Parsed once: as many as there are words. */
const parsed = new Map<string, ReturnType<typeof parse>>()

/** Finding out what a locale is costs as much as all else of a message: 0.02 ms. */
const made = new Map<string, IntlMessageFormat>()
/** Words in the languages there are, and in some of their regions. */
const MOST_MADE = 5_000

/** A message in the language of this tag. Throws where an argument is missing. */
export const formatMessage = (message: string, tag: string, values: Arguments = {}): string =>
  String(messageIn(message, localeOf(tag)).format({ ...values }))

function messageIn(message: string, locale: string): IntlMessageFormat {
  const key = `${locale} ${message}`
  const there = made.get(key)
  if (there) return there
  const ast = parsed.get(message) ?? parse(message)
  parsed.set(message, ast)
  const one = new IntlMessageFormat(ast, locale)
  if (made.size >= MOST_MADE) made.clear()
  made.set(key, one)
  return one
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/**
 * A name or an address inside words that run the other way, apart from them (UAX #9, FSI and PDI): otherwise full stops and figures beside it change
 * sides. Where nothing can, nothing is added: a text with these two signs has room for 70 letters and not 160.
 */
export function isolated(value: string, tag: string): string {
  const mixed = RIGHT_TO_LEFT.test(value) || directionOf(languageOf(tag) ?? 'en') === 'rtl'
  return mixed && value !== '' ? `\u2068${value}\u2069` : value
}

const clocks = new Map<string, Intl.DateTimeFormat>()
/** Regions and zones there are: nobody can make it grow for ever, and a house needs few. */
const MOST_CLOCKS = 500

function clockOf(tag: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = [localeOf(tag), zone, ...Object.values(options)].join()
  const clock =
    clocks.get(key) ?? new Intl.DateTimeFormat(localeOf(tag), { calendar: 'gregory', timeZone: zone, ...options })
  if (clocks.size >= MOST_CLOCKS) clocks.clear()
  clocks.set(key, clock)
  return clock
}

/** `Monday, 3 March 2031 at 09:00` */
export const timeIn = (tag: string, zone: string, at: Date): string =>
  clockOf(tag, zone, { dateStyle: 'full', timeStyle: 'short' }).format(at)

/** `Mon 3 Mar, 09:00`: of the year around. */
export const briefTimeIn = (tag: string, zone: string, at: Date): string =>
  clockOf(tag, zone, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
    at,
  )

/** `3 March 2031` */
export const dayIn = (tag: string, zone: string, at: Date): string =>
  clockOf(tag, zone, { dateStyle: 'long' }).format(at)

/** `East Africa Time`: spelled out, since few know what EAT is. */
export function zoneIn(tag: string, zone: string, at: Date): string {
  if (/^(Etc\/)?UTC$/.test(zone)) return 'UTC'
  const parts = clockOf(tag, zone, { timeZoneName: 'longGeneric' }).formatToParts(at)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone
}
