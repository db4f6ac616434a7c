import type { Config } from './config.ts'

// How long each kind of thing is kept, by default and why. docs/guides/privacy.md shows this table; jobs of the rooms apply it at night.

interface Retention {
  what: string
  /** The setting; without one it is not deleted by age. */
  setting?: keyof Config & `KEEP_${string}`
  /** What is counted from. */
  since: string
  reason: string
}

export const retention = {
  appointments: {
    what: 'Appointments',
    setting: 'KEEP_APPOINTMENTS_DAYS',
    since: 'their end',
    reason: 'Records of treatment: ten years in many laws. GDPR Art. 17 (3) (b), (c)',
  },
  queues: {
    what: 'Numbers of a waiting room; of people who are not registered after a week',
    setting: 'KEEP_QUEUES_DAYS',
    since: 'the day on which they were given',
    reason: 'Complaints about a wait come within weeks; that somebody was there, the appointment says. Art. 5 (1) (e)',
  },
  notifications: {
    what: 'Notifications, what of them left the house, and what other systems were told',
    setting: 'KEEP_NOTIFICATIONS_DAYS',
    since: 'when they were written',
    reason: 'What somebody was told a year ago is of use to nobody. Art. 5 (1) (e)',
  },
  sessions: {
    what: 'Sessions that have ended',
    setting: 'KEEP_SESSIONS_DAYS',
    since: 'their end',
    reason: 'Somebody who was attacked must be able to see from where. Art. 6 (1) (f)',
  },
  exports: {
    what: 'Copies of everything about a person',
    setting: 'KEEP_EXPORTS_DAYS',
    since: 'when they were made',
    reason: 'Long enough to fetch them. Art. 5 (1) (e)',
  },
  imports: {
    what: 'Files of many that a desk sent in: their faults and counts',
    setting: 'KEEP_IMPORTS_DAYS',
    since: 'when they were done',
    reason: 'Time to mend what was refused and send it again. Art. 5 (1) (e)',
  },
  erasures: {
    what: 'Receipts of erasure: numbers and kinds, no names',
    setting: 'KEEP_ERASURES_DAYS',
    since: 'when it was done',
    reason: 'Proof that it was done. Art. 5 (2)',
  },
  audit: {
    what: 'Audit and access log: references, no contents',
    since: 'when it was written',
    reason:
      'Sealed in a chain; old parts can be handed out as files (openhcs audit detach), and patients read what is here. Art. 5 (2), Art. 17 (3) (b)',
  },
} as const satisfies Record<string, Retention>

export type Kept = keyof typeof retention

const DAY_MS = 86_400_000

const daysOf = (config: Config, kind: Kept): number => {
  const { setting } = retention[kind] as Retention
  return setting === undefined ? Number.POSITIVE_INFINITY : Number(config[setting])
}

/** Everything of this kind from before then goes. */
export const forgottenBefore = (config: Config, kind: Exclude<Kept, 'audit'>, now: Date): Date =>
  new Date(now.getTime() - daysOf(config, kind) * DAY_MS)

export const keptUntil = (config: Config, kind: Exclude<Kept, 'audit'>, since: Date): Date =>
  new Date(since.getTime() + daysOf(config, kind) * DAY_MS)
