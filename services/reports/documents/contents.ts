import { madePart, type Part, partOf } from '#fhir/documents/document.ts'
import { kinds, requiredTypes, supportingTypes } from '#fhir/documents/sections.ts'
import { summarise } from '#fhir/documents/summarise.ts'
import { faceOf } from '#fhir/face.ts'
import type { Coding, Resource } from '#fhir/resource.ts'
import { labelled } from '#fhir/rooms/labels.ts'
import { findWithin, readWithin, versionsWithin } from '#fhir/rooms/read.ts'
import { mayCall } from '#platform/access.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { readConsultation } from '../../consultations/contract.ts'
import { type Kind, OWN, type Section } from './codes.ts'
import { type Content, ownSection } from './composing.ts'
import type { Said } from './facts.ts'
import { leaveIn } from './print-leave.ts'
import { isAbout } from './read-report.ts'
import { catalogueOf } from './words/catalogues.ts'

export interface Of {
  kind: Kind
  patient: string
  practitioner: string
  language: string
  consultation?: string | undefined
  category?: string | undefined
  /** Of one that is made anew: what it had. */
  labels?: readonly Coding[]
  said: Said
  /** The report that is made anew: the consultation is its own, whoever its patient stands for by now. */
  amended?: string
}

/** What is asked of others before anything is written. */
export interface Gathered {
  summary?: Resource
  /** The consultation, as its room shows it to whoever asks. */
  note?: { version: number | undefined; category: string }
}

const refused = (detail: string, pointer = '/body/consultation') =>
  new Problem('business-rule', 'This report cannot be made.', { errors: [{ pointer, detail }] })

export async function gatherFor<T>(ctx: Context<T>, of: Of): Promise<Gathered> {
  const summary = of.kind === 'patient-summary' ? await summaryOf(ctx, of) : undefined
  const note = of.consultation === undefined ? undefined : await noteOf(ctx, of)
  return { ...(summary && { summary }), ...(note && { note }) }
}

/** As far as whoever freezes it may see it. */
function summaryOf<T>(ctx: Context<T>, { patient, language }: Of): Promise<Resource> {
  const wanted = [...new Set([...requiredTypes, ...kinds.map(({ type }) => type), ...supportingTypes])]
  const types = wanted.filter((type) => mayCall(ctx.actor, { access: `${type as 'Patient'}.r`, patient: 'condition' }))
  if (!requiredTypes.every((type) => types.includes(type)))
    throw new Problem('forbidden', `A summary needs the right to read ${requiredTypes.join(', ')}.`)
  return summarise(ctx as unknown as Context<unknown>, { base: faceOf(ctx.config).base, patient, language, types })
}

async function noteOf<T>(
  ctx: Context<T>,
  { kind, patient, consultation = '', amended }: Of,
): Promise<Gathered['note']> {
  const read = await ctx.call(readConsultation, { params: { id: consultation } }).catch((error: unknown) => {
    throw error instanceof Problem && error.code === 'not-found' ? refused('is none that you may see') : error
  })
  const isTheirs = read.patient === patient || (amended !== undefined && (await isAbout(ctx, amended, read.patient)))
  if (!isTheirs) throw refused('is of another patient')
  if (read.status === 'entered-in-error') throw refused('was entered in error')
  if (kind === 'visit' && read.noteVersion === undefined) throw refused('is not signed yet: sign its note first')
  if (read.signatures.some((one) => one.noteVersion === read.noteVersion && !one.verified))
    throw refused('has a note that is not what was signed: tell an administrator')
  return { version: read.noteVersion, category: read.category }
}

export async function contentOf<T>(ctx: TransactionContext<T>, of: Of, gathered: Gathered): Promise<Content> {
  const { language, said, consultation, category, labels = [] } = of
  const words = catalogueOf(language)
  const remarks =
    said.remarks === undefined ? [] : [ownSection('remarks', words.headings.remarks, language, said.remarks)]
  const own = await bodyOf(ctx, of, gathered)
  return {
    ...{ title: words.titles[of.kind], ...own, encounter: consultation },
    sections: [...own.sections, ...remarks],
    labels: [...labels, ...(labelled([category ?? gathered.note?.category ?? 'general']).meta?.security ?? [])],
  }
}

type Body = Pick<Content, 'sections' | 'parts'> & Partial<Content>

function bodyOf<T>(ctx: TransactionContext<T>, of: Of, { summary, note }: Gathered): Body | Promise<Body> {
  if (summary) return frozen(summary)
  if (of.kind === 'visit') return visit(ctx, of, note?.version ?? 0)
  return of.said.letter ? letter(of, of.said.letter) : leave(of, of.said.leave as NonNullable<Said['leave']>)
}

/** The summary as it was made, with who answers for it. */
function frozen(summary: Resource): Body {
  const [first, ...parts] = summary.entry as [Part, ...Part[]]
  const { meta, text, author, custodian, event, confidentiality, section, title } = first.resource as Resource & {
    author: { reference: string }[]
    section: Section[]
    title: string
  }
  const whose = parts.find(({ resource }) => resource.resourceType === 'Patient')?.resource
  return {
    ...{ title, sections: section, parts, authors: author, profile: summary.meta?.profile?.[0], patient: whose },
    more: { meta, text, custodian, event, confidentiality },
  }
}

/** The note as it was signed: its words, and each resource in the version that it names. */
async function visit<T>(ctx: TransactionContext<T>, { consultation = '' }: Of, version: number): Promise<Body> {
  const { base } = faceOf(ctx.config)
  const by = { heldBy: 'consultations' }
  const { resources } = await findWithin(ctx, 'Composition', { encounter: `Encounter/${consultation}` }, by)
  const id = resources[0]?.id ?? ''
  const note = (await versionsWithin(ctx, [{ type: 'Composition', id, version }])).get(
    `Composition/${id}/_history/${version}`,
  )
  if (!note) throw refused('has changed meanwhile: read it again')
  const sections = note.section as Section[]
  const named = sections.flatMap(({ entry = [] }) => entry.map(({ reference }) => reference.split('/')))
  const found = await versionsWithin(
    ctx,
    named.map(([type = '', own = '', , number]) => ({ type, id: own, version: Number(number) })),
  )
  const encounter = await readWithin(ctx, [{ type: 'Encounter', id: consultation }])
  return {
    sections,
    parts: [...encounter.values(), ...found.values()].map((one) => partOf(base, one)),
    madeFrom: `${base}/Composition/${id}/_history/${version}`,
  }
}

function letter({ patient, practitioner, language }: Of, { to, why, asked }: NonNullable<Said['letter']>): Body {
  const { headings } = catalogueOf(language)
  const request = madePart({
    ...{ resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: { text: asked } },
    subject: { reference: `Patient/${patient}` },
    requester: { reference: `Practitioner/${practitioner}` },
    ...{ performer: [{ display: to }], reasonCode: [{ text: why }] },
  })
  const section = (code: 'to' | 'why' | 'asked', text: string, entry: readonly string[] = []) =>
    ownSection(code, headings[code], language, text, entry)
  return {
    sections: [section('to', to), section('why', why), section('asked', asked, [request.fullUrl])],
    parts: [request],
  }
}

/** R4 has no resource for it: an Observation of how much of their work somebody can do, from when until when. */
function leave({ patient, practitioner, language }: Of, said: NonNullable<Said['leave']>): Body {
  const { from: start, until: end, workCapacity: value, diagnosis } = said
  const subject = { reference: `Patient/${patient}` }
  const capacity = madePart({
    ...{ resourceType: 'Observation', status: 'final', subject },
    code: { coding: [{ system: OWN, code: 'work-capacity' }], text: 'Work capacity' },
    ...{ effectivePeriod: { start, end }, performer: [{ reference: `Practitioner/${practitioner}` }] },
    valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  })
  const condition = diagnosis && madePart({ resourceType: 'Condition', subject, code: diagnosis })
  const parts = [capacity, ...(condition ? [condition] : [])]
  const text = leaveIn(language, said)
    .map(({ term, value }) => `${term}: ${value}`)
    .join('\n')
  const entry = parts.map(({ fullUrl }) => fullUrl)
  return { sections: [ownSection('leave', catalogueOf(language).headings.leave, language, text, entry)], parts }
}
