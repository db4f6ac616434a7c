import type { Kysely } from 'kysely'
import type { Static } from 'typebox'
import { findWithin, type Kept, readWithin, versionsWithin } from '#fhir/rooms/read.ts'
import { changedBy } from '#fhir/store/changed-by.ts'
import { categoriesOf } from '#fhir/store/concerns.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { type FieldError, Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Consultation } from './contract.ts'
import { noDraft, questionsIn } from './draft.ts'
import { entriesOf } from './note/composition.ts'
import { isCalled } from './note/concept.ts'
import { isEmpty, type NoteSections } from './note/note.ts'
import { orderOf, problemOf } from './note/read-note.ts'
import { writeSigned } from './note/signature.ts'
import { versionOf, writeNote } from './note/write-note.ts'
import { contentsOf, lockDraft, type OwnDraft, removeDraft } from './queries/drafts.ts'
import { type ConsultationRow, lockConsultation, updateConsultation } from './queries.ts'
import { whole } from './read-consultation.ts'
import type { ConsultationsTables } from './tables.ts'
import { overtaken, practitionerOf, viewerOf } from './viewer.ts'

type Ctx = Context<ConsultationsTables>
type Tx = TransactionContext<ConsultationsTables>

/** Makes the draft a part of the record, in one transaction: all that it says, each as the resource that it is, and a signature over exactly these versions. */
export function signDraft(ctx: Ctx, id: string, version: number): Promise<Static<typeof Consultation>> {
  return transact(ctx, async (ctx) => {
    const [viewer, practitioner] = [viewerOf(ctx), practitionerOf(ctx)]
    const row = await lockConsultation(ctx.db, id, viewer)
    const draft = row && (await lockDraft(ctx.db, id, viewer))
    if (!row || !draft) throw noDraft()
    if (draft.version !== version) throw overtaken('draft', { version: draft.version })
    await expectAnswered(ctx, draft)
    const attachments = await contentsOf(ctx.db, id)
    const { sections, changes } = draft
    const { encounter, before, kept } = await whatIsThere(ctx, row, sections)
    expectOwn(sections, kept)
    await expectAsRead(ctx, sections, kept)
    const also = alsoSensitive(row, sections, kept)
    const given = { row, sections, practitioner, now: ctx.now(), encounter, kept, before, attachments, changes, also }
    const activity = before ? 'UPDATE' : 'CREATE'
    const signing = { practitioner, as: 'author', activity, reason: draft.reason ?? undefined } as const
    await writeSigned(ctx, writeNote(given), signing).catch((error: unknown) =>
      tellOvertaken(ctx, { row, sections }, error),
    )
    await removeDraft(ctx.db, id)
    const status = before ? 'amended' : 'final'
    const signed_at = row.signed_at ?? ctx.now()
    return whole(ctx, await updateConsultation(ctx.db, row, { status, signed_at, also, link: null }))
  })
}

async function expectAnswered(ctx: Tx, draft: OwnDraft): Promise<void> {
  const questions = await questionsIn(ctx, draft)
  if (questions.length > 0)
    throw new Problem(
      'business-rule',
      'Something has to be answered before this can be signed: correct it, or confirm it.',
      {
        errors: questions.map(({ pointer, detail }) => ({ pointer, detail })),
        details: { questions },
      },
    )
  const says = Object.values(draft.sections).some((section) => !isEmpty(section))
  if (!says && draft.attachments.length === 0)
    throw new Problem('business-rule', 'The note says nothing yet.', {
      errors: [{ pointer: '/body/sections', detail: 'is empty' }],
    })
}

/** What the note was made from: its Encounter, what it amends, and what of the record it speaks of. */
async function whatIsThere(ctx: Tx, row: ConsultationRow, { problems = [], vitals = [], orders = [] }: NoteSections) {
  const first = await readWithin(ctx, [
    { type: 'Encounter', id: row.id },
    ...(row.signed_at ? [{ type: 'Composition', id: row.composition_id }] : []),
  ])
  const listed = await problemsOf(ctx, row.patient_id, problems)
  const before = first.get(`Composition/${row.composition_id}`)
  const own = (['vitals', 'orders', 'attachments'] as const).flatMap((name) => (before ? entriesOf(before, name) : []))
  const more = await readWithin(
    ctx,
    own.map((reference) => {
      const [type = '', id = ''] = reference.split('/')
      return { type, id }
    }),
  )
  const encounter = first.get(`Encounter/${row.id}`)
  if (!encounter) throw new Error('The Encounter of a consultation is gone')
  // Labelled since, and kept from who amends it: without what it was it would be another note.
  if (row.signed_at && !before) throw noDraft()
  return { encounter, before, kept: new Map([...first, ...listed, ...more]), vitals, orders }
}

/** Those that are of this patient: whoever signs may see problems of others, too. */
async function problemsOf(ctx: Tx, patient: string, problems: readonly { id?: string }[]): Promise<[string, Kept][]> {
  const ids = problems.flatMap(({ id }) => id ?? [])
  if (ids.length === 0) return []
  const { resources } = await findWithin(ctx, 'Condition', { patient, _id: ids.join(','), _count: '1000' })
  return resources.map((one) => [`Condition/${one.id}`, one])
}

/** Of those that are in the record already, others may have said something since. What they are stays: a problem is another one, and so is what was ordered and is not waiting any more. */
async function expectAsRead(ctx: Tx, sections: NoteSections, kept: ReadonlyMap<string, Kept>): Promise<void> {
  const wrong: FieldError[] = []
  const overtaken: Overtaken[] = []
  for (const { type, pointer, noted } of referredTo(sections)) {
    const own = kept.get(`${type}/${noted.id}`)
    const isProblem = type === 'Condition'
    if (!own) {
      const detail = isProblem ? 'is no problem of this patient' : 'is not of the note that is amended'
      wrong.push({ pointer: `${pointer}/id`, detail })
    } else if (versionOf(own) !== noted.version) overtaken.push({ type, pointer, own, version: noted.version })
    else if (noted.code && !isCalled(own, noted.code) && (isProblem || own.status !== 'active'))
      wrong.push({ pointer: `${pointer}/code`, detail: 'stays what it is; what was another is entered in error' })
  }
  if (wrong.length > 0)
    throw new Problem('business-rule', 'The note does not fit to the record. See errors.', { errors: wrong })
  if (overtaken.length > 0) throw overtakenBy(await Promise.all(overtaken.map((one) => whatChanged(ctx, one))))
}

/** A note says in words what it names: what keeps a problem or an order from somebody keeps the note, for good, since its earlier versions stay. */
function alsoSensitive(row: ConsultationRow, sections: NoteSections, kept: ReadonlyMap<string, Kept>): string[] {
  const named = referredTo(sections).flatMap(({ type, noted }) => kept.get(`${type}/${noted.id}`) ?? [])
  const all = new Set([...row.also, ...named.flatMap(categoriesOf)])
  all.delete(row.category)
  return [...all]
}

/** Whoever is overtaken between the look and the write is told the same as who comes later. */
async function tellOvertaken(
  ctx: Tx,
  { row, sections }: { row: ConsultationRow; sections: NoteSections },
  error: unknown,
): Promise<never> {
  if (error instanceof Problem && error.code === 'lock-error')
    await expectAsRead(ctx, sections, (await whatIsThere(ctx, row, sections)).kept)
  throw error
}

interface Overtaken {
  type: 'Condition' | 'ServiceRequest'
  pointer: string
  own: Kept
  /** That was read. */
  version: number | undefined
}

const referredTo = ({ problems = [], orders = [] }: NoteSections) => [
  ...problems.flatMap((noted, n) =>
    noted.id === undefined ? [] : [{ type: 'Condition' as const, pointer: `/body/sections/problems/${n}`, noted }],
  ),
  ...orders.flatMap((noted, n) =>
    noted.id === undefined ? [] : [{ type: 'ServiceRequest' as const, pointer: `/body/sections/orders/${n}`, noted }],
  ),
]

const overtakenBy = (changed: readonly object[]) =>
  new Problem('lock-error', 'Somebody else has changed what the note refers to since it was read. See `changed`.', {
    details: { changed },
  })

/** What it said when it was read, and says now; by whom, and when. */
async function whatChanged(ctx: Tx, { type, pointer, own, version = 0 }: Overtaken): Promise<object> {
  const said = type === 'Condition' ? problemOf : orderOf
  const [was] = (await versionsWithin(ctx, [{ type, id: own.id, version }])).values()
  const patient = String((own.subject as { reference?: string } | undefined)?.reference).replace('Patient/', '')
  const by = await changedBy(ctx.db as unknown as Kysely<unknown>, { entity: `${type}/${own.id}`, patient })
  const status = type === 'ServiceRequest' && { status: own.status }
  const before = was && said(was)
  return {
    ...{ pointer, id: own.id, version: versionOf(own), at: own.meta.lastUpdated },
    ...(by !== undefined && { by }),
    ...(before && { before }),
    now: { ...said(own), ...status },
  }
}

/** What is amended by its id is what the note has. */
function expectOwn({ vitals = [] }: NoteSections, kept: ReadonlyMap<string, Kept>): void {
  const errors = vitals.flatMap(({ id }, n) =>
    id === undefined || kept.has(`Observation/${id}`)
      ? []
      : [{ pointer: `/body/sections/vitals/${n}/id`, detail: 'is not of the note that is amended' }],
  )
  if (errors.length > 0) throw new Problem('business-rule', 'The note names something that is not its own.', { errors })
}
