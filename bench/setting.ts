import type { Country } from './country.ts'
import type { Load } from './measure.ts'

/** What every measurement needs. */
export interface Bench {
  folder: string
  load: Load
  /** Of each measurement. */
  seconds: number
  envFor(country: Country): Record<string, string>
}
