import { CONFIDENTIALITY, custodianOf, documentOf, type Part, partOf } from '#fhir/documents/document.ts'
import type { Coding, Resource } from '#fhir/resource.ts'
import { newId } from '#platform/ids.ts'
import { goesToOthers, type Kind, OWN, type Section, TIMEZONE, typeOf, UUID, urnOf, VERSION } from './codes.ts'
import { written } from './narrative.ts'
import { catalogueOf } from './words/catalogues.ts'

// A report as the FHIR document that is signed (hl7.org/fhir/R4/documents.html). What R4 has no element for has that of R5, by its extension (hl7.org/fhir/R5/versions.html#extensions).

/** What a kind of report says of its own. */
export interface Content {
  title: string
  sections: readonly Section[]
  parts: readonly Part[]
  /** The consultation that it is of. */
  encounter?: string | undefined
  /** The version of a note that it tells, by its address. */
  madeFrom?: string | undefined
  /** Beside the practitioner: the software that put it together. */
  authors?: readonly { reference: string }[]
  /** What else its Composition says. */
  more?: Readonly<Record<string, unknown>>
  profile?: string | undefined
  labels?: readonly Coding[]
  /** By whom the patient stands, where that is another one by now. */
  patient?: Resource | undefined
}

export interface Making {
  id: string
  kind: Kind
  base: string
  patient: Resource
  practitioner: Resource
  at: Date
  language: string
  version: number
  status: 'final' | 'amended' | 'entered-in-error'
  reason?: string | undefined
  /** The document that this one takes the place of. */
  replaces?: string | undefined
  content: Content
}

/** Without its signature. */
export function reportOf(given: Making): Resource & { id: string } {
  const isForOthers = goesToOthers(given.kind)
  const whole = given.content.patient ?? given.patient
  const making = { ...given, patient: isForOthers ? namedAlone(whole) : whole }
  const { id, base, patient, practitioner, at, language, content } = making
  const custodian = content.more?.custodian === undefined ? custodianOf(base) : undefined
  const around = [partOf(base, patient), partOf(base, practitioner), ...(custodian ? [custodian] : [])]
  const known = new Set(around.map(({ fullUrl }) => fullUrl))
  const parts = [...around, ...content.parts.filter(({ fullUrl }) => !known.has(fullUrl))]
  const security = allLabels(content, parts)
  // What people may refuse to show is restricted.
  const confidentiality = String(content.more?.confidentiality ?? (security && !isForOthers ? 'R' : 'N'))
  const told = { security: isForOthers ? undefined : security, confidentiality }
  const composition = compositionOf(making, told, custodian)
  const all = [{ fullUrl: `urn:uuid:${composition.id}`, resource: composition }, ...parts]
  const { profile } = content
  const document = documentOf({ base, patient: String(patient.id), at, language, profile, confidentiality, parts: all })
  const labels = [...(document.meta?.security ?? []), ...(security ?? [])]
  return { ...document, id, meta: { ...document.meta, security: labels } }
}

/** Whom an employer or another house is given: without what else is known of them, but for the clock by which it is printed. */
function namedAlone({ id = '', name, birthDate, extension }: Resource): Resource {
  const zone = ((extension ?? []) as { url: string }[]).filter(({ url }) => url === TIMEZONE)
  return {
    ...{ resourceType: 'Patient', id },
    ...(zone.length > 0 && { extension: zone }),
    ...(name !== undefined && { name }),
    ...(birthDate !== undefined && { birthDate }),
  }
}

interface Marked {
  security: Coding[] | undefined
  confidentiality: string
}

function compositionOf(making: Making, { security, confidentiality }: Marked, custodian: Part | undefined): Resource {
  const { id, kind, practitioner, at, language, version, status, reason, replaces, content } = making
  const by = { reference: `Practitioner/${practitioner.id}` }
  const { meta, ...more } = content.more ?? {}
  const relatesTo = [
    ...(replaces === undefined ? [] : [{ code: 'replaces', targetIdentifier: { system: UUID, value: replaces } }]),
    ...(content.madeFrom === undefined
      ? []
      : [{ code: 'transforms', targetIdentifier: { system: UUID, value: content.madeFrom } }]),
  ]
  return {
    ...{
      resourceType: 'Composition',
      id: newId(),
      ...(meta || security ? { meta: { ...(meta ?? {}), ...(security && { security }) } } : {}),
    },
    language,
    extension: [{ url: VERSION, valueString: String(version) }],
    ...{ identifier: urnOf(id), status, type: typeOf(kind), subject: { reference: `Patient/${making.patient.id}` } },
    ...(content.encounter !== undefined && { encounter: { reference: `Encounter/${content.encounter}` } }),
    ...{ date: at.toISOString(), author: [by, ...(content.authors ?? [])], title: content.title, confidentiality },
    ...(custodian && { custodian: { reference: custodian.fullUrl } }),
    attester: [{ mode: 'professional', time: at.toISOString(), party: by }],
    ...(relatesTo.length > 0 && { relatesTo }),
    ...more,
    section: [...(reason === undefined ? [] : [amendment(language, reason)]), ...content.sections],
  }
}

/** Whatever of it is sensitive makes all of it so. */
function allLabels({ labels = [] }: Content, parts: readonly Part[]): Coding[] | undefined {
  const all = [...labels, ...parts.flatMap(({ resource }) => resource.meta?.security ?? [])]
  const security = [
    ...new Map(
      all.map(({ system, code }) => [`${system} ${code}`, { ...(system && { system }), ...(code && { code }) }]),
    ).values(),
  ]
  return security.length > 0 ? security : undefined
}

/** What a report is labelled with, but for how confidential that makes it: an amendment takes none of it away. */
export const labelsOf = ({ meta }: Resource): Coding[] =>
  (meta?.security ?? []).filter(({ system }) => system !== CONFIDENTIALITY)

/** Whoever reads the document anywhere reads why there is this version. */
const amendment = (language: string, reason: string): Section =>
  ownSection('amendment', catalogueOf(language).headings.amendment, language, reason)

export const ownSection = (
  code: string,
  title: string,
  language: string,
  text: string,
  entry: readonly string[] = [],
): Section => ({
  ...{ title, code: { coding: [{ system: OWN, code }] } },
  text: { status: 'additional', div: written(language, text) },
  ...(entry.length > 0 && { entry: entry.map((reference) => ({ reference })) }),
})
