import type { Static } from 'typebox'
import type { SectionName, Sections } from '../contract/note.ts'

/** What a note says, by section. */
export type NoteSections = Static<typeof Sections>
export type NotedVital = NonNullable<NoteSections['vitals']>[number]
export type NotedProblem = NonNullable<NoteSections['problems']>[number]
export type NotedOrder = NonNullable<NoteSections['orders']>[number]

/** By section: the version of the draft in which it was changed last, by which practitioner, and when. */
export type Changes = Partial<Record<SectionName, { version: number; by: string; at: string }>>

/** Those of which something is left to read. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' ? value.trim() === '' : Array.isArray(value) && value.length === 0)
