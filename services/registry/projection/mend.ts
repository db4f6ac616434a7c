import type { Kysely } from 'kysely'
import { idsInStore } from '#fhir/store/project.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { projectedTypes, projectRows } from './project-rows.ts'
import { type Due, rowsAfter, takeLeft, withoutRow } from './queries.ts'

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
  const { db } = ctx
  const store = db as unknown as Kysely<unknown>
  const anew = (page: readonly Due[]) => transact(ctx, (ctx) => projectRows(ctx, page))
  for (const type of projectedTypes) {
    for await (const page of pages(FIRST, (id) => rowsAfter(db, { type, id }, PAGE))) yield await anew(page)
    for await (const page of pages('', (after) => idsInStore(store, { type, after, limit: PAGE }))) {
      const strays = await withoutRow(
        db,
        type,
        page.map(({ id }) => id),
      )
      if (strays.length > 0) yield await anew(strays)
    }
  }
}

async function* pages<T extends { id: string }>(first: string, page: (after: string) => Promise<T[]>) {
  for (let after = first; ; ) {
    const rows = await page(after)
    if (rows.length > 0) yield rows
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.id
  }
}

const FIRST = '00000000-0000-0000-0000-000000000000'

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
