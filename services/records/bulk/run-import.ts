import { buffer } from 'node:stream/consumers'
import type { Context } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import {
  advanceImport,
  bulkImport,
  type ImportRow,
  insertFaults,
  mayStillImport,
  noteImportFailure,
} from '../queries/bulk-import.ts'
import type { RecordsTables } from '../tables.ts'
import { MOST_FAULTS } from './import.ts'
import { linesFrom } from './lines.ts'
import { missingOf } from './missing.ts'
import { takeLines } from './take-lines.ts'
import type { Fault } from './taken.ts'

type Ctx = Context<RecordsTables>

/** One statement. */
export const BATCH = 500
/** As of an export: whoever waits behind it is not to wait for long. */
const RUN_MS = 5_000
/** Of what was referred to before it came; beyond that it is not told. */
const MOST_MISSING = 20_000
const SHOWN_MISSING = 1_000

/** For how often a batch is tried: some minutes. Whoever sent the file is told then, and may send it again. */
const ATTEMPTS = 8

/** Goes through the file, and on where it was left: a batch that was taken and not written down as such is there already, and changes nothing. */
export async function runImport(ctx: Ctx, { import: id }: { import: string }): Promise<void> {
  try {
    await goThrough(ctx, id)
  } catch (error) {
    // The engine tries again. Where nothing can be noted the database is away, and that is no fault of the file.
    const failed = await transact(ctx, ({ db }) => noteImportFailure(db, id)).catch(() => undefined)
    if (failed === undefined || failed.failures < ATTEMPTS) throw error
    ctx.log.error({ err: error }, 'an import is given up')
    await stop(ctx, failed, FAILED)
  }
}

async function goThrough(ctx: Ctx, id: string): Promise<void> {
  const until = performance.now() + RUN_MS
  const row = await bulkImport(ctx.db, id)
  if (row?.status !== 'running') return
  const file = row.file_key === null ? undefined : await ctx.files.get(row.file_key)
  if (!file) return stop(ctx, row, NOT_WHOLE)
  const content = await buffer(file.stream)
  while (performance.now() < until) {
    const now = await bulkImport(ctx.db, id)
    if (now?.status !== 'running') return
    if (!(await mayStillImport(ctx.db, now))) return stop(ctx, now, NO_MORE)
    if (!(await bite(ctx, now, content))) return
  }
  await transact(ctx, async (ctx) => addJob(ctx, 'import', { import: id }))
}

const NOT_WHOLE = { code: 'incomplete', diagnostics: 'The file did not come whole. Send it again.' }
const FAILED = {
  code: 'exception',
  diagnostics: 'Something went wrong here again and again. From here on nothing was taken; send the file again.',
}
const NO_MORE = {
  code: 'forbidden',
  diagnostics: 'You may not bring in anything any more. From here on nothing was taken.',
}

/** What was taken stays; of the rest nothing is. */
async function stop(ctx: Ctx, row: ImportRow, why: Omit<Fault, 'line'>): Promise<void> {
  await transact(ctx, async ({ db }) => {
    if (await advanceImport(db, row, { status: 'done', refused: row.refused + 1 }))
      await insertFaults(db, [{ import_id: row.id, line: row.next_line, ...why }])
  })
}

/** False at the end. */
async function bite(ctx: Ctx, row: ImportRow, content: Buffer): Promise<boolean> {
  const { lines, at, number } = linesFrom(content, {
    ...{ at: row.next_byte, number: row.next_line, most: BATCH },
    longest: ctx.config.BODY_LIMIT_BYTES,
  })
  const as = { ...ctx, actor: { ...ctx.actor, kind: row.actor as 'account' | 'client', account: row.made_by } }
  const taken = await takeLines(as, lines, new Set(row.types))
  const refused = row.refused + taken.faults.length
  const isEnd = at >= content.length || refused >= MOST_FAULTS
  const missing = await missingOf(ctx, new Set([...(isEnd ? row.missing : []), ...taken.references]))
  const left = isEnd
    ? missing.slice(0, SHOWN_MISSING)
    : [...new Set([...row.missing, ...missing])].slice(0, MOST_MISSING)
  const counts = { created: row.created + taken.created, unchanged: row.unchanged + taken.unchanged, refused }
  return transact(ctx, async ({ db }) => {
    const to = { ...counts, next_byte: at, next_line: number, missing: left, ...(isEnd && { status: 'done' }) }
    if (!(await advanceImport(db, row, to))) return true
    const faults = taken.faults.map((fault) => ({ import_id: row.id, ...fault }))
    if (faults.length > 0) await insertFaults(db, faults)
    return !isEnd
  })
}
