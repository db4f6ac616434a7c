import { type Slo, slos } from './slos.ts'
import type { Duration, Time } from './time.ts'

// Alerts on how fast the budget of errors is used up (Google, The Site Reliability Workbook, chapter 5, "Multiwindow, multi-burn-rate alerts"): the long
// window says that it matters, the short one that it still goes on.

export interface Speed {
  burn: 'fast' | 'steady' | 'slow'
  /** Times as fast as would use the budget up exactly in its 28 days. */
  factor: number
  long: Duration
  short: Duration
  severity: 'page' | 'ticket'
}

export const speeds: readonly Speed[] = [
  { burn: 'fast', factor: 14.4, long: '1h', short: '5m', severity: 'page' },
  { burn: 'steady', factor: 6, long: '6h', short: '30m', severity: 'page' },
  { burn: 'slow', factor: 1, long: '3d', short: '6h', severity: 'ticket' },
]

/** At night three searches may be all there are: one that fails is a third of them, and no reason to wake anybody. */
export const LEAST_FAILURES = 5

const windows: readonly Duration[] = ['5m', '30m', '1h', '6h', '3d']

export const ratioOf = (window: Duration) => `openhcs:journey_errors:ratio_rate${window}`
const failuresOf = (window: Duration) => `openhcs:journey_failures:increase${window}`

export interface Rule {
  record: string
  expr: string
  labels: Record<string, string>
}

/** Where nothing good happens there is no series of good events: that is all bad, not unknown. */
export const recordings = ({ journey, total, good }: Slo, time: Time): Rule[] => {
  const labels = { journey }
  const count = (how: string, what: string, window: Duration) => `sum(${how}(${what}[${time.of(window)}]))`
  return [
    ...windows.map((window) => ({
      record: ratioOf(window),
      expr: `1 - (${count('rate', good, window)} or vector(0)) / ${count('rate', total, window)}`,
      labels,
    })),
    ...speeds.map(({ long }) => ({
      record: failuresOf(long),
      expr: `${count('increase', total, long)} - (${count('increase', good, long)} or vector(0))`,
      labels,
    })),
  ]
}

/** Rounded, so that 14.4 × 0.005 is written as 0.072. */
const thresholdOf = ({ objective }: Slo, { factor }: Speed) => Number((factor * (1 - objective)).toPrecision(6))

export const burnExpr = (slo: Slo, speed: Speed): string => {
  const of = `{journey="${slo.journey}"}`
  const over = (window: Duration) => `${ratioOf(window)}${of} > ${thresholdOf(slo, speed)}`
  return `${over(speed.long)} and ${over(speed.short)} and ${failuresOf(speed.long)}${of} >= ${LEAST_FAILURES}`
}

/** `sign-in` → SignInBudgetBurn */
export const burnName = ({ journey }: Slo) =>
  `${journey.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}BudgetBurn`

export const burns = slos.flatMap((slo) => speeds.map((speed) => ({ slo, speed })))
