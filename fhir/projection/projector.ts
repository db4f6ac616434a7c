import type { TransactionContext } from '#platform/context.ts'
import type { Name } from '../store/due.ts'
import type { Projection } from '../store/project.ts'

/** What the rows of a room's table are as resources of one type. */
export interface Source<T> {
  table: string
  /** What their ids have behind those of the rows, where a row is several resources. */
  suffixes?: readonly string[]
  /** Those of these that have a row. */
  of(ctx: TransactionContext<T>, ids: readonly string[]): Promise<Omit<Projection, 'type'>[]>
}

/** What a room's own rows are as resources. */
export interface Projector<T> {
  sources: Readonly<Record<string, Source<T>>>
  /** Locks the rows of these, where somebody writes to the store who has them locked and takes no turns. */
  lock?(ctx: TransactionContext<T>, names: readonly Name[]): Promise<void>
}

export const typesOf = <T>({ sources }: Projector<T>): string[] => Object.keys(sources)

/** The id of the row that a resource would be of. */
export const rowOf = (id: string): string | undefined => ROW.exec(id)?.[1]
const ROW = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\.[a-z]+)?$/
