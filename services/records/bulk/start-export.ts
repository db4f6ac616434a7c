import { preferencesIn } from '#fhir/prefer.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import type { InputOf } from '#platform/operation.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import type * as contract from '../contract/bulk-export.ts'
import { grantedTo, insertExport, type Kept, keptBy } from '../queries/bulk-export.ts'
import type { RecordsTables } from '../tables.ts'
import { exportAsked } from './export-asked.ts'
import { membersOf } from './members-of.ts'
import { roomFor } from './room-for.ts'

type Ctx = Context<RecordsTables>

/** How long its files are there, and how long it may take. */
const DAY_MS = 86_400_000

export const addressOf = ({ config }: Pick<Ctx, 'config'>, id: string): string =>
  `${config.PUBLIC_URL}${FHIR_BASE}/bulk-export/${id}`

/** hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-kick-off-request */
export async function startExport(
  ctx: Ctx,
  of: { level: 'system' | 'patient'; group?: string },
  given: InputOf<typeof contract.exportPatients>['query'],
  { request, reply }: Exchange,
): Promise<void> {
  if (!preferencesIn(request.headers.prefer).async)
    throw new Problem('invalid', 'An export takes its time: ask for it with Prefer: respond-async.', {
      errors: [{ pointer: '/header/prefer', detail: 'must be respond-async' }],
    })
  const asked = exportAsked(of.level, given, ctx.actor, `${ctx.config.PUBLIC_URL}${FHIR_BASE}`)
  const [id, client, now] = [newId(), accountOf(ctx), ctx.now()]
  const granted = await grantedTo(ctx.db, client)
  if (granted === undefined)
    throw new Problem('forbidden', 'Nobody’s records are open to this app: an administrator decides that.')
  const patients = of.group === undefined ? asked.patients : await membersOf(ctx, of.group, asked.patients)
  expectRoom(ctx, await keptBy(ctx.db, client, now))
  const row = {
    ...{ id, client_id: client, granted, ...asked, patients },
    request: `${ctx.config.PUBLIC_URL}${request.url}`,
    ...{ as_of: now, created_at: now, expires_at: new Date(now.getTime() + DAY_MS) },
  }
  await unlessTaken(() =>
    transact({ ...ctx, once: undefined }, async (ctx) => {
      if (!(await insertExport(ctx.db, row))) throw tooMany()
      addJob(ctx, 'export', { export: id })
      audit(ctx, { action: 'C', entity: `BulkExport/${id}` })
    }),
  )
  reply.code(202).header('content-location', addressOf(ctx, id)).header('cache-control', 'no-store')
  return outcome('The export has begun; Content-Location says where to ask how far it is.') as unknown as undefined
}

export const outcome = (diagnostics: string): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', diagnostics }],
  })

const tooMany = () =>
  new Problem('throttled', 'Two exports of this app are under way. Wait for one, or call one off.', {
    retryAfterSeconds: 60,
  })

/** So many are there at once, fetched or not: one each hour, of an app that deletes none. */
const MOST_KEPT = 25
const HOUR_SECONDS = 3_600

function expectRoom(ctx: Ctx, { exports, bytes }: Kept): void {
  const kept = exports.map(({ id }) => addressOf(ctx, id))
  const [first] = exports
  if (exports.length >= MOST_KEPT && first)
    throw new Problem(
      'throttled',
      'As many exports of this app are kept as may be. Delete one that you have fetched.',
      {
        details: { kept },
        retryAfterSeconds: Math.ceil((first.expires_at.getTime() - ctx.now().getTime()) / 1_000),
      },
    )
  if (bytes >= roomFor(ctx.config))
    throw new Problem(
      'throttled',
      'The files of this app take all the room that it has. Delete exports that you have fetched: their room is free within two hours.',
      { details: { kept }, retryAfterSeconds: HOUR_SECONDS },
    )
}

async function unlessTaken(insert: () => Promise<void>): Promise<void> {
  try {
    await insert()
  } catch (error) {
    if ((error as { constraint?: string }).constraint === 'bulk_export_at_once') throw tooMany()
    throw error
  }
}
