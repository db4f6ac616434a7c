import type pg from 'pg'
import type { Config } from '../config.ts'
import type { AnyService } from '../service.ts'

/** `look`: it serves, and somebody should look at this by day. `bad`: it does not serve, or will not for long. */
export type Verdict = 'good' | 'look' | 'bad'

export interface Finding {
  check: string
  verdict: Verdict
  /** What is, in words for whoever is on call. */
  says: string
  /** What to do about it. */
  advice?: string
}

export const good = (check: string, says: string): Finding => ({ check, verdict: 'good', says })
export const look = (check: string, says: string, advice: string): Finding => ({ check, verdict: 'look', says, advice })
export const bad = (check: string, says: string, advice: string): Finding => ({ check, verdict: 'bad', says, advice })

/** What checks that need the database are given. */
export interface Examined {
  config: Config
  services: readonly Pick<AnyService, 'name' | 'migrations'>[]
  /** As the owner. */
  owner: pg.Client
  now: Date
}

export const minutesBetween = (earlier: Date, later: Date): number => (later.getTime() - earlier.getTime()) / 60_000

/** `3 minutes`, `5 hours`, `4 days` */
export function spell(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} minutes`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1_440)} days`
}
