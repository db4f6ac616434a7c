import { Temporal } from 'temporal-polyfill'
import type { Context } from '#platform/context.ts'

interface Born {
  birth_date: string
  zone: string
}

/** The instant at which somebody comes of age: the first of that day where they live. Who was born on a 29 February does so on a 1 March. */
export function majorityOf(
  { birth_date, zone }: Born,
  { MAJORITY_AGE }: Pick<Context['config'], 'MAJORITY_AGE'>,
): Date {
  const born = Temporal.PlainDate.from(birth_date)
  const day = born.add({ years: MAJORITY_AGE })
  const came = born.day === 29 && day.day === 28 ? day.add({ days: 1 }) : day
  return new Date(came.toZonedDateTime(zone).epochMilliseconds)
}

export const isMinor = (patient: Born, { config, now }: Pick<Context, 'config' | 'now'>): boolean =>
  majorityOf(patient, config) > now()
