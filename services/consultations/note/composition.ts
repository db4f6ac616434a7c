import type { Resource } from '#fhir/resource.ts'
import { type SectionName, sectionNames } from '../contract/note.ts'
import { narrativeOf, textOf } from './narrative.ts'
import { isEmpty, type NoteSections } from './note.ts'

interface Section {
  title?: string
  text?: { div?: string }
  entry?: { reference?: string }[]
}

/** What the sections are called in the record, with their LOINC codes where R4 names one for it (hl7.org/fhir/R4/valueset-doc-section-codes.html; problems: that of the IPS). */
const TITLES: Readonly<Record<SectionName | 'attachments', readonly [title: string, code?: string]>> = {
  reason: ['Reason for visit', '29299-5'],
  history: ['History of present illness', '10164-2'],
  subjective: ['Subjective', '61150-9'],
  vitals: ['Vital signs', '8716-3'],
  examination: ['Physical findings', '29545-1'],
  objective: ['Objective', '61149-1'],
  assessment: ['Assessment', '51848-0'],
  problems: ['Problems', '11450-4'],
  orders: ['Orders'],
  plan: ['Plan of care', '18776-5'],
  note: ['Note'],
  attachments: ['Attachments', '77599-9'],
}

/** Of the sections that are lists: the resources that they consist of, and what they say in words. */
export type Entries = Readonly<
  Record<'vitals' | 'problems' | 'orders' | 'attachments', readonly { reference: string; says: string }[]>
>

export function sectionsInFhir(sections: NoteSections, entries: Entries): object[] {
  return [...sectionNames, 'attachments' as const].flatMap((name) => {
    const [title, code] = TITLES[name]
    const listed = name in entries ? entries[name as keyof Entries] : undefined
    const text = listed ? listed.map(({ says }) => says).join('\n') : sections[name as keyof NoteSections]
    if (typeof text !== 'string' || isEmpty(text)) return []
    const coded = code && { code: { coding: [{ system: 'http://loinc.org', code }] } }
    const entry = listed && { entry: listed.map(({ reference }) => ({ reference })) }
    return { title, ...coded, text: narrativeOf(text), ...entry }
  })
}

const sectionOf = (composition: Resource, name: SectionName | 'attachments'): Section | undefined =>
  ((composition.section ?? []) as Section[]).find(({ title }) => title === TITLES[name][0])

const LISTS: ReadonlySet<SectionName> = new Set(['vitals', 'problems', 'orders'])

/** The sections that are text, as they were written. */
export const textsOf = (composition: Resource): NoteSections =>
  Object.fromEntries(
    sectionNames.flatMap((name) => {
      const div = LISTS.has(name) ? undefined : sectionOf(composition, name)?.text?.div
      return div === undefined ? [] : [[name, textOf(div)]]
    }),
  )

/** What one that is a list consists of: `Type/id/_history/version`. */
export const entriesOf = (composition: Resource, name: keyof Entries): string[] =>
  (sectionOf(composition, name)?.entry ?? []).flatMap(({ reference }) => reference ?? [])

export interface VersionName {
  type: string
  id: string
  version: number
}

export const nameOf = ({ type, id, version }: VersionName): string => `${type}/${id}/_history/${version}`

export function versionNamed(reference: string): VersionName {
  const [type = '', id = '', , version] = reference.split('/')
  return { type, id, version: Number(version) }
}
