import type { Static } from 'typebox'
import { type Kept, readWithin, versionsWithin } from '#fhir/rooms/read.ts'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { toSummary } from './consultation-view.ts'
import type { Consultation, listConsultations } from './contract.ts'
import { entriesOf, nameOf, type VersionName, versionNamed } from './note/composition.ts'
import { readNote } from './note/read-note.ts'
import { type Signed, signaturesOf, verified } from './note/signature.ts'
import { versionOf } from './note/write-note.ts'
import { type ConsultationRow, listSeen, seenConsultation } from './queries.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, viewerOf } from './viewer.ts'

type Ctx = Context<ConsultationsTables>
type Tx = TransactionContext<ConsultationsTables>

export function read(ctx: Ctx, id: string, noteVersion?: number): Promise<Static<typeof Consultation>> {
  return transact(ctx, async (ctx) => {
    const row = await seenConsultation(ctx.db, id, viewerOf(ctx))
    if (!row) throw notThere('consultation')
    audit(ctx, {
      action: 'R',
      entity: `Encounter/${id}`,
      subject: `Patient/${row.patient_id}`,
      relationship: row.relationship,
    })
    return whole(ctx, row, noteVersion)
  })
}

/** With the note as its record has it, and what its signatures are worth now. */
export async function whole(ctx: Tx, row: ConsultationRow, noteVersion?: number): Promise<Static<typeof Consultation>> {
  const signed = row.signed_at === null ? [] : await signaturesOf(ctx, row.composition_id)
  const signatures: Static<typeof Consultation>['signatures'] = []
  for (const one of signed) signatures.push({ ...shown(one), ...(await verified(ctx, one)) })
  const head = { ...toSummary(row, ctx.now()), signatures }
  if (row.signed_at === null && noteVersion === undefined) return { ...head, attachments: [] }
  const version = noteVersion ?? (await lastVersion(ctx, row))
  const note = await noteOf(ctx, row, version)
  if (!note) throw notThere('version of the note')
  return { ...head, noteVersion: version, ...note }
}

/** Whether or not it has a signature: one whose signatures are lost is no draft. */
async function lastVersion(ctx: Tx, { composition_id: id }: ConsultationRow): Promise<number> {
  const [composition] = (await readWithin(ctx, [{ type: 'Composition', id }])).values()
  if (!composition) throw notThere('consultation')
  return versionOf(composition)
}

const shown = ({ noteVersion, by, as, at, reason }: Signed) => ({
  ...{ noteVersion, by, as, at },
  ...(reason !== undefined && { reason }),
})

const LISTS = ['vitals', 'problems', 'orders', 'attachments'] as const

export async function noteOf(ctx: Tx, { composition_id: id }: ConsultationRow, version: number) {
  const found = await versionsWithin(ctx, [{ type: 'Composition', id, version }])
  const composition = found.get(`Composition/${id}/_history/${version}`)
  if (!composition) return undefined
  return readNote(
    composition,
    await partsOf(ctx, LISTS.flatMap((name) => entriesOf(composition, name)).map(versionNamed)),
  )
}

/**
 * What a note consists of, all or nothing: without a part that its reader may not see it would be another note, and its words tell of that part, so to them there is none.
 * What is lost is for the signature to tell.
 */
export async function partsOf(ctx: Tx, named: readonly VersionName[]): Promise<ReadonlyMap<string, Kept>> {
  const seen = await versionsWithin(ctx, named)
  const unseen = named.filter((one) => !seen.has(nameOf(one)))
  if (unseen.length > 0 && (await versionsWithin(ctx, unseen, { isForHouse: true })).size > 0)
    throw notThere('consultation')
  return seen
}

export function list(
  ctx: Ctx,
  { limit = 20, cursor, patient, mine = false, status }: Static<typeof listConsultations.query>,
): Promise<Static<typeof listConsultations.response>> {
  const after = decodeCursor(cursor, ['instant', 'uuid'])
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    const rows = await listSeen(ctx.db, viewerOf(ctx), { patient, mine, status, after, limit: limit + 1 })
    const page = pageOf(
      rows,
      limit,
      (row) => [row.started_at.toISOString(), row.id],
      (row) => toSummary(row, now),
    )
    const subjects = new Map(rows.slice(0, limit).map((row) => [row.patient_id, row.relationship]))
    for (const [subject, relationship] of subjects)
      audit(ctx, { action: 'R', entity: 'Encounter', subject: `Patient/${subject}`, relationship })
    return page
  })
}
