import { isDeepStrictEqual } from 'node:util'
import type { Static } from 'typebox'
import { findWithin, type Kept, readWithin } from '#fhir/rooms/read.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { type FieldError, Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Consultation } from './contract.ts'
import { noDraft, questionsIn } from './draft.ts'
import { entriesOf } from './note/composition.ts'
import { isEmpty, type NoteSections } from './note/note.ts'
import { conceptOf } from './note/read-note.ts'
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
    const { sections } = draft
    const { encounter, before, kept } = await whatIsThere(ctx, row, sections)
    expectProblems(sections, kept)
    expectOwn(sections, kept)
    const given = { row, sections, practitioner, now: ctx.now(), encounter, kept, before, attachments }
    const { writes } = writeNote(given)
    const activity = before ? 'UPDATE' : 'CREATE'
    await writeSigned(ctx, writes, { practitioner, as: 'author', activity, reason: draft.reason ?? undefined })
    await removeDraft(ctx.db, id)
    const status = before ? 'amended' : 'final'
    const signed_at = row.signed_at ?? ctx.now()
    return whole(ctx, await updateConsultation(ctx.db, row, { status, signed_at }))
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
  return { encounter, before, kept: new Map([...first, ...listed, ...more]), vitals, orders }
}

/** Those that are of this patient: whoever signs may see problems of others, too. */
async function problemsOf(ctx: Tx, patient: string, problems: readonly { id?: string }[]): Promise<[string, Kept][]> {
  const ids = problems.flatMap(({ id }) => id ?? [])
  if (ids.length === 0) return []
  const { resources } = await findWithin(ctx, 'Condition', { patient, _id: ids.join(','), _count: '1000' })
  return resources.map((one) => [`Condition/${one.id}`, one])
}

/** Of those that are in the record already, others may have said something since. */
function expectProblems({ problems = [] }: NoteSections, kept: ReadonlyMap<string, Kept>): void {
  const wrong: FieldError[] = []
  const changed: object[] = []
  for (const [n, { id, version, code }] of problems.entries()) {
    if (id === undefined) continue
    const own = kept.get(`Condition/${id}`)
    const pointer = `/body/sections/problems/${n}`
    if (!own) wrong.push({ pointer: `${pointer}/id`, detail: 'is no problem of this patient' })
    else if (versionOf(own) !== version)
      changed.push({ pointer, id, version: versionOf(own), at: own.meta.lastUpdated })
    else if (code && !isDeepStrictEqual(JSON.parse(JSON.stringify(conceptOf(own.code).code ?? {})), code))
      wrong.push({
        pointer: `${pointer}/code`,
        detail: 'stays what it is; what was another problem is entered in error',
      })
  }
  if (wrong.length > 0)
    throw new Problem('business-rule', 'A problem of the note does not fit to the record.', { errors: wrong })
  if (changed.length > 0) throw overtaken('problem list', { changed })
}

/** What is amended by its id is what the note has. */
function expectOwn({ vitals = [], orders = [] }: NoteSections, kept: ReadonlyMap<string, Kept>): void {
  const strange = (type: string, name: string, all: readonly { id?: string }[]): FieldError[] =>
    all.flatMap(({ id }, n) =>
      id === undefined || kept.has(`${type}/${id}`)
        ? []
        : [{ pointer: `/body/sections/${name}/${n}/id`, detail: 'is not of the note that is amended' }],
    )
  const errors = [...strange('Observation', 'vitals', vitals), ...strange('ServiceRequest', 'orders', orders)]
  if (errors.length > 0) throw new Problem('business-rule', 'The note names something that is not its own.', { errors })
}
