import type { Resource } from '../resource.ts'
import { UNKNOWN } from './absent.ts'
import { addressOf, custodianOf, documentOf, madePart, type Part, partOf } from './document.ts'
import { listed, narrative, paragraph, quoted, type Telling } from './narrative.ts'
import { NOTHING, type Required, required, type Section, sections } from './sections.ts'
import { ABSENT, confidentialityOf, type Row, shownIn } from './shown.ts'
import type { Words } from './words.ts'

const IPS = 'http://hl7.org/fhir/uv/ips'
const HL7 = 'http://terminology.hl7.org/CodeSystem'
const LOINC = 'http://loinc.org'

export interface Summary {
  base: string
  at: Date
  language: string
  words: Words
  patient: Resource & { id: string }
  rows: readonly Row[]
  /** Who cared, and with what. */
  supporting: readonly Resource[]
}

/** An International Patient Summary (hl7.org/fhir/uv/ips/STU1.1), from what a record has for it. */
export function patientSummary(of: Summary): Resource & { id: string } {
  const { base, at, language, words, patient } = of
  const subject = { reference: `Patient/${patient.id}` }
  const [custodian, author] = keptBy(of)
  const supporting = of.supporting.map((one) => partOf(base, one))
  const byUrl = new Map(supporting.map(({ fullUrl, resource }) => [fullUrl, resource]))
  const telling = { language, words, at, of: (reference: string) => byUrl.get(addressOf(reference, base)) }
  const written = (Object.keys(sections) as Section[]).flatMap((name) => sectionOf(name, of, telling) ?? [])
  const confidentiality = confidentialityOf(of.rows, [patient, ...of.supporting])
  const composition = madePart({
    ...{ resourceType: 'Composition', meta: { profile: [`${IPS}/StructureDefinition/Composition-uv-ips`] }, language },
    text: narrative(
      language,
      `${paragraph(words.title)}<p>${quoted(nameOf(patient), language)}</p>${paragraph(words.limits)}`,
    ),
    ...{ status: 'final', type: coding(LOINC, '60591-5', 'Patient summary Document'), subject },
    ...{ date: at.toISOString(), author: [{ reference: author.fullUrl }], title: words.title, confidentiality },
    custodian: { reference: custodian.fullUrl },
    event: [{ code: [coding(`${HL7}/v3-ActClass`, 'PCPR')], period: { end: at.toISOString() } }],
    section: written.map(({ section }) => section),
  })
  const refersTo = new Set(written.flatMap((one) => one.refersTo))
  const parts = [
    ...[composition, partOf(base, patient), author, custodian, ...written.flatMap(({ parts }) => parts)],
    ...supporting.filter(({ fullUrl }) => refersTo.has(fullUrl)),
  ]
  const profile = `${IPS}/StructureDefinition/Bundle-uv-ips`
  return documentOf({ base, patient: patient.id, at, language, profile, confidentiality, parts })
}

/** Nobody signs what is put together when it is asked for: its author is what did that, and who keeps the record answers for it. */
function keptBy({ base }: Summary): [custodian: Part, author: Part] {
  const organization = custodianOf(base)
  const deviceName = [{ name: 'OpenHCS', type: 'manufacturer-name' }]
  const owner = { reference: organization.fullUrl }
  return [organization, madePart({ resourceType: 'Device', deviceName, owner })]
}

interface Written {
  section: object
  parts: readonly Part[]
  /** Who cared, and with what, by fullUrl. */
  refersTo: readonly string[]
}

/** Undefined: there is nothing, and it need not be there. */
function sectionOf(name: Section, of: Summary, telling: Telling): Written | undefined {
  const { base, words, language, rows } = of
  const { entries, notToTake, isPart } = shownIn(name, rows)
  const head = { title: words.sections[name], code: coding(LOINC, sections[name].code, sections[name].display) }
  const not = notToTake.map(({ resource }) => resource)
  const prohibited = not.length > 0 ? `${paragraph(words.notToTake)}${listed(not, telling)}` : ''
  if (entries.length === 0) return isRequired(name) ? nothing(name, { head, isPart, more: prohibited }, of) : undefined
  const resources = entries.map(({ resource }) => resource)
  const parts = resources.flatMap((one) => inSection(one, base, of.patient.id))
  const entry = parts.filter(({ resource }) => name !== 'devices' || resource.resourceType === 'DeviceUseStatement')
  const told = `${listed(resources, telling)}${moreOf([...entries, ...notToTake], words)}${prohibited}`
  return {
    section: {
      ...{ ...head, text: { ...narrative(language, told), ...(not.length > 0 && ADDITIONAL) } },
      entry: entry.map(({ fullUrl: reference }) => ({ reference })),
    },
    parts,
    refersTo: entries.flatMap(({ refs }) => refs.map((ref) => addressOf(ref.slice(ref.indexOf('=') + 1), base))),
  }
}

/** It says more than its entries (hl7.org/fhir/R4/valueset-narrative-status.html). */
const ADDITIONAL = { status: 'additional' }

const isRequired = (name: Section): name is Required => required.some((one) => one === name)

/** Of each type that has more than is shown. */
function moreOf(mine: readonly Row[], words: Words): string {
  const shown = [...Map.groupBy(mine, ({ resource }) => resource.resourceType).values()]
  return shown
    .filter((rows) => (rows[0]?.total ?? 0) > rows.length)
    .map((rows) =>
      paragraph(words.more.replace('{shown}', String(rows.length)).replace('{total}', String(rows[0]?.total))),
    )
    .join('')
}

/** A section names the use of a device: that the patient has it is all that is known of that. */
function inSection(resource: Resource, base: string, patient: string): Part[] {
  const part = partOf(base, resource)
  if (resource.resourceType !== 'Device') return [part]
  const subject = { reference: `Patient/${patient}` }
  const use = { resourceType: 'DeviceUseStatement', status: 'active', subject, _timingDateTime: UNKNOWN }
  return [madePart({ ...use, device: { reference: part.fullUrl } }), part]
}

/** What a document says where it has nothing, by the codes of the International Patient Summary. */
export const NOT_KNOWN: Readonly<
  Record<Required, { type: string; unknown: string; none: string; put(code: object): object }>
> = {
  problems: {
    ...{ type: 'Condition', unknown: 'no-problem-info', none: 'no-known-problems' },
    put: (code) => ({ clinicalStatus: coding(`${HL7}/condition-clinical`, 'active'), code }),
  },
  allergies: {
    ...{ type: 'AllergyIntolerance', unknown: 'no-allergy-info', none: 'no-known-allergies' },
    put: (code) => ({ clinicalStatus: coding(`${HL7}/allergyintolerance-clinical`, 'active'), code }),
  },
  medicines: {
    ...{ type: 'MedicationStatement', unknown: 'no-medication-info', none: 'no-known-medications' },
    put: (code) => ({ status: 'unknown', medicationCodeableConcept: code, _effectiveDateTime: UNKNOWN }),
  },
}

/**
 * That somebody has said that there is nothing, or that nobody has said anything (hl7.org/fhir/uv/ips/STU1.1/CodeSystem-absent-unknown-uv-ips.html). Where there is
 * something that this reader may not see, nobody says that there is nothing.
 */
function nothing(
  name: Required,
  { head, isPart, more }: { head: object; isPart: boolean; more: string },
  { rows, words, language, patient }: Summary,
): Written {
  const isSaid = rows.some(({ section, resource }) => section === NOTHING && hasCode(resource, sections[name].code))
  const said = isSaid && !isPart
  const { type, put, ...codes } = NOT_KNOWN[name]
  const text = (said ? words.none : words.unknown)[name]
  const code = { ...coding(ABSENT, said ? codes.none : codes.unknown), text }
  const whose = { [type === 'AllergyIntolerance' ? 'patient' : 'subject']: { reference: `Patient/${patient.id}` } }
  const part = madePart({ resourceType: type, ...put(code), ...whose })
  const entry = [{ reference: part.fullUrl }]
  const told = { ...narrative(language, `${paragraph(text)}${more}`), ...(more !== '' && ADDITIONAL) }
  return { section: { ...head, text: told, entry }, parts: [part], refersTo: [] }
}

const hasCode = ({ code }: Resource, wanted: string): boolean =>
  ((code as { coding?: { system?: string; code?: string }[] } | undefined)?.coding ?? []).some(
    (one) => one.system === LOINC && one.code === wanted,
  )

const coding = (system: string, code: string, display?: string) => ({
  coding: [{ system, code, ...(display !== undefined && { display }) }],
})

/** As FHIR writes names: the text, or its parts. */
function nameOf({ name }: Resource): string {
  const [first] = (name ?? []) as { text?: string; family?: string; given?: string[] }[]
  return first?.text ?? [...(first?.given ?? []), first?.family ?? ''].join(' ').trim()
}
