import { clientTypes } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { bulkExport, type ExportRow, endExport, type FileRow, filesOf, isStillGranted } from '../queries/bulk-export.ts'
import type { RecordsTables } from '../tables.ts'
import { addressOf, outcome } from './start-export.ts'

type Ctx = Context<RecordsTables>

/** What was written before the export began, and committed while it ran, may not be in it; the next one, since this time, has it. */
const SETTLE_MS = 60_000
const ASK_AGAIN_SECONDS = '5'

async function ownExport(ctx: Ctx, id: string): Promise<ExportRow> {
  const row = await bulkExport(ctx.db, id)
  if (row?.client_id !== accountOf(ctx) || row.status === 'ended' || row.expires_at <= ctx.now())
    throw new Problem('not-found', 'There is no such export, or it is not yours.')
  return row
}

/** hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request */
export async function readExport(ctx: Ctx, id: string, { reply }: Exchange): Promise<void> {
  const row = await ownExport(ctx, id)
  const problem = whyItIsOver[row.status]?.()
  if (problem) throw problem
  reply.header('cache-control', 'no-store')
  if (row.status === 'running') {
    const progress = `${row.position} of ${row.types.length} types`
    reply.code(202).header('x-progress', progress).header('retry-after', ASK_AGAIN_SECONDS)
    return '' as unknown as undefined // Fastify sends what the handler returns
  }
  const files = await filesOf(ctx.db, id)
  const shown = (kind: string) =>
    files.filter((file) => file.kind === kind).map((file) => manifestEntry(addressOf(ctx, id), file))
  reply.type('application/json').header('expires', row.expires_at.toUTCString())
  return JSON.stringify({
    transactionTime: new Date(row.as_of.getTime() - SETTLE_MS).toISOString(),
    request: row.request,
    requiresAccessToken: true,
    output: shown('output'),
    deleted: shown('deleted'),
    error: [],
  }) as unknown as undefined
}

const whyItIsOver: Record<string, () => Problem> = {
  failed: () => new Problem('exception', 'The export failed. Begin another one.'),
  erased: () =>
    new Problem('deleted', 'Somebody who was in it has been erased since, and its files with them. Begin another one.'),
  full: () =>
    new Problem(
      'too-costly',
      'It takes more room than an app has here. Delete exports that you have fetched, or ask for less.',
    ),
}

const manifestEntry = (address: string, { kind, step, type, lines }: FileRow) => ({
  type: kind === 'deleted' ? 'Bundle' : type,
  url: `${address}/${kind}-${step}.ndjson`,
  count: lines,
})

export async function endOwnExport(ctx: Ctx, id: string, { reply }: Exchange): Promise<void> {
  await ownExport(ctx, id)
  await transact(ctx, async (ctx) => {
    await endExport(ctx.db, id, 'ended')
    audit(ctx, { action: 'D', entity: `BulkExport/${id}` })
  })
  reply.code(202).type('application/fhir+json').header('cache-control', 'no-store')
  return outcome('The export is called off, and its files go.') as unknown as undefined
}

/** Of a type that the token lets it have, while the app is granted what it was when it asked. */
export async function readFile(ctx: Ctx, id: string, name: string, { reply }: Exchange): Promise<void> {
  const row = await ownExport(ctx, id)
  const [kind, step] = name.replace('.ndjson', '').split('-')
  const file = (await filesOf(ctx.db, id)).find((one) => one.kind === kind && one.step === Number(step))
  const held = clientTypes(ctx.actor, 'r')
  const may =
    !(row.status in whyItIsOver) &&
    file &&
    (held.includes('*') || held.includes(file.type)) &&
    (await isStillGranted(ctx.db, row))
  const found = may && (await ctx.files.get(file.file_key))
  if (!found) throw new Problem('not-found', 'There is no such file, or it is not yours.')
  await transact(ctx, async (ctx) => audit(ctx, { action: 'R', entity: `BulkExport/${id}`, reason: file.type }))
  reply.headers({
    'content-type': 'application/fhir+ndjson',
    'content-length': found.bytes,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  return found.stream as unknown as undefined
}
