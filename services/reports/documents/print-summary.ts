import { listed } from '#fhir/documents/narrative.ts'
import { sections as known, type Required, required } from '#fhir/documents/sections.ts'
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

const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'

/** A section of a summary told anew, of what is in the document, in the words of another language: names, values and doses stay as they were written. */
export function toldAnew(section: Section, { parts, language: from }: Facts, language: string): Block[] {
  const name = summarySection(section)
  const at = (reference: string) => parts.get(reference)
  const resources = (section.entry ?? []).flatMap(({ reference }) => shownOf(at(reference), at) ?? [])
  const nothing = absent(resources[0], name, wordsIn(language))
  if (nothing !== undefined) return [{ kind: 'none', text: nothing }]
  const told = blocksOf(listed(resources, { language, words: wordsIn(language), of: at }))
  const more = blocksOf(section.text.div).flatMap((block) =>
    block.kind === 'paragraph' ? moreOf(block.text, wordsIn(from), wordsIn(language)) : [],
  )
  return [...told, ...more]
}

/** That somebody has a device is said by its use, and shown as what it is. */
const shownOf = (one: Resource | undefined, at: (reference: string) => Resource | undefined) =>
  one?.resourceType === 'DeviceUseStatement' ? at((one.device as { reference: string }).reference) : one

function absent(one: Resource | undefined, name: Name | undefined, own: Words): string | undefined {
  const code = (one?.code ?? one?.medicationCodeableConcept) as
    | { coding?: { system: string; code: string }[] }
    | undefined
  const said = code?.coding?.find(({ system }) => system === ABSENT)
  if (!said || !isRequired(name)) return undefined
  return (said.code.startsWith('no-known') ? own.none : own.unknown)[name]
}

const isRequired = (name: Name | undefined): name is Required => required.some((one) => one === name)

/** How many of how many are shown: the sentence in which the document says it is known. */
function moreOf(text: string, from: Words, to: Words): Block[] {
  const counts = text.match(/\d+/g) ?? []
  const places = from.more.match(/\{\w+\}/g) ?? []
  const filled = (words: string) => places.reduce((said, place, n) => said.replace(place, counts[n] ?? ''), words)
  return filled(from.more) === text ? [{ kind: 'paragraph', text: filled(to.more) }] : []
}
