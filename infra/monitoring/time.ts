/** A duration as Prometheus writes it, in one unit. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd' | 'w'}`

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** How time is written in a rule. A rehearsal cannot wait an hour for an hour's window: it runs the same rules with time drawn together. */
export interface Time {
  of(duration: Duration): string
  seconds(duration: Duration): number
}

const secondsIn = (duration: Duration) =>
  Number(duration.slice(0, -1)) * SECONDS[duration.slice(-1) as keyof typeof SECONDS]

export const realTime: Time = { of: (duration) => duration, seconds: secondsIn }

/** An hour of the rules takes an hour divided by `factor`. */
export const faster = (factor: number): Time => ({
  of: (duration) => `${Math.max(1, Math.round((secondsIn(duration) * 1_000) / factor))}ms`,
  seconds: (duration) => secondsIn(duration) / factor,
})
