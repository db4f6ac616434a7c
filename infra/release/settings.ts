/** How a release is judged and how long each step may take. */
export interface ReleaseSettings {
  /** Shares of the traffic that the new colour gets, one after the other; the last is 100. */
  shares: readonly number[]
  /** How long each share is watched, and the whole of it once more before the promotion. */
  bakeSeconds: number
  /** A share is judged only after so many answers; too few within the limit of the step is a failure to judge, not a pass. */
  minRequests: number
  /** Of the new colour's answers, how many may fail. */
  maxFailedShare: number
  maxMeanMs: number
  /** How often readiness and traffic are looked at. */
  pollMs: number
  /** Seconds until a step has failed. */
  limits: Record<'short' | 'migrate' | 'ready' | 'drain', number>
}

/** 99.9 % of answers are an SLO of every journey; while it is broken no release goes on. */
export const careful: ReleaseSettings = {
  shares: [10, 50, 100],
  bakeSeconds: 120,
  minRequests: 500,
  maxFailedShare: 0.001,
  maxMeanMs: 250,
  pollMs: 1_000,
  limits: { short: 60, migrate: 1_800, ready: 300, drain: 120 },
}
