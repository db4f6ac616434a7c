/**
 * What people are told, in every language: nothing is missing, all say the same, and what anybody may read names nobody.
 *   node scripts/words.ts
 */
import { IntlMessageFormat } from 'intl-messageformat'
import { catalogues as doses } from '#fhir/dosage/words/catalogues.ts'
import { languages } from '#platform/language.ts'
import { briefTimeIn } from '#platform/message-format.ts'
import { phrase, render } from '../services/notifications/render.ts'
import { inSevenBits, MOST_SEGMENTS } from '../services/notifications/sms/prepare.ts'
import { segmentsOf } from '../services/notifications/sms/segments.ts'
import { catalogues } from '../services/notifications/words/catalogues.ts'
import { sample } from '../services/notifications/words/sample.ts'
import type { Words } from '../services/notifications/words/words.ts'
import { catalogues as healthCards } from '../services/reports/sharing/words/catalogues.ts'
import { catalogues as pages } from '../services/scheduling/links/words/catalogues.ts'

type Messages = Readonly<Record<string, string>>
type Ast = ReturnType<IntlMessageFormat['getAst']>

/** May stand where anybody can read it: on a locked screen, in a list of mails, over a shoulder. */
const OPEN = new Set('when count stopWord startWord url code digits minutes site'.split(' '))
/** A calendar is shared with others: nobody's name but the practitioner's. */
const ON_CALENDAR = new Set([...OPEN, 'practitioner'])

/** One list for a language: `appointment-booked.patient.title` and the like. */
export const flat = ({ messages, phrases }: Words): Messages => ({
  ...Object.fromEntries(
    Object.entries(messages).flatMap(([id, parts]) =>
      Object.entries(parts).map(([part, words]) => [`${id}.${part}`, String(words)]),
    ),
  ),
  ...phrases,
})

/** Against the first, which is English. */
export function faultsIn(all: Readonly<Record<string, Messages>>): string[] {
  const [[, model = {}] = []] = Object.entries(all)
  return Object.entries(all).flatMap(([language, messages]) => [
    ...Object.keys(model).flatMap((id) => (id in messages ? [] : [`${language}: ${id} is missing`])),
    ...Object.entries(messages).flatMap(([id, message]) =>
      faultsOf(id, message, { language, model: model[id] }).map((fault) => `${language}: ${id} ${fault}`),
    ),
  ])
}

function faultsOf(
  id: string,
  message: string,
  { language, model }: { language: string; model: string | undefined },
): string[] {
  if (model === undefined) return ['is in no other language']
  const [ast, expected] = [parsed(message), parsed(model)]
  if (!ast || !expected) return ['is no ICU message']
  const [has, wants] = [argumentsIn(ast), argumentsIn(expected)]
  return [
    ...(`${has}` === `${wants}` ? [] : [`speaks of ${has}, and should of ${wants}`]),
    ...pluralFaults(ast, language),
    ...closedTo(id).flatMap((permitted) => has.filter((name) => !permitted.has(name)).map((name) => `names ${name}`)),
    // A mark of direction or a full stop beside an address becomes part of it in many phones.
    ...(/[^\n]\{url\}|\{url\}[^\n]/.test(message) ? ['has {url} on a line with something else'] : []),
    ...(message.trim() === '' || /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(message.replaceAll('\n', ''))
      ? ['has signs that nobody sees, or none']
      : []),
  ]
}

/** What it may name, where not everything. Of a practitioner's visit neither mail nor text says who comes. */
function closedTo(id: string): ReadonlySet<string>[] {
  if (id.startsWith('calendar.')) return [ON_CALENDAR]
  if (/\.(title|short)$|^(footer|answer|word|code|digest)\./.test(id)) return [OPEN]
  if (/\.practitioner\.mail$/.test(id)) return [new Set([...OPEN, 'where', 'times', 'days'])]
  return []
}

function parsed(message: string): Ast | undefined {
  try {
    return new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst()
  } catch {
    return undefined
  }
}

type Element = Ast[number]
type Choice = Extract<Element, { options: unknown }>
const isChoice = (element: Element): element is Choice => 'options' in element

const choicesIn = (ast: Ast): Choice[] =>
  ast.flatMap((element) =>
    isChoice(element) ? [element, ...Object.values(element.options).flatMap(({ value }) => choicesIn(value))] : [],
  )

/** Names in braces, with what is chosen between, in the order of the alphabet. */
function argumentsIn(ast: Ast): string[] {
  const names = ast.flatMap((element): string[] => {
    if (isChoice(element)) {
      const inside = Object.values(element.options).flatMap(({ value }) => argumentsIn(value))
      return 'pluralType' in element
        ? [element.value, ...inside]
        : [element.value, ...inside, ...Object.keys(element.options).map((key) => `${element.value}=${key}`)]
    }
    const isArgument = 'value' in element && element.type !== 0
    return isArgument ? [String(element.value)] : []
  })
  return [...new Set(names)].sort()
}

/** Every form that a language has for what people count, and no other. Forms for millions (French, Portuguese, Spanish) are not asked for. */
function pluralFaults(ast: Ast, language: string): string[] {
  const rules = new Intl.PluralRules(language)
  const forms = new Set<string>(['other', ...Array.from({ length: 1_001 }, (_, n) => rules.select(n))])
  const wants = [...forms].sort().join()
  return choicesIn(ast)
    .filter((choice) => 'pluralType' in choice)
    .map((choice) => Object.keys(choice.options).sort().join())
    .filter((has) => has !== wants)
    .map((has) => `counts with ${has}, and should with ${wants}`)
}

const URL = 'https://openhcs.clinic.example'
const ZONES =
  'Africa/Accra Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Sao_Paulo Asia/Kolkata Europe/Paris'.split(' ')
/** Every weekday of every month. */
const DAYS = Array.from({ length: 12 * 7 }, (_, n) => new Date(Date.UTC(2031, Math.floor(n / 7), 22 + (n % 7), 20, 30)))

/** Texts that a network would make too many messages of, at the longest day there is. */
export function longTexts(all: Readonly<Record<string, Words>>): string[] {
  return Object.entries(all).flatMap(([language, { messages, phrases }]) =>
    ZONES.flatMap((zone) => {
      const length = (at: Date) => briefTimeIn(language, zone, at).length
      const start = DAYS.reduce((longest, at) => (length(at) > length(longest) ? at : longest)).toISOString()
      const footer = phrase('footer.text', language, { url: URL }, { phrases })
      return Object.entries(messages).flatMap(([id, message]) => {
        const { short } = render(id, sample({ start, zone }), { language }, { message, phrases })
        const segments = segmentsOf(inSevenBits(`${short}\n${footer}`))
        return segments <= MOST_SEGMENTS ? [] : [`${language}: ${id}.short takes ${segments} texts in ${zone}`]
      })
    }),
  )
}

if (import.meta.main) {
  const faults = [
    ...faultsIn(Object.fromEntries(languages.map((language) => [language, flat(catalogues[language])]))),
    ...faultsIn(pages),
    ...faultsIn(healthCards),
    ...faultsIn(doses),
    ...longTexts(catalogues),
  ]
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
}
