import type { Static } from 'typebox'
import { numberOf } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import type { amendReport, makeReport, Report } from '../contract.ts'
import { isOwn, type Kind, OWN, type Section, VERSION } from './codes.ts'
import { textOf } from './narrative.ts'

export type Made = Static<typeof Report>
export type Status = Made['status']
export type Wish = Static<typeof makeReport.body>
export type Said = Pick<Static<typeof amendReport.body>, 'letter' | 'leave' | 'remarks'>

type Composition = Resource & {
  status: Status
  date: string
  title: string
  language: string
  extension?: { url: string; valueString?: string }[]
  identifier: { value: string }
  type: { coding: { system: string; code: string }[] }
  subject: { reference: string }
  encounter?: { reference?: string; identifier?: { value?: string } }
  attester: { time: string; party: { reference?: string; identifier?: { value?: string } } }[]
  relatesTo?: { code: string; targetIdentifier?: { value?: string } }[]
  section: Section[]
}

/** What a report says of itself: all of it is signed. */
export interface Facts {
  kind: Kind
  status: Status
  title: string
  /** Of the Composition's identifier: which report it is. */
  report: string
  version: number
  patient: string
  practitioner: string
  consultation: string | undefined
  language: string
  at: string
  reason: string | undefined
  /** The version of a note: its address. */
  madeFrom: string | undefined
  said: Said
  sections: readonly Section[]
  parts: ReadonlyMap<string, Resource>
}

export function factsOf(document: Resource): Facts {
  const entries = (document.entry ?? []) as { fullUrl: string; resource: Resource }[]
  const composition = entries[0]?.resource as Composition
  const { status, title, language, date, section, identifier, type, subject, encounter, attester } = composition
  const parts = new Map(entries.map(({ fullUrl, resource }) => [fullUrl, resource]))
  const own = (code: string) => section.find((one) => one.code?.coding.some(isOwn(code)))
  return {
    ...{ status, title, language, at: date, sections: section, parts },
    kind: type.coding.find(({ system }) => system === OWN)?.code as Kind,
    report: identifier.value.replace('urn:uuid:', ''),
    version: Number(composition.extension?.find(({ url }) => url === VERSION)?.valueString),
    patient: idIn(subject),
    practitioner: idIn(attester[0]?.party),
    consultation: encounter && idIn(encounter),
    reason: textIn(own('amendment')),
    madeFrom: composition.relatesTo?.find(({ code }) => code === 'transforms')?.targetIdentifier?.value,
    said: saidIn(own, [...parts.values()]),
  }
}

const idIn = (to: { reference?: string; identifier?: { value?: string } } | undefined): string =>
  (to?.reference ?? to?.identifier?.value ?? '').split('/').at(-1) ?? ''

function saidIn(own: (code: string) => Section | undefined, resources: readonly Resource[]): Said {
  const [to, why, asked, remarks] = ['to', 'why', 'asked', 'remarks'].map((code) => textIn(own(code)))
  const entries = own('leave')?.entry?.length ?? 0
  const capacity = resources.find(({ code }) =>
    (code as { coding?: { system: string; code: string }[] } | undefined)?.coding?.some(isOwn('work-capacity')),
  )
  const { start: from = '', end: until = '' } = (capacity?.effectivePeriod ?? {}) as { start?: string; end?: string }
  const workCapacity = numberOf((capacity?.valueQuantity as { value?: unknown } | undefined)?.value) ?? 0
  const diagnosis = entries > 1 ? resources.find(({ resourceType }) => resourceType === 'Condition')?.code : undefined
  return {
    ...(to !== undefined && why !== undefined && asked !== undefined && { letter: { to, why, asked } }),
    ...(capacity && {
      leave: { from, until, workCapacity, ...(diagnosis !== undefined && { diagnosis: diagnosis as object }) },
    }),
    ...(remarks !== undefined && { remarks }),
  }
}

const textIn = (section: Section | undefined): string | undefined => section && textOf(section.text.div)
