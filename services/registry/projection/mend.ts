import type { Kysely } from 'kysely'
import { idsInStore } from '#fhir/store/project.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { projectedTypes, projectRows } from './project-rows.ts'
import { idsOf, type ProjectedType, takeLeft } from './queries.ts'

type Ctx = Context<Tables>

/** Of one transaction: a second of work, and as many locks as there are turns to take. */
const PAGE = 200

/** What the owner of the database changed: an installation from before, the demonstration. */
export async function projectLeft(given: Ctx): Promise<void> {
  const ctx = { ...given, once: undefined }
  const bite = () =>
    transact(ctx, async (ctx) => {
      const due = await takeLeft(ctx.db, PAGE)
      await projectRows(ctx, due)
      return due.length
    })
  while ((await bite()) > 0);
}

/** Makes every resource anew from its rows, and names those that were not what these say: none, unless a version of this software says it differently than the one before. */
async function* mendProjections(given: Ctx): AsyncGenerator<string[]> {
  const ctx = { ...given, once: undefined }
  for (const type of projectedTypes)
    for (const page of [rowsOf(ctx, type), storedOf(ctx, type)])
      for await (const ids of page)
        yield await transact(ctx, (ctx) =>
          projectRows(
            ctx,
            ids.map((id) => ({ type, id })),
          ),
        )
}

async function* pages(page: (after: string | undefined) => Promise<string[]>): AsyncGenerator<string[]> {
  for (let after: string | undefined; ; ) {
    const ids = await page(after)
    if (ids.length === 0) return
    yield ids
    after = ids.at(-1)
  }
}

const rowsOf = ({ db }: Ctx, type: ProjectedType) => pages((after) => idsOf(db, type, after, PAGE))

/** Also of what has no row any more. */
const storedOf = ({ db }: Ctx, type: ProjectedType) =>
  pages((after) => idsInStore(db as unknown as Kysely<unknown>, type, { after, limit: PAGE }))

export async function mendNightly(ctx: Ctx): Promise<void> {
  let mended = 0
  for await (const names of mendProjections(ctx)) mended += names.length
  if (mended > 0) ctx.log.warn({ mended }, 'FHIR resources were not what their rows say, and are now')
}

/** Resources that are not what their rows say, once those are projected that the owner of the database changed. */
export async function faultsIn(ctx: Ctx): Promise<string[]> {
  await projectLeft(ctx)
  const faults: string[] = []
  for await (const names of mendProjections(ctx)) faults.push(...names)
  return faults.map((name) => `${name} is not what its row says`)
}
