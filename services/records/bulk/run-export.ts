import type { Kysely } from 'kysely'
import { pageAsOf } from '#fhir/store/as-of.ts'
import { aboutWhom } from '#fhir/store/concerns.ts'
import type { Seer } from '#fhir/store/seer.ts'
import { resolveQuery } from '#fhir/terminology/resolve-query.ts'
import { terminologyIn } from '#fhir/terminology/terminology.ts'
import { audit } from '#platform/audit.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { keyOf } from '#platform/files.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import * as queries from '../queries/bulk-export.ts'
import type { RecordsTables } from '../tables.ts'
import { searchOf } from './export-asked.ts'
import { roomFor } from './room-for.ts'

type Ctx = Context<RecordsTables>

/** What a file holds at most, about, and what is in memory while it is made. */
const FILE_BYTES = 16_000_000
const FILE_LINES = 100_000
/** A worker has four hands: what waits behind four exports, a code for signing in for one, waits no longer than that. */
const RUN_MS = 5_000

/** Makes file after file, and goes on where it was left: what is in a file and how far it is are written together. */
export async function runExport(ctx: Ctx, { export: id }: { export: string }): Promise<void> {
  const until = performance.now() + RUN_MS
  while (performance.now() < until) {
    const row = await queries.bulkExport(ctx.db, id)
    if (row?.status !== 'running') return
    if (!(await queries.isStillGranted(ctx.db, row))) {
      await transact(ctx, (ctx) => queries.endExport(ctx.db, id, 'failed'))
      return
    }
    const { bytes } = await queries.keptBy(ctx.db, row.client_id, ctx.now())
    if (bytes > roomFor(ctx.config)) {
      await transact(ctx, (ctx) => queries.endExport(ctx.db, id, 'full'))
      return
    }
    await step(ctx, row).catch((error) => fail(ctx, row, error))
  }
  await transact(ctx, async (ctx) => addJob(ctx, 'export', { export: id }))
}

/** For how often a step is tried: some minutes. Whoever asked is told then, and may begin another one. */
const ATTEMPTS = 8

/** The engine tries again. Where nothing can be noted the database is away, and that is no fault of the export. */
async function fail(ctx: Ctx, { id }: queries.ExportRow, error: unknown): Promise<never> {
  await transact(ctx, (ctx) => queries.noteFailure(ctx.db, id, ATTEMPTS)).catch(() => {})
  throw error
}

/** One file, or two where something was deleted. */
async function step(ctx: Ctx, row: queries.ExportRow): Promise<void> {
  const part = await gather(ctx, row, row.types[row.position] ?? '')
  const files = await Promise.all(
    (['output', 'deleted'] as const).flatMap((kind) => (part[kind].length > 0 ? [keep(ctx, row, kind, part)] : [])),
  )
  const position = part.next === undefined ? row.position + 1 : row.position
  const status = position >= row.types.length ? 'done' : 'running'
  const asClient = { ...ctx, actor: { ...ctx.actor, kind: 'client', account: row.client_id } as const }
  await transact(asClient, async (ctx) => {
    if (!(await queries.advance(ctx.db, row, { position, after_id: part.next ?? '', status }))) return
    for (const file of files) await queries.showFile(ctx.db, file)
    const patients = await queries.noteSeen(ctx.db, row.id, [...part.patients])
    if ((await queries.goneAmong(ctx.db, patients)).length > 0)
      throw new Problem('transient', 'Somebody was erased while this was read; it begins anew.')
    for (const patient of patients)
      audit(ctx, { action: 'R', entity: `BulkExport/${row.id}`, subject: `Patient/${patient}` })
  })
}

interface Part {
  type: string
  output: string[]
  deleted: string[]
  patients: Set<string>
  next: string | undefined
}

async function keep(ctx: Ctx, { id, step }: queries.ExportRow, kind: 'output' | 'deleted', part: Part) {
  const lines = kind === 'output' ? part.output : bundlesOf(part)
  const content = Buffer.from(`${lines.join('\n')}\n`)
  const facts = { file_key: keyOf(content), lines: lines.length, bytes: content.length }
  const file = { export_id: id, step, kind, type: part.type, ...facts }
  await transact(ctx, (ctx) => queries.noteFile(ctx.db, file))
  await ctx.files.put(content)
  return file
}

/** Of a type as it was when the export began, from where it was left, as much as a file holds. */
async function gather(ctx: Ctx, row: queries.ExportRow, type: string): Promise<Part> {
  const part: Part = { type, output: [], deleted: [], patients: new Set(), next: row.after_id }
  for (let bytes = 0; part.next !== undefined && bytes < FILE_BYTES && part.output.length < FILE_LINES; ) {
    const page = await pageOf(ctx, row, type, part.next)
    for (const { id, body, about } of page.rows) {
      if (body === null) part.deleted.push(id)
      else part.output.push(body)
      bytes += body?.length ?? id.length
      for (const patient of aboutWhom(about)) part.patients.add(patient)
    }
    part.next = page.next
  }
  return part
}

async function pageOf(ctx: Ctx, row: queries.ExportRow, type: string, after: string) {
  const { client_id: client, as_of: at, since, patients, of_patients: ofPatients } = row
  const seer: Seer = { account: client, within: undefined, now: ctx.now(), isClient: true }
  const base = `${ctx.config.PUBLIC_URL}${FHIR_BASE}`
  return ctx.database.apart(async (db) => {
    const own = row.searches.filter((text) => text.startsWith(`${type}?`))
    const terminology = terminologyIn(db as Kysely<unknown>)
    const searches = await Promise.all(own.map((text) => resolveQuery(searchOf(text, base), terminology)))
    const of = { type, after, at, since: since ?? undefined, patients: patients ?? undefined, searches }
    return pageAsOf(db as Kysely<unknown>, { ...of, ofPatients }, seer)
  })
}

/** hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status: what was deleted, as transactions that would delete it. */
const ENTRIES = 500

function bundlesOf({ type, deleted }: Part): string[] {
  const bundles: string[] = []
  for (let at = 0; at < deleted.length; at += ENTRIES) {
    const entry = deleted.slice(at, at + ENTRIES).map((id) => ({ request: { method: 'DELETE', url: `${type}/${id}` } }))
    bundles.push(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }))
  }
  return bundles
}
