import type { Static } from 'typebox'
import { versionsWithin } from '#fhir/rooms/read.ts'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { toSummary } from './consultation-view.ts'
import type { Consultation, listConsultations } from './contract.ts'
import { entriesOf, versionNamed } from './note/composition.ts'
import { readNote } from './note/read-note.ts'
import { type Signed, signaturesOf, verified } from './note/signature.ts'
import { type ConsultationRow, listSeen, seenConsultation } from './queries.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, viewerOf } from './viewer.ts'

type Ctx = Context<ConsultationsTables>
type Tx = TransactionContext<ConsultationsTables>

export function read(ctx: Ctx, id: string, noteVersion?: number): Promise<Static<typeof Consultation>> {
  return transact(ctx, async (ctx) => {
    const row = await seenConsultation(ctx.db, id, viewerOf(ctx))
    if (!row) throw notThere('consultation')
    audit(ctx, { action: 'R', entity: `Encounter/${id}`, subject: `Patient/${row.patient_id}` })
    return whole(ctx, row, noteVersion)
  })
}

/** With the note as its record has it, and what its signatures are worth now. */
export async function whole(ctx: Tx, row: ConsultationRow, noteVersion?: number): Promise<Static<typeof Consultation>> {
  const signed = row.signed_at === null ? [] : await signaturesOf(ctx, row.composition_id)
  const signatures: Static<typeof Consultation>['signatures'] = []
  for (const one of signed) signatures.push({ ...shown(one), ...(await verified(ctx, one)) })
  const version = noteVersion ?? Math.max(0, ...signed.map((one) => one.noteVersion))
  const head = { ...toSummary(row), signatures }
  if (version === 0 && noteVersion === undefined) return { ...head, attachments: [] }
  const note = await noteOf(ctx, row, version)
  if (!note) throw notThere('version of the note')
  return { ...head, noteVersion: version, ...note }
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
  const references = LISTS.flatMap((name) => entriesOf(composition, name))
  return readNote(composition, await versionsWithin(ctx, references.map(versionNamed)))
}

export function list(
  ctx: Ctx,
  { limit = 20, cursor, patient, mine = false, status }: Static<typeof listConsultations.query>,
): Promise<Static<typeof listConsultations.response>> {
  const after = decodeCursor(cursor, ['instant', 'uuid'])
  return transact(ctx, async (ctx) => {
    const rows = await listSeen(ctx.db, viewerOf(ctx), { patient, mine, status, after, limit: limit + 1 })
    const page = pageOf(rows, limit, (row) => [row.started_at.toISOString(), row.id], toSummary)
    for (const subject of new Set(page.items.map((item) => item.patient)))
      audit(ctx, { action: 'R', entity: 'Encounter', subject: `Patient/${subject}` })
    return page
  })
}
