import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { isAdministrator, notThere } from '../caller.ts'
import type * as contract from '../contract/imports.ts'
import type { Tables } from '../database.ts'
import { workplace } from '../desk/queries.ts'
import { cell, linesOf, textOf } from './parse.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Import>

const byOf = (ctx: Pick<Ctx, 'actor'>) => ({ account: accountOf(ctx), administrator: isAdministrator(ctx) })

const toImport = (row: queries.ShownImport): View => ({
  id: row.id,
  organisation: row.organisation_id,
  kind: row.kind as View['kind'],
  dryRun: row.dry_run,
  status: row.status as View['status'],
  lines: row.lines,
  looked: row.next_line,
  created: row.created,
  changed: row.changed,
  unchanged: row.unchanged,
  refused: row.refused,
  createdAt: row.created_at.toISOString(),
  ...(row.done_at !== null && { doneAt: row.done_at.toISOString() }),
})

async function checkManages(ctx: Pick<Ctx, 'db' | 'actor'>, organisation: string): Promise<void> {
  const found = await workplace(ctx.db, organisation, { ...byOf(ctx), functions: ['manager'] })
  if (!found || found.deactivated_at !== null) throw notThere('organisation')
}

/** Keeps the file until the job has gone through it. What makes the whole of it unreadable is said at once. */
export async function createImport(
  ctx: Ctx,
  { organisation, kind, dryRun = true }: Static<typeof contract.createImport.query>,
  given: Buffer,
): Promise<View> {
  await checkManages(ctx, organisation)
  const content = textOf(given)
  const lines = linesOf(content, kind).length
  const row = { id: newId(), organisation_id: organisation, kind, dry_run: dryRun, status: 'waiting', lines }
  return transact(ctx, async (ctx) => {
    await checkManages(ctx, organisation)
    await queries.insertImport(ctx.db, { ...row, content, made_by: accountOf(ctx), created_at: ctx.now() })
    addJob(ctx, 'import', { id: row.id })
    audit(ctx, { action: 'C', entity: `Import/${row.id}` })
    return toImport((await queries.visibleImport(ctx.db, row.id, byOf(ctx))) as queries.ShownImport)
  })
}

export async function readImport(ctx: Ctx, id: string): Promise<View> {
  const row = await queries.visibleImport(ctx.db, id, byOf(ctx))
  if (!row) throw notThere('import')
  return toImport(row)
}

export async function listImports(
  ctx: Ctx,
  { organisation, limit = 20, cursor }: Static<typeof contract.listImports.query>,
): Promise<Static<typeof contract.listImports.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  await checkManages(ctx, organisation)
  const rows = await queries.importsOf(ctx.db, organisation, before, limit)
  return pageOf(rows, limit, ({ id }) => [id], toImport)
}

export async function readImportFaults(ctx: Ctx, id: string, { reply }: Exchange): Promise<void> {
  if (!(await queries.visibleImport(ctx.db, id, byOf(ctx)))) throw notThere('import')
  const faults = await queries.faultsOf(ctx.db, id)
  const rows = faults.map(({ line, key, field, fault }) => [String(line), key, field, fault].map(cell).join())
  reply.headers({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="faults.csv"',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  return ['line,key,field,fault', ...rows, ''].join('\r\n') as unknown as undefined // Fastify sends what the handler returns
}
