import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '#fhir/resource.ts'
import { labelled } from '#fhir/rooms/labels.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { Write } from '#fhir/rooms/write.ts'
import { isMassIndex, massIndexInFhir, massIndexOf, measuredInFhir } from '#fhir/vital-signs/observation.ts'
import { vitalSigns } from '#fhir/vital-signs/vital-signs.ts'
import { newId } from '#platform/ids.ts'
import type { ConsultationRow } from '../queries.ts'
import { entriesOf, sectionsInFhir } from './composition.ts'
import { isCalled } from './concept.ts'
import type { Changes, NotedOrder, NotedProblem, NotedVital, NoteSections } from './note.ts'

// What signing a note writes: each part as the resource that it is, so that whoever reads the record by FHIR finds it.

export interface Given {
  row: ConsultationRow
  /** What of it is sensitive beside the category of the consultation, since it names what is: labels what tells of that. */
  also: readonly string[]
  sections: NoteSections
  /** Who signs. */
  practitioner: string
  /** Who typed what of the draft. */
  changes: Changes
  now: Date
  encounter: Kept
  /** What the note refers to and is in the record already, by `Type/id`, as it is now. */
  kept: ReadonlyMap<string, Kept>
  /** What is amended. */
  before: Kept | undefined
  attachments: readonly { id: string; title: string; content_type: string; content: Buffer; added_at: Date }[]
}

/** A part of the note: what is written of it, and how the note names it. */
interface Part {
  write: Write | undefined
  /** As it is, where it says so already. */
  kept: Kept | undefined
  reference: string
  says: string
}

const CODES = 'http://terminology.hl7.org/CodeSystem'

const about = ({ row }: Given) => ({
  ...labelled([row.category]),
  subject: { reference: `Patient/${row.patient_id}` },
  encounter: { reference: `Encounter/${row.id}` },
})
const by = ({ practitioner }: Given) => ({ reference: `Practitioner/${practitioner}` })
const concept = (system: string, code: string) => ({ coding: [{ system: `${CODES}/${system}`, code }] })

export const versionOf = ({ meta }: Kept): number => Number(meta.versionId)

/** Written anew where it says something else than what is kept; named by the version that this makes. */
function part(resource: Resource & { id: string }, kept: Kept | undefined, says: string, isHeld: boolean): Part {
  const name = `${resource.resourceType}/${resource.id}`
  const same = kept !== undefined && isDeepStrictEqual(plain(kept), plain(resource))
  if (same) return { write: undefined, kept, reference: `${name}/_history/${versionOf(kept)}`, says }
  const version = kept && versionOf(kept)
  const write = { resource, isHeld, ...(version !== undefined && { version }) }
  return { write, kept: undefined, reference: `${name}/_history/${(version ?? 0) + 1}`, says }
}

/** As JSON has it, without what the store adds. */
const plain = ({ meta, ...resource }: Resource): unknown =>
  JSON.parse(JSON.stringify({ ...resource, ...(meta?.security && { security: meta.security }) }))

export interface Note {
  writes: Write[]
  /** What it consists of and need not be written: it is signed with the rest. */
  unchanged: Kept[]
}

export function writeNote(given: Given): Note {
  const { sections } = given
  const vitals = (sections.vitals ?? []).map((one) => vital(one, given))
  const massIndex = massIndexPart(sections.vitals ?? [], given)
  const problems = (sections.problems ?? []).map((one) => problem(one, given))
  const orders = (sections.orders ?? []).map((one) => order(one, given))
  const documents = given.attachments.map((one) => attachment(one, given))
  const attachments = [...earlier(given), ...documents.map(({ document }) => document)]
  const measured = [...vitals, ...massIndex]
  const parts = [...measured, ...problems, ...orders, ...attachments]
  const composition = compositionOf(
    given,
    sectionsInFhir(sections, { vitals: measured, problems, orders, attachments }),
  )
  return {
    writes: [
      finished(given, problems),
      ...parts.flatMap(({ write }) => write ?? []),
      ...withdrawn(given, parts),
      ...documents.map(({ binary }) => binary),
      { resource: composition, isHeld: true, ...(given.before && { version: versionOf(given.before) }) },
    ],
    unchanged: parts.flatMap(({ kept }) => kept ?? []),
  }
}

/** Files of what is amended: nobody else changes them. */
const earlier = ({ before, kept }: Given): Part[] =>
  (before ? entriesOf(before, 'attachments') : []).map((reference) => {
    const own = kept.get(reference.split('/_history')[0] ?? '')
    return { write: undefined, kept: own, reference, says: String(own?.description ?? 'Attachment') }
  })

function vital({ id = newId(), at, ...measured }: NotedVital, given: Given): Part {
  const { row, kept } = given
  const own = kept.get(`Observation/${id}`)
  const resource = {
    ...measuredInFhir(measured),
    id,
    status: own ? 'amended' : 'final',
    ...about(given),
    effectiveDateTime: at ?? row.started_at.toISOString(),
    performer: own?.performer ?? [by(given)],
  }
  const says = [measured.systolic, measured.diastolic].every((one) => one !== undefined)
    ? `${measured.systolic}/${measured.diastolic}`
    : String(measured.value)
  return asIs(resource, own, `${vitalSigns[measured.kind].display}: ${says} ${measured.unit}`)
}

/** What was not changed is not amended. */
const asIs = (resource: Resource & { id: string }, own: Kept | undefined, says: string): Part =>
  part(
    own && isDeepStrictEqual(plain({ ...resource, status: own.status }), plain(own)) ? own : resource,
    own,
    says,
    true,
  )

function massIndexPart(vitals: readonly NotedVital[], given: Given): Part[] {
  const index = massIndexOf(vitals.map((one) => ({ ...one, at: one.at ?? given.row.started_at.toISOString() })))
  if (index === undefined) return []
  const { value, at } = index
  const own = [...given.kept.values()].find((one) => one.resourceType === 'Observation' && isMassIndex(one))
  const resource = {
    ...massIndexInFhir(value),
    id: own?.id ?? newId(),
    status: own ? 'amended' : 'final',
    ...about(given),
    effectiveDateTime: at,
    performer: own?.performer ?? [by(given)],
  }
  return [asIs(resource, own, `Body mass index, computed: ${value} kg/m2`)]
}

interface Noted {
  note?: { text?: string }[]
}

/** Added to what others noted. */
const withNote = (text: string | undefined, own: Noted | undefined, given: Given) => {
  const notes = own?.note ?? []
  if (text === undefined || notes.at(-1)?.text === text) return notes.length > 0 ? { note: notes } : {}
  return { note: [...notes, { authorReference: by(given), time: given.now.toISOString(), text }] }
}

/** As it is kept, where it says so already, with the words that others gave it. */
const statusOf = (system: string, code: string | undefined, kept: unknown): unknown => {
  const { coding } = (kept ?? {}) as { coding?: { code?: string }[] }
  return code === undefined || coding?.[0]?.code === code ? kept : concept(system, code)
}

function problem({ id, code, onset, note, ...noted }: NotedProblem, given: Given): Part {
  const own = id === undefined ? undefined : given.kept.get(`Condition/${id}`)
  const { clinicalStatus: clinical, verificationStatus: verification, ...rest } = own ?? ({} as Partial<Kept>)
  const clinicalStatus = statusOf('condition-clinical', noted.clinicalStatus ?? (own ? undefined : 'active'), clinical)
  const verificationStatus = statusOf('condition-ver-status', noted.verificationStatus, verification)
  // con-5: what is in error has none.
  const hasClinical = clinicalStatus !== undefined && noted.verificationStatus !== 'entered-in-error'
  const resource = {
    resourceType: 'Condition',
    id: id ?? newId(),
    ...(own ? rest : { ...about(given), category: [concept('condition-category', 'problem-list-item')], code }),
    ...(!own && { recordedDate: given.now.toISOString(), recorder: by(given) }),
    ...(hasClinical && { clinicalStatus }),
    ...(verificationStatus !== undefined && { verificationStatus }),
    ...(onset !== undefined && { onsetDateTime: onset }),
    ...withNote(note, own as Noted | undefined, given),
  }
  const stands = saidOf(hasClinical ? wordsOf(clinicalStatus) : '', wordsOf(verificationStatus))
  return part(resource, own, inOneLine([wordsOf(own?.code ?? code), ...stands, note]), false)
}

function order({ id, code, priority, note }: NotedOrder, given: Given): Part {
  const own = id === undefined ? undefined : given.kept.get(`ServiceRequest/${id}`)
  const resource = {
    ...(own ?? {
      status: 'active',
      intent: 'order',
      ...about(given),
      authoredOn: given.now.toISOString(),
      requester: by(given),
    }),
    resourceType: 'ServiceRequest',
    id: id ?? newId(),
    ...(code && !(own && isCalled(own, code)) && { code }),
    ...(priority && { priority }),
    ...withNote(note, own as Noted | undefined, given),
  }
  return part(
    resource,
    own,
    inOneLine([wordsOf(code ?? own?.code), ...saidOf(String(resource.priority ?? '')), note]),
    false,
  )
}

/** Of problems and of orders. */
const GOES_WITHOUT_SAYING: ReadonlySet<string> = new Set(['active', 'confirmed', 'routine'])
const saidOf = (...all: string[]): string[] => all.filter((one) => !GOES_WITHOUT_SAYING.has(one))

/** Each part of the note has a line: none looks like two. */
const inOneLine = (all: readonly (string | undefined)[]): string =>
  all.flatMap((one) => one?.replace(/\s+/g, ' ').trim() || []).join(' · ')

/** In words, else by a code. */
export function wordsOf(code: unknown): string {
  const { text, coding = [] } = (code ?? {}) as { text?: string; coding?: { display?: string; code?: string }[] }
  return text ?? coding[0]?.display ?? coding[0]?.code ?? ''
}

/** By what its content is: RFC 6920. */
export const nameOfContent = (content: Buffer): string =>
  `ni:///sha-256;${createHash('sha256').update(content).digest('base64url')}`

function attachment({ id, title, content_type, content, added_at }: Given['attachments'][number], given: Given) {
  const { encounter, ...of } = about(given)
  const file = { contentType: content_type, url: `Binary/${id}`, title, size: content.length }
  const document = {
    resourceType: 'DocumentReference',
    id,
    ...of,
    masterIdentifier: { system: 'urn:ietf:rfc:3986', value: nameOfContent(content) },
    status: 'current',
    date: added_at.toISOString(),
    author: [by(given)],
    description: title,
    content: [{ attachment: file }],
    context: { encounter: [encounter] },
  }
  const resource = {
    resourceType: 'Binary',
    id,
    contentType: content_type,
    securityContext: { reference: `DocumentReference/${id}` },
    data: content.toString('base64'),
  }
  return { document: part(document, undefined, title, true), binary: { resource, isHeld: true } }
}

function finished({ encounter, now, row, also }: Given, problems: readonly Part[]): Write {
  const period = { ...(encounter.period as object), end: row.signed_at?.toISOString() ?? now.toISOString() }
  const diagnosis = problems.map(({ reference }) => ({ condition: { reference: reference.split('/_history')[0] } }))
  const { diagnosis: _before, ...rest } = encounter
  const labels = labelled([row.category, ...also])
  const resource = {
    ...rest,
    ...labels,
    status: 'finished',
    period,
    ...(diagnosis.length > 0 && { diagnosis }),
  } as Kept
  return { resource, version: versionOf(encounter), isHeld: true }
}

function compositionOf(given: Given, section: object[]): Resource & { id: string } {
  const { row, also, now, before } = given
  const time = now.toISOString()
  return {
    resourceType: 'Composition',
    id: row.composition_id,
    ...about(given),
    ...labelled([row.category, ...also]),
    status: before ? 'amended' : 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '11488-4', display: 'Consult note' }] },
    date: time,
    author: authorsOf(given),
    title: 'Consultation note',
    attester: [{ mode: 'professional', time, party: by(given) }],
    section,
  }
}

/** Who wrote or signed it: whoever is named as giving the consultation took part, as far as anybody knows. */
function authorsOf({ before, changes, practitioner }: Given): { reference: string }[] {
  const earlier = ((before?.author ?? []) as { reference: string }[]).map(({ reference }) => reference)
  const wrote = [...Object.values(changes).map(({ by }) => by), practitioner].map((id) => `Practitioner/${id}`)
  return [...new Set([...earlier, ...wrote])].map((reference) => ({ reference }))
}

/** What the note said and says no more: measured values were an error, and orders that nobody has carried out yet. A problem stays in the list until somebody says otherwise of it. */
function withdrawn({ before, kept }: Given, parts: readonly Part[]): Write[] {
  if (!before) return []
  const named = new Set(parts.map(({ reference }) => reference.split('/_history')[0]))
  const gone = [...entriesOf(before, 'vitals'), ...entriesOf(before, 'orders')]
    .map((reference) => reference.split('/_history')[0] ?? '')
    .filter((name) => !named.has(name))
  return gone.flatMap((name) => inError(kept.get(name)) ?? [])
}

/** What this was is in error, where that is for the note to say. */
export function inError(own: Kept | undefined): Write | undefined {
  if (own === undefined || own.status === 'entered-in-error') return undefined
  if (own.resourceType === 'ServiceRequest' && own.status !== 'active') return undefined
  const isHeld = own.resourceType !== 'ServiceRequest' && own.resourceType !== 'Condition'
  if (own.resourceType !== 'Condition')
    return { resource: { ...own, status: 'entered-in-error' }, version: versionOf(own), isHeld }
  const { clinicalStatus: _status, ...rest } = own
  const resource = { ...rest, verificationStatus: concept('condition-ver-status', 'entered-in-error') } as Kept
  return { resource, version: versionOf(own) }
}
