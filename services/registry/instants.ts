/** A 29 February is followed by a 28th, as PostgreSQL counts. */
export function inYears(from: Date, years: number): Date {
  const then = new Date(from)
  then.setUTCFullYear(from.getUTCFullYear() + years)
  if (then.getUTCMonth() !== from.getUTCMonth()) then.setUTCDate(0)
  return then
}

export const earlier = (one: Date, other: Date): Date => new Date(Math.min(one.getTime(), other.getTime()))
export const later = (one: Date, other: Date): Date => new Date(Math.max(one.getTime(), other.getTime()))
