import type { Dose, Regimen, Span } from './dose.ts'

const DAY_MS = 86_400_000
/** Of what an app says: no calendar goes beyond. */
const LAST_OF_ALL = Date.UTC(9999, 11, 31) / DAY_MS
/** Of months the longest. */
const DAYS = { hour: 1 / 24, day: 1, week: 7, month: 31 } as const satisfies Record<Span['unit'], number>

export interface Course {
  /** On which the last dose is taken at the latest, by who begins when it is prescribed. */
  lastDay: string
  /** That day is past, everywhere. */
  hasRunOut: boolean
  /** And so is the same time again, a week at least: who began late, or left doses out, has none left either. */
  isLongOver: boolean
}

/** Of doses that were prescribed at `begun`; undefined where they have no end. */
export function courseOf(regimen: Regimen, begun: Date, now: Date): Course | undefined {
  const begin = Math.floor(begun.getTime() / DAY_MS)
  const end = endOfAll(regimen, begin)
  if (end === undefined || !(end > 0 && end < LAST_OF_ALL)) return undefined
  return {
    lastDay: new Date(end * DAY_MS).toISOString().slice(0, 10),
    hasRunOut: isPast(end * DAY_MS, now),
    isLongOver: isPast((end + Math.max(end - begin, DAYS.week)) * DAY_MS, now),
  }
}

/** Of a day, by its midnight in UTC: the last place on earth where it is still that day is twelve hours behind. */
export const isPast = (day: number, now: Date): boolean =>
  Math.floor((now.getTime() - DAY_MS / 2) / DAY_MS) * DAY_MS > day

/** In days, as all of this. */
function endOfAll({ doses, inTurn = false }: Regimen, begin: number): number | undefined {
  let last = begin
  for (const dose of doses) {
    const end = endOf(dose, inTurn ? last : begin)
    if (end === undefined) return undefined
    last = Math.max(last, end)
  }
  return last
}

function endOf({ for: span, from, until, once, asNeeded }: Dose, begin: number): number | undefined {
  const first = from === undefined ? begin : dayOf(from)
  if (until !== undefined) return dayOf(until)
  if (span && span.count > 0 && first !== undefined) return first + Math.ceil(span.count * DAYS[span.unit])
  // Nobody knows when a single dose for when it is needed is.
  return once && !asNeeded ? first : undefined
}

/** Of a whole date: a year or a month ends nobody knows when. */
const dayOf = (text: string): number | undefined =>
  /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.slice(0, 10)) / DAY_MS : undefined
