import { canonicalUnit } from '#fhir/indexing/ucum.ts'
import type { FieldError } from '#platform/errors.ts'
import { Problem } from '#platform/errors.ts'
import type { Body } from './fields.ts'

const DATES = ['onset', 'from', 'on', 'at']
const DAY_MS = 86_400_000

/** What nobody can have meant is asked back, with the place: a day that is none or still to come, an end before its beginning, a number without its unit. */
export function expectPlausible(entry: Body, now: Date): void {
  const errors = [...datesOf(entry, now), ...valueFaults(entry.value as Body | undefined)]
  if (errors.length > 0) throw new Problem('business-rule', 'Something here cannot be so; see errors.', { errors })
}

function datesOf(entry: Body, now: Date): FieldError[] {
  const errors: FieldError[] = []
  const say = (name: string, detail: string) => errors.push({ pointer: `/body/${name}`, detail })
  for (const name of [...DATES, 'until']) {
    const value = entry[name]
    if (typeof value !== 'string') continue
    if (!isDay(value)) say(name, 'is no day of the calendar')
    // What is still intended may begin later; anywhere on earth it may be tomorrow already.
    else if (DATES.includes(name) && entry.status !== 'intended' && Date.parse(value) > now.getTime() + DAY_MS)
      say(name, 'is still to come')
  }
  const began = DATES.map((name) => entry[name]).find((value) => typeof value === 'string') as string | undefined
  if (errors.length === 0 && began !== undefined && typeof entry.until === 'string' && isBefore(entry.until, began))
    say('until', 'is before it began')
  return errors
}

/** 30 February is taken by Date.parse for a day of March. */
function isDay(value: string): boolean {
  const [day = ''] = value.split('T')
  if (Number.isNaN(Date.parse(value))) return false
  return day.length < 10 || new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}

/** As far as both say: 2030 is not before 2030-05. */
const isBefore = (a: string, b: string): boolean => {
  const length = Math.min(a.split('T')[0]?.length ?? 0, b.split('T')[0]?.length ?? 0)
  return a.slice(0, length) < b.slice(0, length)
}

function valueFaults(value: Body | undefined): FieldError[] {
  const { number, unit, concept } = value ?? {}
  const pointer = '/body/value/unit'
  if (value !== undefined && (number === undefined) === (concept === undefined))
    return [{ pointer: '/body/value', detail: 'must be either a number or a concept' }]
  if (number === undefined) return unit === undefined ? [] : [{ pointer, detail: 'stands beside a number alone' }]
  if (typeof unit !== 'string')
    return [{ pointer, detail: 'is missing: it is not guessed, and `1` where there is none' }]
  // Of arbitrary units, such as [pH], no scale is known.
  const isUnit = canonicalUnit(unit) !== undefined || /^\[[^\]]+\]$/.test(unit)
  return isUnit ? [] : [{ pointer, detail: 'is no unit of UCUM' }]
}
