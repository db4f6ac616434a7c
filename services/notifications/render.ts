import { en } from './words/en.ts'
import type { AppointmentParams, Template, Text, Words } from './words/words.ts'

/** Languages in which messages can be written. Another one is another file in words/. */
const catalogues: Readonly<Record<string, Words>> = { en }

/** The words for a language (RFC 4647 §3.4, lookup: `fr-CA`, else `fr`), else English. */
export function wordsFor(language: string): Words {
  for (let tag = language; tag !== ''; tag = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0)))
    if (Object.hasOwn(catalogues, tag)) return catalogues[tag] as Words
  return en
}

/** Templates of earlier releases stay in the inbox, so what is stored may be a name that no longer has words. */
export function render(template: string, params: object, language: string): Required<Text> {
  const words = wordsFor(language)
  if (!Object.hasOwn(words, template)) return { title: template, text: '', mail: '', short: template }
  const { title, text, mail = text, short = title } = (words[template as Template] as (params: object) => Text)(params)
  return { title, text, mail, short }
}

export function calendarEntry(
  part: 'patient' | 'caregiver' | 'practitioner',
  params: AppointmentParams,
  language: string,
) {
  return wordsFor(language)[`calendar-entry.${part}`](params)
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
