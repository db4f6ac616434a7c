import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { filesToRemove, forgetExports, forgetFile } from '../queries/bulk-export.ts'
import { forgetFileOf, forgetImport, importsToForget } from '../queries/bulk-import.ts'
import { forgetRecordImports } from '../queries/record-imports.ts'
import type { RecordsTables } from '../tables.ts'

const BITE = 500

/** Files of exports that are over and of imports that have been gone through, and previews. One that was put a moment ago waits for the next hour. */
export async function dropFiles(ctx: Context<RecordsTables>): Promise<void> {
  for (const file of await filesToRemove(ctx.db, ctx.now(), BITE))
    if (file.used || (await ctx.files.remove(file.file_key))) await transact(ctx, ({ db }) => forgetFile(db, file))
  await transact(ctx, ({ db }) => forgetExports(db, ctx.now()))
  await transact(ctx, ({ db }) => forgetRecordImports(db, ctx.now()))
  for (const { id, file_key, used, over } of await importsToForget(ctx.db, ctx.now(), BITE))
    if (used || file_key === null || (await ctx.files.remove(file_key)))
      await transact(ctx, async ({ db }) => {
        await (over ? forgetImport(db, id) : forgetFileOf(db, id))
      })
}
