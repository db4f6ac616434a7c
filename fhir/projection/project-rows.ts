import type { Transaction } from 'kysely'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { Name } from '../store/due.ts'
import { differing, lockProjections, type Projection, project } from '../store/project.ts'
import { type Projector, rowOf } from './projector.ts'

/** Brings the store to what the rows of these say now. Those of which it was something else. */
export async function projectRows<T>(
  ctx: TransactionContext<T>,
  of: Projector<T>,
  due: readonly Name[],
): Promise<Name[]> {
  if (due.length === 0) return []
  const db = ctx.db as unknown as Transaction<unknown>
  await of.lock?.(ctx, due)
  await lockProjections(
    db,
    due.map(({ type, id }) => `${type}/${id}`),
  )
  return project(db, await projectionsOf(ctx, of, due), sayingIn(ctx))
}

/** Those of these of which the store has something else than their rows say. */
export async function faultsAmong<T>(
  ctx: TransactionContext<T>,
  of: Projector<T>,
  names: readonly Name[],
): Promise<Name[]> {
  return differing(ctx.db as unknown as Transaction<unknown>, await projectionsOf(ctx, of, names), sayingIn(ctx))
}

export const sayingIn = <T>({ config, now }: Pick<TransactionContext<T>, 'config' | 'now'>) => ({
  base: `${config.PUBLIC_URL}${FHIR_BASE}`,
  at: now(),
})

async function projectionsOf<T>(
  ctx: TransactionContext<T>,
  { sources }: Projector<T>,
  due: readonly Name[],
): Promise<Projection[]> {
  const projections: Projection[] = []
  for (const [type, names] of Map.groupBy(due, ({ type }) => type)) {
    const ids = names.map(({ id }) => id)
    const there =
      (await sources[type]?.of(
        ctx,
        ids.filter((id) => rowOf(id) !== undefined),
      )) ?? []
    const found = new Set(there.map(({ id }) => id))
    const gone = ids.filter((id) => !found.has(id))
    projections.push(
      ...there.map((one) => ({ type, ...one })),
      ...gone.map((id) => ({ type, id, state: 'gone', elements: {} }) as const),
    )
  }
  return projections
}
