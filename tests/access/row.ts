import type { Caller, World } from './world.ts'

// What is said of an operation in the tables beside: on what it is asked, and who gets through.

export interface Ask {
  /** Into the places of the path. */
  params?: Record<string, string>
  query?: string
  body?: unknown
  upload?: Buffer
}

export interface Row {
  ask(ids: World['ids']): Ask
  /** Who may, beside the role; left out: whoever the role lets call. */
  who?: readonly Caller[]
  /** It can be done once: whoever comes second finds it gone. */
  once?: true
  /** Of a list, which all of these may call: whose answer has it in it. Left out: no list of anybody's. */
  shows?: { of(ids: World['ids']): string; to: readonly Caller[] }
  /** Why nobody here gets 2xx. Without this one of those who may must. */
  never?: string
}

/** Several where it is asked about several things, and other callers may each time. */
export type Rows = Row | readonly Row[]

export const plain: Row = { ask: () => ({}) }
export const asking = (ask: Row['ask'], who?: readonly Caller[]): Row => ({ ask, ...(who && { who }) })
export const of = (name: keyof World['ids'], who?: readonly Caller[], body?: unknown) =>
  asking((ids) => ({ params: { id: ids[name] }, ...(body !== undefined && { body }) }), who)

export const bookers: readonly Caller[] = ['self', 'booking', 'full', 'guardian']
export const readers: readonly Caller[] = ['self', 'seeing', 'full', 'guardian', 'treating', 'holder']
export const desk: readonly Caller[] = ['clerk']
export const own: readonly Caller[] = ['self']
