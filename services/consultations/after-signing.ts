import type { Static } from 'typebox'
import { type Kept, readWithin } from '#fhir/rooms/read.ts'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { toSummary } from './consultation-view.ts'
import type { Consultation, ConsultationSummary } from './contract.ts'
import { entriesOf, nameOf } from './note/composition.ts'
import type { NoteSections } from './note/note.ts'
import { orderOf, problemOf } from './note/read-note.ts'
import { signaturesOf, signVersions, verified, writeSigned } from './note/signature.ts'
import { inError, versionOf } from './note/write-note.ts'
import { insertDraft, removeDraft } from './queries/drafts.ts'
import { type ConsultationRow, lockConsultation, type SeenRow, updateConsultation } from './queries.ts'
import { noteOf, partsOf, whole } from './read-consultation.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, overtaken, practitionerOf, viewerOf } from './viewer.ts'

// What becomes of a note once it is signed: it is never overwritten.

type Ctx = Context<ConsultationsTables>
type Tx = TransactionContext<ConsultationsTables>
type Row = SeenRow & { is_given: boolean }

async function lock(ctx: Tx, id: string, version: number): Promise<Row> {
  const row = await lockConsultation(ctx.db, id, viewerOf(ctx))
  if (!row) throw notThere('consultation')
  if (row.version !== version) throw overtaken('consultation', { version: row.version, status: row.status })
  return row
}

async function lockOwn(ctx: Tx, id: string, version: number): Promise<Row> {
  const row = await lock(ctx, id, version)
  if (!row.is_given) throw new Problem('forbidden', 'Those who gave the consultation say that.')
  return row
}

function expectSigned({ status }: Row): void {
  if (status === 'in-progress') throw new Problem('business-rule', 'The note is not signed yet.')
  if (status === 'entered-in-error') throw new Problem('business-rule', 'This consultation was entered in error.')
}

/** The same versions that its author signed, where they are still what was signed. */
export function cosign(ctx: Ctx, id: string, version: number): Promise<Static<typeof Consultation>> {
  return transact(ctx, async (ctx) => {
    const practitioner = practitionerOf(ctx)
    const row = await lock(ctx, id, version)
    expectSigned(row)
    const signatures = await signaturesOf(ctx, row.composition_id)
    const author = signatures.findLast(({ as }) => as === 'author')
    if (!author) throw notThere('consultation')
    const others = signatures.filter(({ noteVersion }) => noteVersion === author.noteVersion)
    if (others.some(({ by }) => by === practitioner))
      throw new Problem('duplicate', 'You have signed this version of the note already.')
    if (!(await verified(ctx, author)).verified)
      throw new Problem('business-rule', 'What is kept is not what its author signed. Tell an administrator.')
    const found = await partsOf(ctx, author.targets)
    const targets = author.targets.flatMap((one) => found.get(nameOf(one)) ?? [])
    await signVersions(ctx, targets, { practitioner, as: 'verification', activity: 'UPDATE' })
    return whole(ctx, await updateConsultation(ctx.db, row, {}))
  })
}

export function amend(
  ctx: Ctx,
  id: string,
  { reason, version }: { reason: string; version: number },
): Promise<Static<typeof ConsultationSummary>> {
  return transact(ctx, async (ctx) => {
    const row = await lockOwn(ctx, id, version)
    expectSigned(row)
    const composition = (await readWithin(ctx, [{ type: 'Composition', id: row.composition_id }])).values().next().value
    const amends = composition && versionOf(composition)
    const note = amends && (await noteOf(ctx, row, amends))
    if (!note) throw notThere('consultation')
    const sections = { ...note.sections, ...(await asNow(ctx, note.sections)) }
    if (!(await insertDraft(ctx.db, { consultation: id, sections, amends, reason }, ctx.now())))
      throw new Problem('duplicate', 'An amendment is being drafted already. Go on with that, or discard it.')
    audit(ctx, {
      action: 'C',
      entity: `Draft/${id}`,
      subject: `Patient/${row.patient_id}`,
      relationship: row.relationship,
    })
    return toSummary(row, ctx.now())
  })
}

/** Others may have changed the problem list since the note was signed, and carried out its orders or said that one was an error: that is not ordered again. */
async function asNow(ctx: Tx, { problems = [], orders = [] }: NoteSections): Promise<NoteSections> {
  const found = await readWithin(ctx, [...namesOf('Condition', problems), ...namesOf('ServiceRequest', orders)])
  const all = [...found.values()]
  const listed = all.filter(({ resourceType }) => resourceType === 'Condition')
  const ordered = all.filter(
    ({ resourceType, status }) => resourceType !== 'Condition' && status !== 'entered-in-error',
  )
  return {
    ...(problems.length > 0 && { problems: listed.map(problemOf) }),
    ...(orders.length > 0 && { orders: ordered.map(orderOf) }),
  }
}

const namesOf = (type: string, all: readonly { id?: string }[]) => all.flatMap(({ id }) => (id ? { type, id } : []))

/** Marks all that the note wrote. What others have changed since, such as an order that was carried out, is theirs to judge. */
export function enterInError(
  ctx: Ctx,
  id: string,
  { reason, version }: { reason: string; version: number },
): Promise<Static<typeof ConsultationSummary>> {
  return transact(ctx, async (ctx) => {
    const practitioner = practitionerOf(ctx)
    const row = await lockOwn(ctx, id, version)
    if (row.status === 'entered-in-error')
      throw new Problem('business-rule', 'This consultation was entered in error already.')
    const draft = await removeDraft(ctx.db, id)
    if (draft && row.status !== 'in-progress')
      throw new Problem('business-rule', 'Somebody is amending this note. Discard that draft first, or sign it.')
    const written = await writtenBy(ctx, row)
    const writes = written.flatMap((one) => inError(one) ?? [])
    await writeSigned(ctx, { writes }, { practitioner, as: 'author', activity: 'NULLIFY', reason })
    return toSummary(await updateConsultation(ctx.db, row, { status: 'entered-in-error', link: null }), ctx.now())
  })
}

async function writtenBy(ctx: Tx, row: ConsultationRow): Promise<Kept[]> {
  const own = [
    { type: 'Encounter', id: row.id },
    ...(row.signed_at ? [{ type: 'Composition', id: row.composition_id }] : []),
  ]
  const first = await readWithin(ctx, own)
  const composition = first.get(`Composition/${row.composition_id}`)
  if (row.signed_at && !composition) throw notThere('consultation')
  const references = (['vitals', 'problems', 'orders', 'attachments'] as const).flatMap((name) =>
    composition ? entriesOf(composition, name) : [],
  )
  const parts = await readWithin(
    ctx,
    references.map((reference) => {
      const [type = '', partId = ''] = reference.split('/')
      return { type, id: partId }
    }),
  )
  return [...first.values(), ...[...parts.values()].filter((one) => isOfNote(one, row, references))]
}

/** A problem that was in the list before, or was changed since, is not in error for that. */
const isOfNote = (one: Kept, { id }: ConsultationRow, references: readonly string[]): boolean =>
  one.resourceType !== 'Condition' ||
  ((one.encounter as { reference?: string } | undefined)?.reference === `Encounter/${id}` &&
    references.includes(`Condition/${one.id}/_history/${versionOf(one)}`))
