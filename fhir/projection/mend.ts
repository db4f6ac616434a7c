import type { Kysely, Transaction } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Job } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { type Name, rowsAfter, rowsAmong, takeLeft } from '../store/due.ts'
import { idsInStore } from '../store/project.ts'
import { faultsAmong, projectRows } from './project-rows.ts'
import { type Projector, rowOf, type Source, typesOf } from './projector.ts'

/** Of one transaction: a second of work, and as many locks as there are turns to take. */
const PAGE = 200

/** What the owner of the database changed: an installation from before, the demonstration. */
async function projectLeft<T>(given: Context<T>, of: Projector<T>): Promise<void> {
  const ctx = { ...given, once: undefined }
  const bite = () =>
    transact(ctx, async (ctx) => {
      const due = await takeLeft(ctx.db as unknown as Transaction<unknown>, typesOf(of), PAGE)
      await projectRows(ctx, of, due)
      return due.length
    })
  while ((await bite()) > 0);
}

/**
 * Compares every resource with what its rows say, and makes those anew that differ: none, unless a version of this software says it differently than the one
 * before. What is right is read without a lock, so that nobody waits for a comparison.
 */
async function* mendProjections<T>(given: Context<T>, of: Projector<T>): AsyncGenerator<Name[]> {
  const ctx = { ...given, once: undefined }
  const store = ctx.db as unknown as Kysely<unknown>
  const mend = async (page: readonly Name[]): Promise<Name[]> => {
    const wrong = await transact(ctx, (ctx) => faultsAmong(ctx, of, page))
    return transact(ctx, (ctx) => projectRows(ctx, of, wrong))
  }
  for (const [type, source] of Object.entries(of.sources)) {
    for await (const names of namesOf(store, type, source)) yield await mend(names)
    for await (const names of strayOf(store, type, source)) yield await mend(names)
  }
}

async function* namesOf<T>(db: Kysely<unknown>, type: string, { table, suffixes = [''] }: Source<T>) {
  for (let after = FIRST; ; ) {
    const ids = (await rowsAfter(db, table, after, PAGE)).map(({ id }) => id)
    if (ids.length > 0) yield ids.flatMap((id) => suffixes.map((suffix) => ({ type, id: id + suffix })))
    if (ids.length < PAGE) return
    after = ids.at(-1) ?? ''
  }
}
const FIRST = '00000000-0000-0000-0000-000000000000'

/** What the store has of a type, and the table not. */
async function* strayOf<T>(db: Kysely<unknown>, type: string, { table, suffixes = [''] }: Source<T>) {
  for (let after = ''; ; ) {
    const ids = (await idsInStore(db, { type, after, limit: PAGE })).map(({ id }) => id)
    const rows = ids.flatMap((id) => rowOf(id) ?? [])
    const there = new Set((await rowsAmong(db, table, rows)).map(({ id }) => id))
    const stray = ids.filter(
      (id) =>
        !suffixes.some(
          (suffix) => id.endsWith(suffix) && there.has(id.slice(0, 36)) && id.length === 36 + suffix.length,
        ),
    )
    if (stray.length > 0) yield stray.map((id) => ({ type, id }))
    if (ids.length < PAGE) return
    after = ids.at(-1) ?? ''
  }
}

async function mendNightly<T>(ctx: Context<T>, of: Projector<T>): Promise<void> {
  let mended = 0
  for await (const names of mendProjections(ctx, of)) mended += names.length
  if (mended > 0) ctx.log.warn({ mended }, 'FHIR resources were not what their rows say, and are now')
}

/** For a room’s jobs. */
export const projectionJobs = <T>(of: Projector<T>): Job<T>[] => [
  { name: 'project-left', cron: '* * * * *', run: (ctx: Context<T>) => projectLeft(ctx, of) },
  { name: 'mend-projections', cron: '40 2 * * *', run: (ctx: Context<T>) => mendNightly(ctx, of) },
]

/** Resources that are not what their rows say, once those are projected that the owner of the database changed. */
export const faultsIn =
  <T>(of: Projector<T>) =>
  async (ctx: Context<T>): Promise<string[]> => {
    await projectLeft(ctx, of)
    const faults: Name[] = []
    for await (const names of mendProjections(ctx, of)) faults.push(...names)
    return faults.map(({ type, id }) => `${type}/${id} is not what its row says`)
  }
