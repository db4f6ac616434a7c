import type { Taken } from '../queries/together.ts'
import { MINUTE } from '../search-window.ts'

/** The first stands for all. Each of them names all, so it is as sensitive as the most sensitive; see place_together in migrations/0021_together.sql. */
export function shareCategory<R extends { id: string; category: string }>(rows: readonly R[]): R[] {
  const [first, ...others] = rows
  const ordered = [...(first ? [first] : []), ...others.toSorted((a, b) => (a.id < b.id ? -1 : 1))]
  const shared = ordered.find(({ category }) => category !== 'general')?.category ?? 'general'
  return rows.map((row) => (row.category === 'general' ? { ...row, category: shared } : row))
}

interface Around {
  before_minutes: number
  after_minutes: number
  resources: string[]
}

/** Rooms and devices of the hours of any of them, once each. */
export const roomsOf = (parts: readonly Pick<Around, 'resources'>[]): string[] => [
  ...new Set(parts.flatMap(({ resources }) => resources)),
]

/**
 * What a visit of several takes: each of them with their own time before and after it, a room or a device from the first to the last who uses it, and the
 * patient for the visit.
 */
export function takenBy(
  practitioners: readonly string[],
  parts: readonly Around[],
  { patient, start, end }: { patient: string; start: Date; end: Date },
): Taken[] {
  const during = (of: readonly Around[]) => ({
    from: new Date(start.getTime() - Math.max(...of.map((one) => one.before_minutes)) * MINUTE),
    until: new Date(end.getTime() + Math.max(...of.map((one) => one.after_minutes)) * MINUTE),
  })
  return [
    ...parts.map((part, i) => ({ resource: practitioners[i] as string, ...during([part]) })),
    ...roomsOf(parts).map((resource) => ({
      resource,
      ...during(parts.filter(({ resources }) => resources.includes(resource))),
    })),
    { resource: patient, from: start, until: end },
  ]
}
