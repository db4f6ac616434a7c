import type { Resource } from '#fhir/resource.ts'
import { formatMessage, timeIn, zoneIn } from '#platform/message-format.ts'
import type { Block, Section as Printed, PrintedDocument } from '../printing/printed-document.ts'
import { isOwn, OWN, type Section, TIMEZONE } from './codes.ts'
import type { Facts } from './facts.ts'
import { blocksOf } from './narrative.ts'
import { leaveIn } from './print-leave.ts'
import { summarySection, toldAnew, wordsIn } from './print-summary.ts'
import { isInError, type Whole } from './read-report.ts'
import { catalogueOf } from './words/catalogues.ts'
import type { Heading } from './words/words.ts'

export interface Reader {
  language: string
  /** When they read it. */
  at: Date
}

/** What of the sections of a note is which, by their codes or, where they have none, as the room consultations calls them. */
const NOTE: ReadonlyMap<string, Heading> = new Map([
  ['29299-5', 'reason'],
  ['10164-2', 'history'],
  ['61150-9', 'subjective'],
  ['8716-3', 'vitals'],
  ['29545-1', 'examination'],
  ['61149-1', 'objective'],
  ['51848-0', 'assessment'],
  ['11450-4', 'problems'],
  ['Orders', 'orders'],
  ['18776-5', 'plan'],
  ['Note', 'note'],
  ['77599-9', 'attachments'],
])

/** A report as its reader sees it: the words of the house in their language, what somebody wrote as it was written. */
export function printed(whole: Whole, reader: Reader): PrintedDocument {
  const { facts, signature, versions, newerNote, withdrawnAt } = whole
  const { language } = reader
  const words = catalogueOf(language)
  const [patient, practitioner, house] = ['Patient', 'Practitioner', 'Organization'].map((type) =>
    [...facts.parts.values()].find(({ resourceType }) => resourceType === type),
  )
  const zone = zoneOf(patient)
  const when = (at: string | Date) =>
    `${timeIn(language, zone, new Date(at))} (${zoneIn(language, zone, new Date(at))})`
  const say = (message: string, values: Record<string, string | number>) => formatMessage(message, language, values)
  const next = versions.find(({ version }) => version === facts.version + 1)
  const last = versions.at(-1)
  const name = nameOf(practitioner) ?? facts.practitioner
  const born = patient?.birthDate
  return {
    ...{ id: facts.report, language, title: words.titles[facts.kind], version: facts.version },
    about: { name: nameOf(patient) ?? facts.patient, ...(typeof born === 'string' && { born }) },
    issued: {
      at: new Date(facts.at),
      zone,
      by: [name],
      organisation: typeof house?.name === 'string' ? [house.name] : [],
    },
    warnings: [
      ...(signature.verified ? [] : [{ title: words.notVerified }]),
      ...(isInError(whole)
        ? [{ title: words.inError, text: withdrawnAt === undefined ? last?.reason : words.withdrawn }]
        : []),
      ...(next && next.status !== 'entered-in-error'
        ? [{ title: say(words.replaced, { version: next.version, when: when(next.at) }), text: next.reason }]
        : []),
      ...(newerNote
        ? [
            {
              title: say(newerNote.status === 'entered-in-error' ? words.noteInError : words.newerNote, {
                when: when(newerNote.at),
              }),
            },
          ]
        : []),
    ],
    ...(facts.status === 'amended' && { amends: { reason: facts.reason ?? '', at: new Date(facts.at) } }),
    sections: sectionsOf(facts, language),
    signed: [
      say(words.signed, { name, when: when(facts.at) }),
      ...(signature.verified ? [say(words.verified, { when: when(reader.at) })] : []),
    ],
  }
}

function sectionsOf(facts: Facts, language: string): Printed[] {
  const written = facts.sections.filter(({ code }) => !code?.coding.some(isOwn('amendment')))
  const all = written.map((section) => sectionOf(section, facts, language))
  if (facts.kind !== 'patient-summary') return all
  const about: Block[] = [{ kind: 'paragraph', text: wordsIn(language).limits }]
  return [...all, { heading: catalogueOf(language).headings.about, blocks: about }]
}

function sectionOf(section: Section, facts: Facts, language: string): Printed {
  const { headings } = catalogueOf(language)
  const own = section.code?.coding.find(({ system }) => system === OWN)?.code as Heading | undefined
  if (own === 'leave' && facts.said.leave)
    return { heading: headings.leave, blocks: [{ kind: 'terms', terms: leaveIn(language, facts.said.leave) }] }
  if (own) return { heading: headings[own], language: facts.language, blocks: blocksOf(section.text.div) }
  const name = facts.kind === 'patient-summary' ? summarySection(section) : undefined
  if (name) {
    const heading = wordsIn(language).sections[name]
    return { heading, isWarning: name === 'allergies', blocks: toldAnew(section, facts, language) }
  }
  const noted = NOTE.get(section.code?.coding[0]?.code ?? section.title)
  return { heading: noted ? headings[noted] : section.title, blocks: blocksOf(section.text.div) }
}

/** As FHIR writes names: the text, or its parts. */
function nameOf(person: Resource | undefined): string | undefined {
  const [first] = (person?.name ?? []) as { text?: string; family?: string; given?: string[] }[]
  const name = first?.text ?? [...(first?.given ?? []), first?.family ?? ''].join(' ').trim()
  return name === '' ? undefined : name
}

/** On the clock of whom it is about. */
function zoneOf(patient: Resource | undefined): string {
  const extensions = (patient?.extension ?? []) as { url: string; valueCode?: string }[]
  const zone = extensions.find(({ url }) => url === TIMEZONE)?.valueCode
  return zone !== undefined && zones.has(zone) ? zone : 'UTC'
}

const zones: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'))
