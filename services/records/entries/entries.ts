import { copyOf } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { type Found, findOf, findWithin, type Kept, type Parameters } from '#fhir/rooms/read.ts'
import { expectSees, expectTreats } from '#fhir/rooms/relationship.ts'
import { timelineOf } from '#fhir/rooms/timeline.ts'
import { type Write, writeResources } from '#fhir/rooms/write.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { RecordsTables } from '../tables.ts'
import { expectVersion, shownOf } from './changes-since.ts'
import { expectMeasured } from './expect-measured.ts'
import { expectPlausible } from './expect-plausible.ts'
import { type Body, put, writeFields } from './fields.ts'
import { isRetracted, type Kind, practitionerIn } from './kinds.ts'
import { type Recorded, recordedOf, sourceOf } from './recorded.ts'

type Ctx = Context<RecordsTables>
type Tx = TransactionContext<RecordsTables>

export interface EntryOf {
  patient: string
  entry: string
}

export const notThere = () => new Problem('not-found', 'There is no such entry, or you may not see it.')

/** What still holds, and behind that all else. */
export async function listEntries(
  ctx: Ctx,
  kind: Kind,
  {
    patient,
    include = 'active',
    limit = 20,
    cursor,
  }: { patient: string; include?: string; limit?: number; cursor?: string },
): Promise<{ items: Body[]; next?: string }> {
  await expectSees(ctx, patient)
  const [part = 0, within = ''] = decodeCursor(cursor, ['integer', 'text']) ?? []
  const [parameter, values] = kind.holds
  const which: Record<string, string | string[]> =
    part === 0 ? { [parameter]: values.join(',') } : { [`${parameter}:not`]: [...values] }
  const page = await pageOf(ctx, kind, { patient, which, limit, ...(within !== '' && { cursor: String(within) }) })
  const goesOn = page.next !== undefined ? [part, page.next] : part === 0 && include === 'all' ? [1, ''] : undefined
  return {
    items: await entriesOf(ctx, kind, patient, page.resources),
    ...(goesOn && { next: encodeCursor(goesOn) }),
  }
}

interface Part {
  patient: string
  which: Parameters
  limit: number
  cursor?: string
}

/** What happened at a time, from the newest, along the record; what lasts, as it came. */
async function pageOf(ctx: Ctx, { type, byTime = false }: Kind, part: Part): Promise<Found> {
  const { patient, which, limit, cursor } = part
  if (!byTime) return findOf(ctx, type, { patient, ...which, _count: String(limit), ...(cursor && { cursor }) })
  const { events, next } = await timelineOf(ctx, { patient, types: [type], where: which, limit, cursor })
  return { resources: events.map(({ resource }) => resource), next }
}

export async function readEntry(ctx: Ctx, kind: Kind, { patient, entry }: EntryOf): Promise<Body> {
  const { resources } = await findOf(ctx, kind.type, { patient, _id: entry })
  if (resources.length === 0) throw notThere()
  const [shown] = await entriesOf(ctx, kind, patient, resources)
  return shown as Body
}

export async function entryWithin(ctx: Tx, kind: Kind, { patient, entry }: EntryOf): Promise<Kept> {
  const { resources } = await findWithin(ctx, kind.type, { patient, _id: entry })
  if (!resources[0]) throw notThere()
  return resources[0]
}

async function entriesOf(ctx: Ctx, kind: Kind, patient: string, resources: readonly Kept[]): Promise<Body[]> {
  const recorded = await recordedOf(ctx, kind, resources)
  return resources.map((resource, at) => entryOf(kind, patient, resource, recorded[at] as Recorded))
}

function entryOf(kind: Kind, patient: string, resource: Kept, recorded: Recorded): Body {
  const { id, meta } = resource
  const file = kind.name === 'documents' ? fileOf(patient, resource) : undefined
  return { id, ...shownOf(kind, resource), ...(file && { file }), recorded, version: Number(meta.versionId) }
}

function fileOf(patient: string, { id, content }: Kept): Body | undefined {
  const [{ attachment = {} } = {}] = (content ?? []) as { attachment?: Body }[]
  const { contentType, size, url } = attachment
  const isHere = typeof url === 'string' && url.startsWith('Binary/')
  const facts = {
    ...(contentType !== undefined && { mediaType: contentType }),
    ...(size !== undefined && { bytes: Number(size) }),
    ...(isHere && { link: `/v1/patients/${patient}/documents/${id}/file` }),
  }
  return Object.keys(facts).length > 0 ? facts : undefined
}

export async function addEntry(ctx: Ctx, kind: Kind, patient: string, body: Body): Promise<Body> {
  expectPlausible(body, ctx.now())
  return transact(ctx, async (ctx) => {
    await expectTreats(ctx, patient)
    const resource = newResource(ctx, kind, patient)
    writeFields(resource, kind.fields, withoutAnswer(body))
    await expectMeasured(ctx, resource, { patient, body })
    return addedEntry(ctx, kind, { patient, resource })
  })
}

/** Whether somebody has looked again is no part of the value. */
function withoutAnswer(body: Body): Body {
  if (body.value === undefined) return body
  const { confirmed: _confirmed, ...value } = body.value as Body
  return { ...body, value }
}

export function newResource(ctx: Tx, kind: Kind, patient: string): Resource & { id: string } {
  const by = practitionerIn(ctx.actor)
  const about = `Patient/${patient}`
  const isPatients = kind.type === 'AllergyIntolerance' || kind.type === 'Immunization'
  return {
    resourceType: kind.type,
    id: newId(),
    meta: { source: sourceOf(ctx.config) },
    [isPatients ? 'patient' : 'subject']: { reference: about },
    ...(by !== undefined && kind.recorder?.(by)),
  }
}

/** Writes a new one, and says what it is now. */
export async function addedEntry(
  ctx: Tx,
  kind: Kind,
  {
    patient,
    resource,
    beside = [],
  }: { patient: string; resource: Resource & { id: string }; beside?: (Resource & { id: string })[] },
): Promise<Body> {
  const [written] = await writeResources(ctx, [{ resource }, ...beside.map((resource) => ({ resource }))])
  const kept = written as Kept
  const by = practitionerIn(ctx.actor)
  return entryOf(kind, patient, kept, {
    ...{ at: kept.meta.lastUpdated, way: 'here' },
    ...(kind.by !== undefined && by !== undefined && { by }),
  })
}

export interface Changed extends EntryOf {
  version: number
}

export async function changeEntry(ctx: Ctx, kind: Kind, of: Changed, body: Body): Promise<Body> {
  expectPlausible(body, ctx.now())
  await transact(ctx, async (ctx) => {
    const now = await expectWritable(ctx, kind, of)
    const resource = copyOf(now)
    writeFields(resource, kind.fields, asAmended(kind, now, withoutAnswer(body)))
    await expectMeasured(ctx, resource, { patient: of.patient, body, before: now })
    await overwrite(ctx, kind, of, [{ resource, version: of.version }])
  })
  return readEntry(ctx, kind, of)
}

/** A result that was final is not final anew where it says something else: whoever reads it sees that it was amended. */
const asAmended = (kind: Kind, now: Kept, body: Body): Body =>
  kind.type === 'Observation' && now.status === 'final' && body.status === 'final'
    ? { ...body, status: 'amended' }
    : body

/** It stays, with the reason beside it, and counts no more. */
export async function retractEntry(ctx: Ctx, kind: Kind, of: Changed, reason: string): Promise<Body> {
  await transact(ctx, async (ctx) => {
    const now = await expectWritable(ctx, kind, of)
    const resource = copyOf(now)
    for (const [element, value] of Object.entries(kind.retracted)) put(resource, element, value)
    put(resource, 'text', undefined) // it told of it as of what is so
    const told = struckOut(ctx, `${kind.type}/${now.id}`, reason)
    await overwrite(ctx, kind, of, [{ resource, version: of.version }, { resource: told }])
  })
  return readEntry(ctx, kind, of)
}

const struckOut = (ctx: Tx, reference: string, text: string): Resource & { id: string } => ({
  resourceType: 'Provenance',
  id: newId(),
  target: [{ reference }],
  recorded: ctx.now().toISOString(),
  reason: [{ text }],
  activity: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'NULLIFY' }] },
  agent: [{ who: agentOf(ctx) }],
})

export const agentOf = ({ actor }: Pick<Tx, 'actor'>): Body => {
  const reference = practitionerIn(actor)
  return reference === undefined ? { display: 'Whoever treats the patient' } : { reference }
}

/** Whoever is overtaken between the look and the write is told the same as who comes later. */
async function overwrite(ctx: Tx, kind: Kind, of: Changed, writes: readonly Write[]): Promise<void> {
  try {
    await writeResources(ctx, writes)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'lock-error') throw error
    const now = await entryWithin(ctx, kind, of)
    await expectVersion(ctx, { kind, now, patient: of.patient, version: of.version })
    throw error
  }
}

/** As it is now, for whoever treats the patient and has read it so. */
async function expectWritable(ctx: Tx, kind: Kind, { patient, entry, version }: Changed): Promise<Kept> {
  await expectTreats(ctx, patient)
  const now = await entryWithin(ctx, kind, { patient, entry })
  await expectVersion(ctx, { kind, patient, now, version })
  if (isRetracted(now)) throw new Problem('business-rule', 'It was entered in error, and stays as it is. Add it anew.')
  return now
}
