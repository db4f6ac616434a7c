import { listed } from '#fhir/documents/narrative.ts'
import { NOT_KNOWN } from '#fhir/documents/patient-summary.ts'
import { sections as known, type Required, required } from '#fhir/documents/sections.ts'
import { ABSENT } from '#fhir/documents/shown.ts'
import { type Words, words } from '#fhir/documents/words.ts'
import type { Resource } from '#fhir/resource.ts'
import { languageOf } from '#platform/language.ts'
import type { Block } from '../printing/printed-document.ts'
import type { Section } from './codes.ts'
import type { Facts } from './facts.ts'
import { blocksOf } from './narrative.ts'

type Name = keyof typeof known
const NAMES = new Map((Object.keys(known) as Name[]).map((name) => [known[name].code as string, name]))

export const wordsIn = (tag: string): Words => words[languageOf(tag) ?? 'en']
export const summarySection = ({ code }: Section): Name | undefined => NAMES.get(code?.coding[0]?.code ?? '')

/** A section of a summary told anew, of what is in the document, in the words of another language: names and values stay as they were written. */
export function toldAnew(section: Section, { parts, language: from, at: made }: Facts, language: string): Block[] {
  const name = summarySection(section)
  const at = (reference: string) => parts.get(reference)
  const nothing = nothingIn(section, name, at, wordsIn(language))
  const resources = (section.entry ?? []).flatMap(({ reference }) => shownOf(at(reference), at) ?? [])
  const told: Block[] =
    nothing === undefined
      ? blocksOf(listed(resources, { language, words: wordsIn(language), at: new Date(made), of: at }))
      : [{ kind: 'none', text: nothing }]
  return [...told, ...besides(blocksOf(section.text.div), wordsIn(from), wordsIn(language))]
}

/** What the text of a section says beside its entries. */
const besides = (written: readonly Block[], from: Words, to: Words): Block[] =>
  written.flatMap((block, n) => {
    if (block.kind !== 'paragraph') return []
    if (block.text !== from.notToTake) return moreOf(block.text, from, to)
    return [{ kind: 'paragraph', text: to.notToTake } as const, ...written.slice(n + 1, n + 2)]
  })

/** That somebody has a device is said by its use, and shown as what it is. */
const shownOf = (one: Resource | undefined, at: (reference: string) => Resource | undefined) =>
  one?.resourceType === 'DeviceUseStatement' ? at((one.device as { reference: string }).reference) : one

/** The document's own word that there is nothing, or that nobody knows: alone in its section. Whatever else has such a code is told as what it is. */
function nothingIn(
  { entry = [] }: Section,
  name: Name | undefined,
  at: (reference: string) => Resource | undefined,
  own: Words,
): string | undefined {
  const [{ reference } = { reference: '' }, ...others] = entry
  if (!isRequired(name) || others.length > 0 || !reference.startsWith('urn:uuid:')) return undefined
  const { code, medicationCodeableConcept }: Partial<Resource> = at(reference) ?? {}
  const { coding = [] } = (code ?? medicationCodeableConcept ?? {}) as {
    coding?: { system?: string; code?: string }[]
  }
  const said = coding.find(({ system }) => system === ABSENT)?.code
  if (said === NOT_KNOWN[name].none) return own.none[name]
  return said === NOT_KNOWN[name].unknown ? own.unknown[name] : undefined
}

const isRequired = (name: Name | undefined): name is Required => required.some((one) => one === name)

const filled = ({ more }: Words, [shown = '', total = '']: readonly string[]): string =>
  more.replace('{shown}', shown).replace('{total}', total)

/** How many of how many are shown: the sentence in which the document says it is known. */
function moreOf(text: string, from: Words, to: Words): Block[] {
  const numbers: string[] = text.match(/\d+/g) ?? []
  const said = [numbers, numbers.toReversed()].find((both) => filled(from, both) === text)
  return said ? [{ kind: 'paragraph', text: filled(to, said) }] : []
}
