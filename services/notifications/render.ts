import { type Arguments, formatMessage } from '#platform/message-format.ts'
import { type Kept, versionOf, wordsFor } from './words/catalogues.ts'
import { argumentsOf, keywords, type Reader } from './words/said.ts'
import type { AppointmentParams, Phrase, Wording } from './words/words.ts'

/**
 * A message in the words in which it was kept, else in today's. Templates of earlier releases stay in the inbox, so what is stored may be a name that
 * no longer has words.
 */
export function render(
  template: string,
  params: object,
  reader: Reader,
  { message, phrases }: Partial<Kept> = versionOf(template, reader.language) ?? {},
): Required<Wording> {
  if (!message || !phrases) return { title: template, text: '', mail: '', short: template }
  const values = argumentsOf(params, reader, phrases)
  const say = (words: string) => formatMessage(words, reader.language, values)
  const { title, text, mail = text, short = title } = message
  const brief = argumentsOf(params, { ...reader, brief: true }, phrases)
  return { title: say(title), text: say(text), mail: say(mail), short: formatMessage(short, reader.language, brief) }
}

/** What goes round messages, and what is said without one. */
export function phrase(
  id: Phrase,
  language: string,
  values: Arguments = {},
  { phrases }: Pick<Kept, 'phrases'> = wordsFor(language),
): string {
  return formatMessage(phrases[id], language, { ...keywords(phrases), ...values })
}

/** When a visit is, as messages to this reader say it. */
export const whenIn = (visit: AppointmentParams, reader: Reader): string =>
  String(argumentsOf(visit, reader, wordsFor(reader.language).phrases).when)

export function calendarEntry(
  part: 'patient' | 'caregiver' | 'practitioner',
  params: AppointmentParams,
  language: string,
): string {
  const { phrases } = wordsFor(language)
  return formatMessage(phrases[`calendar.${part}`], language, argumentsOf(params, { language }, phrases))
}

const MAX_NAME = 120

/**
 * A name that somebody chose, for the words of a message to somebody else. It cannot start a header, turn the direction of the text that
 * follows, or become a link: a mandate is granted to strangers, and its mail must not carry the granter's advertisement.
 */
export function asName(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069<>:/\\@{}|"]+/gu, ' ')
    .replace(/\.(?=[\p{L}\p{N}])/gu, '. ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    .toWellFormed()
}
