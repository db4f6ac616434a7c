/** What is promised of a journey: this share of its events is good, over any 28 days. */
export interface Slo {
  journey: 'find' | 'book' | 'sign-in' | 'notify'
  /** For people. */
  promise: string
  objective: number
  /** Counters of all events, and of the good ones: the indicator is good / total. */
  total: string
  good: string
}

/** The service is not to blame for what it refuses: a slot that is taken, a wrong password. What it fails at, or is slow at, is bad. */
const requests = (operations: readonly string[], seconds: number): Pick<Slo, 'total' | 'good'> => {
  const of = `operation=~"${operations.join('|')}"`
  return {
    total: `openhcs_http_request_seconds_count{${of}}`,
    good: `openhcs_http_request_seconds_bucket{${of},outcome!="failed",le="${seconds}"}`,
  }
}

const jobs = (room: string, seconds: number): Pick<Slo, 'total' | 'good'> => ({
  total: `openhcs_job_seconds_count{room="${room}"}`,
  good: `openhcs_job_seconds_bucket{room="${room}",outcome="ok",le="${seconds}"}`,
})

export const slos: readonly Slo[] = [
  {
    journey: 'find',
    promise: '99.5 % of searches and lists of slots are answered within half a second',
    objective: 0.995,
    ...requests(['findPractitioners', 'listSlots'], 0.5),
  },
  {
    journey: 'book',
    promise: '99.9 % of bookings, holds, moves and cancellations are answered within a second',
    objective: 0.999,
    ...requests(['bookAppointment', 'createHold', 'rescheduleAppointment', 'cancelAppointment'], 1),
  },
  {
    journey: 'sign-in',
    promise: '99.9 % of sign-ins are answered within a second',
    objective: 0.999,
    ...requests(['createSession'], 1),
  },
  {
    journey: 'notify',
    promise: '99 % of messages and reminders go out within a minute of when they are due',
    objective: 0.99,
    ...jobs('notifications', 60),
  },
]
