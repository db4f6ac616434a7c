import { dayWritten, marksOf, type Saying, textOf } from '#fhir/documents/narrative.ts'
import { words } from '#fhir/documents/words.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { Language } from '#platform/language.ts'
import { formatMessage } from '#platform/message-format.ts'
import { qrText } from '../health-cards/qr-code.ts'
import type { PrintedDocument, Section } from '../printing/printed-document.ts'
import { fitsQr, type Issue } from './issue-cards.ts'
import { catalogues } from './words/catalogues.ts'

/** Beside the code stands what it says, in words, so that whoever has no reader knows what they hold. */
export function printedCard(
  { patient, cards }: Issue,
  number: number,
  { config, now }: Pick<Context, 'config' | 'now'>,
  language: Language,
): PrintedDocument {
  const one = cards[number - 1]
  if (!one)
    throw new Problem('business-rule', `There are ${cards.length} cards of this patient.`, {
      errors: [{ pointer: '/query/card', detail: 'is of none of them' }],
    })
  if (!fitsQr(one.jws))
    throw new Problem('business-rule', 'This card holds more than one QR code does. Hand it out as a file.', {
      errors: [{ pointer: '/query/card', detail: 'is too long for a QR code' }],
    })
  const say = (phrase: 'card.title' | 'card.caption' | 'card.alt' | 'card.number') =>
    formatMessage(catalogues[language][phrase], language, { card: number, cards: cards.length })
  return {
    ...{ id: newId(), language, title: say('card.title'), version: 1 },
    about: { name: nameOf(patient), ...(typeof patient.birthDate === 'string' && { born: patient.birthDate }) },
    issued: { at: now(), zone: 'UTC', by: [new URL(config.PUBLIC_URL).host] },
    sections: sectionsOf(one.held, { language, words: words[language], at: now() }),
    code: { data: qrText(one.jws), alt: say('card.alt'), caption: `${say('card.caption')}\n${say('card.number')}` },
  }
}

const HEADINGS = {
  Immunization: 'immunizations',
  AllergyIntolerance: 'allergies',
  Condition: 'problems',
  MedicationStatement: 'medicines',
  MedicationRequest: 'medicines',
} as const
const headingOf = ({ resourceType }: Resource) => HEADINGS[resourceType as keyof typeof HEADINGS]

const sectionsOf = (held: readonly Resource[], saying: Saying): Section[] =>
  [...Map.groupBy(held, headingOf)].map(([section, facts]) => ({
    heading: saying.words.sections[section],
    isWarning: section === 'allergies',
    blocks: [{ kind: 'list', items: facts.map((fact) => lineOf(fact, saying)) }],
  }))

function lineOf(fact: Resource, saying: Saying): string {
  const what = textOf(fact.vaccineCode ?? fact.code ?? fact.medicationCodeableConcept)
  const [when] = [fact.occurrenceDateTime, fact.onsetDateTime, fact.effectiveDateTime, fact.authoredOn]
    .filter((one) => typeof one === 'string')
    .map((one) => dayWritten(one, saying.language))
  return [what, ...marksOf(fact, saying), when].filter(Boolean).join(' · ')
}

function nameOf({ name }: Resource): string {
  const [first] = (name ?? []) as { text?: string; family?: string; given?: string[] }[]
  return first?.text ?? [...(first?.given ?? []), first?.family ?? ''].join(' ').trim()
}
