import { mayImport } from '#fhir/store/may-import.ts'
import { importedBy, importedTypes } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { keyOf } from '#platform/files.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { bulkImport, faultsOf, type ImportRow, insertImport } from '../queries/bulk-import.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import { outcome } from './start-export.ts'

type Ctx = Context<RecordsTables>

const DAY_MS = 86_400_000
/** So many that a person can look through them; beyond, nothing more is taken from the file. */
export const MOST_FAULTS = 10_000

/** A process that ends while it keeps the file leaves a row that knows of it, and a job that goes on with it, or says that it did not come. */
const LOOK_AFTER_MS = 60_000

/** Keeps the file until a job has gone through it. */
export async function startImport(ctx: Ctx, content: Buffer, { reply }: Exchange): Promise<void> {
  const [id, account, now] = [newId(), accountOf(ctx), ctx.now()]
  const row = {
    ...{ id, made_by: account, actor: ctx.actor.kind, types: await permittedTypes(ctx), file_key: keyOf(content) },
    ...{ created_at: now, expires_at: new Date(now.getTime() + DAY_MS) },
  }
  const begin = (runAt?: Date) => ({ key: `import ${id}`, ...(runAt && { runAt }) })
  const unrepeated = { ...ctx, once: undefined }
  await unlessUnderWay(() =>
    transact(unrepeated, async (ctx) => {
      await insertImport(ctx.db, row)
      addJob(ctx, 'import', { import: id }, begin(new Date(now.getTime() + LOOK_AFTER_MS)))
      audit(ctx, { action: 'C', entity: `BulkImport/${id}` })
    }),
  )
  await ctx.files.put(content)
  await transact(unrepeated, async (ctx) => addJob(ctx, 'import', { import: id }, begin()))
  reply.code(202).header('cache-control', 'no-store')
  reply.header('content-location', `${ctx.config.PUBLIC_URL}${FHIR_BASE}/bulk-import/${id}`)
  return outcome('The import has begun; Content-Location says where to ask how far it is.') as unknown as undefined
}

/** An administrator brings in all that can be; an app what its scopes name, where an administrator lets it. */
async function permittedTypes(ctx: Ctx): Promise<string[]> {
  if (ctx.actor.kind !== 'client') return [...importedTypes]
  if (!(await mayImport(storeOf(ctx), accountOf(ctx))))
    throw new Problem('forbidden', 'This app may bring in nothing: an administrator decides that.')
  return importedBy(ctx.actor)
}

async function unlessUnderWay(insert: () => Promise<void>): Promise<void> {
  try {
    await insert()
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'bulk_import_one_at_a_time') throw error
    throw new Problem('duplicate', 'An import of yours is under way. Wait for its end.')
  }
}

async function ownImport(ctx: Ctx, id: string): Promise<ImportRow> {
  const row = await bulkImport(ctx.db, id)
  if (row?.made_by !== accountOf(ctx) || row.expires_at <= ctx.now())
    throw new Problem('not-found', 'There is no such import, or it is not yours.')
  return row
}

export async function readImport(ctx: Ctx, id: string, { reply }: Exchange): Promise<void> {
  const row = await ownImport(ctx, id)
  reply.header('cache-control', 'no-store')
  if (row.status === 'running') {
    reply
      .code(202)
      .header('x-progress', `${row.next_line - 1} lines`)
      .header('retry-after', '5')
    return '' as unknown as undefined // Fastify sends what the handler returns
  }
  const { created, unchanged, refused, missing, next_line } = row
  const url = `${ctx.config.PUBLIC_URL}${FHIR_BASE}/bulk-import/${id}/outcomes`
  const outcomes = refused > 0 ? [{ type: 'OperationOutcome', url, count: refused }] : []
  reply.type('application/json')
  return JSON.stringify({
    ...{ lines: next_line - 1, created, unchanged, refused },
    ...{ danglingReferences: missing, requiresAccessToken: true, error: outcomes },
  }) as unknown as undefined
}

export async function readFaults(ctx: Ctx, id: string, { reply }: Exchange): Promise<void> {
  await ownImport(ctx, id)
  reply.type('application/fhir+ndjson').header('cache-control', 'no-store')
  return (await faultsOf(ctx.db, id)).map((fault) => `${faultOutcome(fault)}\n`).join('') as unknown as undefined
}

export const faultOutcome = ({
  line,
  code,
  diagnostics,
}: {
  line: number
  code: string
  diagnostics: string
}): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [
      { severity: 'error', code: code === 'lock-error' ? 'conflict' : code, diagnostics, location: [`line ${line}`] },
    ],
  })
