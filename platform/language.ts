/** Languages in which people are written to. Another one is a file in each `words/` folder; scripts/words.ts says what it lacks. */
export const languages = ['en', 'fr', 'pt', 'es', 'sw', 'ar', 'hi'] as const
export type Language = (typeof languages)[number]

const RIGHT_TO_LEFT: ReadonlySet<Language> = new Set(['ar'])

export const directionOf = (language: Language): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr')

/** Of a tag (RFC 4647 §3.4, lookup: `fr-CA`, else `fr`), or undefined where nobody here writes it. */
export function languageOf(tag: string): Language | undefined {
  const [first = ''] = tag.toLowerCase().split('-')
  return languages.find((language) => language === first)
}

/** The first that somebody accepts (RFC 9110 §12.5.4, in their order) and we write. */
export const accepted = (header: string | undefined): Language | undefined =>
  (header ?? '')
    .slice(0, 200)
    .split(',')
    .flatMap((range) => languageOf((range.split(';')[0] ?? '').trim()) ?? [])[0]

/** What somebody reads, if we write it, else what this installation speaks. A region is kept: days and digits are written by it. */
export const readIn = (tag: string | undefined, fallback: Language): string =>
  tag !== undefined && languageOf(tag) !== undefined ? tag : fallback

/** For Intl: of a tag that people chose only what there can be. English is written as most of the world writes it, the day before the month. */
export function localeOf(tag: string): string {
  const language = languageOf(tag) ?? 'en'
  const region = /^[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})(?:-|$)/i.exec(tag)?.[1]?.toUpperCase()
  if (region !== undefined) return `${language}-${region}`
  return language === 'en' ? 'en-GB' : language
}
