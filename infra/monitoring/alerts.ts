import type { Duration, Time } from './time.ts'

export type Severity = 'page' | 'ticket' | 'business'

/** What promtool plays, a value a minute (a quarter of an hour where it is about weeks), and the moment at which it looks. */
export interface Case {
  step?: '1m' | '15m'
  series: Readonly<Record<string, string>>
  at: string
}

/** Something that will hurt people, or soon will, beside how fast the journeys burn their budgets (burn.ts). */
export interface Alert {
  name: string
  severity: Severity
  expr(time: Time): string
  for: Duration
  /** One sentence without figures: it is what the telephone says. */
  summary: string
  /** `labels`: those of the alert that must come. */
  fires: Case & { labels?: Readonly<Record<string, string>> }
  quiet: Case
}

const up = 'up{job="openhcs",instance="a:8080"}'
const room = { room: 'scheduling' }

const service: readonly Alert[] = [
  {
    name: 'ServiceDown',
    severity: 'page',
    expr: () => 'absent(up{job="openhcs"} == 1)',
    for: '1m',
    summary: 'No process of the service answers.',
    fires: { series: { [up]: '1 1 0 0 0 0' }, at: '4m' },
    quiet: { series: { [up]: '0x10', 'up{job="openhcs",instance="b:8080"}': '1x10' }, at: '8m' },
  },
  {
    name: 'TargetDown',
    severity: 'ticket',
    expr: () => 'up{job="openhcs"} == 0',
    for: '5m',
    summary: 'One process of the service does not answer; others do.',
    fires: { series: { [up]: '1 0x10' }, at: '8m', labels: { job: 'openhcs', instance: 'a:8080' } },
    quiet: { series: { [up]: '1 0 0 0 1x10' }, at: '8m' },
  },
  {
    name: 'DatabaseUnreachable',
    severity: 'page',
    expr: () => 'max by (room) (openhcs_database_up) == 0',
    for: '1m',
    summary: 'No process of this room reaches the database.',
    fires: { series: { 'openhcs_database_up{room="scheduling",instance="a"}': '1 0x10' }, at: '4m', labels: room },
    quiet: {
      series: {
        'openhcs_database_up{room="scheduling",instance="a"}': '0x10',
        'openhcs_database_up{room="scheduling",instance="b"}': '1x10',
      },
      at: '8m',
    },
  },
  {
    name: 'DatabasePoolExhausted',
    severity: 'ticket',
    expr: () => 'max by (room) (openhcs_database_requests_waiting) > 0',
    for: '5m',
    summary: 'Requests of this room have waited for a connection to the database, all the time.',
    fires: { series: { 'openhcs_database_requests_waiting{room="scheduling"}': '0 3x10' }, at: '8m', labels: room },
    quiet: { series: { 'openhcs_database_requests_waiting{room="scheduling"}': '0 3 3 0 3 3 0 3 3' }, at: '8m' },
  },
  {
    name: 'ReaderLate',
    severity: 'ticket',
    expr: (time) => `max(openhcs_reader_lag_seconds) > ${time.seconds('1m')}`,
    for: '5m',
    summary: 'The reader of the database is away or late for a process, and the primary does its work.',
    fires: { series: { openhcs_reader_lag_seconds: '1 1+60x20' }, at: '12m' },
    quiet: { series: { openhcs_reader_lag_seconds: '1 61 121 181 1x20' }, at: '12m' },
  },
]

const due = 'openhcs_jobs_oldest_due_seconds{room="notifications",task="event"}'
const reminder = (le: string) =>
  `openhcs_job_seconds_bucket{room="notifications",task="remind",outcome="ok",le="${le}"}`
const reminders = 'openhcs_job_seconds_count{room="notifications",task="remind",outcome="ok"}'

const oldestMail = 'openhcs_deliveries_oldest_queued_seconds{channel="email"}'
const deadMails = 'openhcs_deliveries{channel="email",status="dead"}'

const work: readonly Alert[] = [
  {
    name: 'JobsLate',
    severity: 'page',
    expr: (time) => `max by (room, task) (openhcs_jobs_oldest_due_seconds) > ${time.seconds('10m')}`,
    for: '5m',
    summary: 'Jobs and deliveries of events are not done: people are not told, and rooms do not learn of one another.',
    fires: { series: { [due]: '0+60x30' }, at: '20m', labels: { room: 'notifications', task: 'event' } },
    quiet: { series: { [due]: '0+60x12 0x20' }, at: '20m' },
  },
  {
    name: 'JobsGivenUp',
    severity: 'ticket',
    expr: () => 'max by (room, task) (openhcs_jobs_failed) > 0',
    for: '15m',
    summary: 'Jobs or deliveries have failed at every attempt and wait for somebody to look.',
    fires: {
      series: { 'openhcs_jobs_failed{room="notifications",task="deliver"}': '0 2x30' },
      at: '20m',
      labels: { room: 'notifications', task: 'deliver' },
    },
    quiet: { series: { 'openhcs_jobs_failed{room="notifications",task="deliver"}': '0x30' }, at: '20m' },
  },
  {
    name: 'MessagesWaiting',
    severity: 'ticket',
    expr: (time) => `max by (channel) (openhcs_deliveries_oldest_queued_seconds) > ${time.seconds('1h')}`,
    for: '10m',
    summary: 'Messages of this channel have been due for more than an hour.',
    fires: { series: { [oldestMail]: '0+60x90' }, at: '80m', labels: { channel: 'email' } },
    quiet: { series: { [oldestMail]: '0+60x50 0x40' }, at: '80m' },
  },
  {
    name: 'MessagesGivenUp',
    severity: 'ticket',
    expr: () => 'max by (channel) (openhcs_deliveries{status="dead"}) > 0',
    for: '15m',
    summary: 'Messages of this channel were given up after every attempt, and wait for somebody to look.',
    fires: { series: { [deadMails]: '0 2x30' }, at: '20m', labels: { channel: 'email' } },
    quiet: { series: { [deadMails]: '0x30' }, at: '20m' },
  },
  {
    name: 'AuditSealLate',
    severity: 'ticket',
    expr: (time) => `max(openhcs_audit_unsealed_seconds) > ${time.seconds('15m')}`,
    for: '5m',
    summary: 'The audit has not been sealed: until it is, a change to it would not show.',
    fires: { series: { openhcs_audit_unsealed_seconds: '0+60x30' }, at: '25m' },
    quiet: { series: { openhcs_audit_unsealed_seconds: '60x30' }, at: '25m' },
  },
  {
    name: 'AuditSealBroken',
    severity: 'page',
    expr: () => 'max(openhcs_audit_broken_seals) > 0',
    for: '0s',
    summary: 'The audit does not fit its seals: somebody may have altered it.',
    fires: { series: { openhcs_audit_broken_seals: '0 0 1 1' }, at: '3m' },
    quiet: { series: { openhcs_audit_broken_seals: '0x10' }, at: '3m' },
  },
  {
    name: 'BackupTooOld',
    severity: 'ticket',
    expr: (time) => `max(openhcs_last_backup_age_seconds) > ${time.seconds('26h')}`, // every night, and two hours to make it
    for: '30m',
    summary:
      'No backup was made last night, or there was never one: with the database all that came since would be lost.',
    fires: { step: '15m', series: { openhcs_last_backup_age_seconds: '0+900x120' }, at: '1620m' },
    quiet: { step: '15m', series: { openhcs_last_backup_age_seconds: '0+900x96 0+900x24' }, at: '1620m' },
  },
]

const booked = 'openhcs_events_total{room="scheduling",event="Appointment.booked"}'
const bookings = 'openhcs_events_total{event="Appointment.booked"}'
const asked = 'openhcs_http_request_seconds_count{operation="bookAppointment"}'
const refused = 'openhcs_problems_total{operation="bookAppointment",reason!=""}'

const business: readonly Alert[] = [
  {
    name: 'BookingsStopped',
    severity: 'page',
    expr: (time) =>
      `(sum(increase(${bookings}[${time.of('1h')}])) or vector(0)) < 1 and sum(increase(${bookings}[${time.of('1h')}] offset ${time.of('1w')})) > 20`,
    for: '15m',
    summary: 'Nobody has booked for an hour, and a week ago at this time many did.',
    fires: { step: '15m', series: { [booked]: '0+15x671 10065x40' }, at: '10200m' },
    quiet: { step: '15m', series: { [booked]: '0+15x711' }, at: '10200m' },
  },
  {
    name: 'BookingsRefused',
    severity: 'business',
    expr: (time) => {
      const sum = (what: string) => `sum(increase(${what}[${time.of('1h')}]))`
      return `${sum(refused)} / ${sum(asked)} > 0.5 and ${sum(refused)} > 20`
    },
    for: '15m',
    summary: 'More than half of all attempts to book are refused by a rule.',
    fires: {
      series: {
        'openhcs_problems_total{operation="bookAppointment",reason="outside-hours"}': '0+3x90',
        'openhcs_http_request_seconds_count{operation="bookAppointment",outcome="refused"}': '0+3x90',
        'openhcs_http_request_seconds_count{operation="bookAppointment",outcome="ok"}': '0+1x90',
      },
      at: '80m',
    },
    quiet: {
      series: {
        'openhcs_problems_total{operation="bookAppointment",reason="taken"}': '0+1x90',
        'openhcs_http_request_seconds_count{operation="bookAppointment",outcome="refused"}': '0+1x90',
        'openhcs_http_request_seconds_count{operation="bookAppointment",outcome="ok"}': '0+3x90',
      },
      at: '80m',
    },
  },
  {
    name: 'RemindersLate',
    severity: 'business',
    expr: (time) => {
      const of = (what: string) => `sum(increase(${what}[${time.of('1h')}]))`
      const said = `openhcs_job_seconds_count{task="remind"}`
      const inTime = `openhcs_job_seconds_bucket{task="remind",le="900"}`
      return `${of(said)} - ${of(inTime)} > 0.5 or max(openhcs_jobs_oldest_due_seconds{task="remind"}) > ${time.seconds('15m')}`
    },
    for: '0s',
    summary: 'Reminders of visits went out more than a quarter of an hour late, or still wait.',
    fires: { series: { [reminders]: '0+4x60', [reminder('900')]: '0+3x60' }, at: '50m' },
    quiet: { series: { [reminders]: '0+4x60', [reminder('900')]: '0+4x60' }, at: '50m' },
  },
  {
    name: 'LicencesExpiring',
    severity: 'business',
    expr: () => 'max(openhcs_licences_expiring) > 0',
    for: '1h',
    summary: 'Licences of practitioners end within thirty days; then they take no appointments.',
    fires: { series: { openhcs_licences_expiring: '2x100' }, at: '70m' },
    quiet: { series: { openhcs_licences_expiring: '0x100' }, at: '70m' },
  },
]

export const alerts: readonly Alert[] = [...service, ...work, ...business]
