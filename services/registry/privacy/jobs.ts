import type { Context } from '#platform/context.ts'
import { IDLE_MS } from '#platform/files.ts'
import type { Job } from '#platform/jobs.ts'
import { forgottenBefore } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { forgetImports } from '../imports/queries.ts'
import { forgetErasures } from '../queries/erasures.ts'
import { expireExports, forgetExports, forgetFile, unusedFiles } from '../queries/exports.ts'
import { makeExport } from './exports.ts'
import { runErasure, runErasureAgain } from './run-erasure.ts'

type Ctx = Context<Tables>
type Db = Parameters<typeof forgetErasures>[0]

const BITE = 500

/** In bites of a transaction each, until nothing is left. */
async function forget(ctx: Ctx): Promise<void> {
  const now = ctx.now()
  const receipts = forgottenBefore(ctx.config, 'erasures', now)
  const rounds = [
    (db: Db) => expireExports(db, { now }, BITE),
    (db: Db) => forgetExports(db, receipts, BITE),
    (db: Db) => forgetErasures(db, receipts, BITE),
    (db: Db) => forgetImports(db, forgottenBefore(ctx.config, 'imports', now), BITE),
  ]
  for (const round of rounds) while ((await transact(ctx, ({ db }) => round(db))) === BITE);
}

/** Files that records gave up or never came to refer to, unless another record has the same content. One that was noted or put a moment ago waits for the next hour. */
async function dropFiles(ctx: Ctx): Promise<void> {
  for (const file of await unusedFiles(ctx.db, new Date(ctx.now().getTime() - IDLE_MS), BITE))
    if (file.used || (await ctx.files.remove(file.key))) await transact(ctx, ({ db }) => forgetFile(db, file))
}

export const privacyJobs: Job<Tables>[] = [
  { name: 'erase', run: runErasure },
  { name: 'erase-again', run: runErasureAgain },
  { name: 'make-export', run: makeExport },
  { name: 'forget', cron: '37 * * * *', run: forget },
  { name: 'drop-files', cron: '43 * * * *', run: dropFiles },
]
