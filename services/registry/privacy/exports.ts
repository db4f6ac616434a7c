import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { tellOfPerson } from '#platform/people.ts'
import type { Person } from '#platform/person.ts'
import { keptUntil } from '#platform/retention.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { notThere, unless } from '../caller.ts'
import type * as contract from '../contract/exports.ts'
import { exportReady } from '../contract.ts'
import type { Tables } from '../database.ts'
import { personBy } from '../queries/erasures.ts'
import { filesOf } from '../queries/export-files.ts'
import * as queries from '../queries/exports.ts'
import { keepFile, sendFile } from '../uploads.ts'
import { takeFiles } from './export-files.ts'
import { packageOf } from './package.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = OutputOf<typeof contract.readExport>

const FILES = 'Pictures and certificates'

const toExport = (row: queries.ExportRow): View => ({
  id: row.id,
  ...(row.patient_id !== null && { patient: row.patient_id }),
  status: row.status as View['status'],
  ...(row.bytes !== null && { bytes: row.bytes }),
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
})

function auditExport(ctx: Tx, action: 'C' | 'R' | 'E', { id, patient_id, requested_by }: queries.ExportRow): void {
  const subject = patient_id === null ? `Account/${requested_by}` : `Patient/${patient_id}`
  audit(ctx, { action, entity: `Export/${id}`, subject, ...(patient_id !== null && { relationship: 'mandate' }) })
}

const underWay = () =>
  new Problem('duplicate', 'This copy is being made already. A notification says when it is there.')

export function requestExport(ctx: Ctx, { patient }: InputOf<typeof contract.requestExport>['body']): Promise<View> {
  const [account, now] = [accountOf(ctx), ctx.now()]
  const of = patient === undefined || patient === ctx.actor.self.patient ? null : patient
  return unless('data_export_one_at_a_time', underWay, () =>
    transact(ctx, async (ctx) => {
      if (of !== null && !(await queries.mayHaveAll(ctx.db, account, of, now))) throw notThere('patient')
      const expires_at = keptUntil(ctx.config, 'exports', now)
      const row = { id: newId(), requested_by: account, patient_id: of, created_at: now, expires_at }
      const made = await queries.insertExport(ctx.db, row)
      addJob(ctx, 'make-export', { export: made.id })
      auditExport(ctx, 'C', made)
      return toExport(made)
    }),
  )
}

/** Every room's part, and the files themselves, in one file. Made again where it was interrupted: the first that is whole counts. */
export async function makeExport(ctx: Ctx, { export: id }: { export: string }): Promise<void> {
  const row = await queries.dataExport(ctx.db, id)
  if (row?.status !== 'preparing' || !(await mayStill(ctx, row))) return
  const person = await whoseOf(ctx, row)
  const parts = await tellOfPerson(ctx, person)
  const { rows, contents } = await takeFiles(ctx, await filesOf(ctx.db, person))
  const whole = parts.set('files', { data: { [FILES]: rows }, fhir: [] })
  const file = await packageOf(whole, contents, ctx.now())
  const key = await keepFile(ctx, file)
  await transact(ctx, async (ctx) => {
    if (!(await queries.setReady(ctx.db, id, key, file.length))) return
    auditExport(ctx, 'E', row)
    publish(ctx, exportReady, { export: id, account: row.requested_by })
  })
}

const mayStill = async ({ db, now }: Pick<Ctx, 'db' | 'now'>, { patient_id, requested_by }: queries.ExportRow) =>
  patient_id === null || queries.mayHaveAll(db, requested_by, patient_id, now())

/** Somebody who cares for a patient gets what is the patient's, and nothing of the account. */
async function whoseOf(ctx: Ctx, { patient_id, requested_by }: queries.ExportRow): Promise<Person> {
  if (patient_id !== null) return { patient: patient_id, names: [] }
  const person = await personBy(ctx.db, { column: 'account_id', value: requested_by })
  return {
    account: requested_by,
    ...(person.patient && { patient: person.patient.id }),
    ...(person.practitioner && { practitioner: person.practitioner.id }),
    ...(person.caregiver && { caregiver: person.caregiver.id }),
    names: [],
  }
}

export async function listExports(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.listExports.query>,
): Promise<OutputOf<typeof contract.listExports>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await queries.exportsOf(ctx.db, accountOf(ctx), before, limit)
  return pageOf(rows, limit, ({ id }) => [id], toExport)
}

async function ownExport(ctx: Pick<Ctx, 'db' | 'actor'>, id: string): Promise<queries.ExportRow> {
  const row = await queries.dataExport(ctx.db, id)
  if (row?.requested_by !== accountOf(ctx)) throw notThere('export')
  return row
}

export const readExport = async (ctx: Ctx, id: string): Promise<View> => toExport(await ownExport(ctx, id))

export async function downloadExport(ctx: Ctx, id: string, exchange: Exchange): Promise<void> {
  const key = await transact(ctx, async (ctx) => {
    const row = await ownExport(ctx, id)
    if (row.file_key === null || row.expires_at <= ctx.now() || !(await mayStill(ctx, row))) throw notThere('file')
    auditExport(ctx, 'R', row)
    return row.file_key
  })
  return sendFile(ctx, exchange, { key, type: 'application/zip', name: 'everything-about-you' })
}
