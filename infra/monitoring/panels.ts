import { ratioOf } from './burn.ts'
import { slos } from './slos.ts'

export interface Panel {
  title: string
  /** What it says, and what to do about it. */
  about: string
  /** Grafana's name of the unit. */
  unit: 'percentunit' | 'reqps' | 's' | 'short' | 'bytes'
  kind: 'stat' | 'lines'
  /** By their legend. */
  queries: Readonly<Record<string, string>>
}

export interface Row {
  title: string
  panels: readonly Panel[]
}

const RANGE = '[$__rate_interval]'
const http = 'openhcs_http_request_seconds'
const rate = (what: string, by = '') => `sum${by && ` by (${by})`} (rate(${what}${RANGE}))`
const quantile = (q: number, bucket: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${bucket}${RANGE})))`

const lines = (title: string, unit: Panel['unit'], about: string, queries: Panel['queries']): Panel => ({
  ...{ title, unit, about, queries, kind: 'lines' },
})
const stat = (title: string, unit: Panel['unit'], about: string, query: string): Panel => ({
  ...{ title, unit, about, queries: { '': query }, kind: 'stat' },
})

const journeys: Row[] = slos.map(({ journey, promise, objective, total, good }) => ({
  title: journey,
  panels: [
    stat(`${journey}: share that was good`, 'percentunit', promise, `1 - ${ratioOf('1h')}{journey="${journey}"}`),
    stat(
      `${journey}: speed at which the budget is used`,
      'short',
      'At 1 it lasts its 28 days; at 14.4 somebody is woken.',
      `${ratioOf('1h')}{journey="${journey}"} / ${Number((1 - objective).toPrecision(6))}`,
    ),
    lines(`${journey}: events`, 'reqps', 'All, and those that were good.', {
      all: rate(total),
      good: rate(good),
    }),
  ],
}))

const service: Row[] = [
  {
    title: 'Requests',
    panels: [
      lines('Requests by room', 'reqps', 'Answered requests.', { '{{room}}': rate(`${http}_count`, 'room') }),
      lines('Requests by how they ended', 'reqps', 'Refused is the caller’s affair, failed is ours.', {
        '{{outcome}}': rate(`${http}_count`, 'outcome'),
      }),
      lines('Time to search for slots', 's', 'Half, and the slowest of a hundred.', {
        'half: {{operation}}': quantile(0.5, `${http}_bucket{operation=~"findPractitioners|listSlots"}`, 'operation'),
        '99 %: {{operation}}': quantile(0.99, `${http}_bucket{operation=~"findPractitioners|listSlots"}`, 'operation'),
      }),
      lines('Time to book', 's', 'Half, and the slowest of a hundred.', {
        half: quantile(0.5, `${http}_bucket{operation="bookAppointment"}`, 'operation'),
        '99 %': quantile(0.99, `${http}_bucket{operation="bookAppointment"}`, 'operation'),
      }),
      lines('Problems by code', 'reqps', 'Codes are explained under /problems/<code>.', {
        '{{code}}': rate('openhcs_problems_total', 'code'),
      }),
    ],
  },
  {
    title: 'Database',
    panels: [
      lines('Connections in use', 'percentunit', 'Of those that each room may have.', {
        '{{room}}':
          'max by (room) (openhcs_database_connections_in_use) / max by (room) (openhcs_database_connections_max)',
      }),
      lines('Requests that wait for a connection', 'short', 'More than none for long: see database-pool-exhausted.', {
        '{{room}}': 'sum by (room) (openhcs_database_requests_waiting)',
      }),
      lines('Statements', 'reqps', 'Sent by each room.', { '{{room}}': rate('openhcs_database_statements', 'room') }),
      lines(
        'Who answers searches',
        'reqps',
        'Of those that a reader may answer; why the primary does: see reader-late.',
        {
          '{{by}} {{reason}}': rate('openhcs_reader_answers_total', 'by, reason'),
        },
      ),
      lines(
        'How late the reader is',
        's',
        'At most, for the process that sees it latest; up to two seconds are its own looking.',
        {
          late: 'max(openhcs_reader_lag_seconds)',
        },
      ),
      stat('Rooms that reach the database', 'short', 'All should.', 'sum(max by (room) (openhcs_database_up))'),
    ],
  },
  {
    title: 'Jobs, events, audit, backup',
    panels: [
      lines('Age of the oldest that is due', 's', 'Events are jobs: this is the age of the outbox.', {
        '{{room}} {{task}}': 'max by (room, task) (openhcs_jobs_oldest_due_seconds)',
      }),
      lines('Due', 'short', 'Jobs and deliveries that wait although their time has come.', {
        '{{room}} {{task}}': 'max by (room, task) (openhcs_jobs_due)',
      }),
      lines('Given up', 'short', 'Failed at every attempt.', {
        '{{room}} {{task}}': 'max by (room, task) (openhcs_jobs_failed)',
      }),
      lines('From due to done', 's', 'The slowest of a hundred.', {
        '{{room}} {{task}}': quantile(0.99, 'openhcs_job_seconds_bucket', 'room, task'),
      }),
      stat('Audit: oldest row without a seal', 's', 'Sealed every minute.', 'max(openhcs_audit_unsealed_seconds)'),
      stat(
        'Audit: broken seals',
        'short',
        'None, ever. Nothing here means that nobody has looked yet: the first look is within the hour.',
        'max(openhcs_audit_broken_seals) or vector(0)',
      ),
      stat(
        'Audit: rows without a partition',
        'short',
        'None: the worker makes partitions ahead. Nothing is lost; openhcs doctor says what to do.',
        'max(openhcs_audit_rows_in_net)',
      ),
      stat('Newest backup', 's', 'Its age; see backup-too-old.', 'max(openhcs_last_backup_age_seconds)'),
    ],
  },
  {
    title: 'Processes',
    panels: [
      stat('Processes that answer', 'short', 'To Prometheus.', 'count(up{job="openhcs"} == 1)'),
      lines('Versions', 'short', 'More than one while a release goes on.', {
        '{{version}}': 'count by (version) (openhcs_build_info)',
      }),
      lines('Processor', 'percentunit', 'Of one core, each process.', {
        '{{instance}}': `rate(openhcs_process_cpu_seconds_total${RANGE})`,
      }),
      lines('Memory', 'bytes', 'Resident.', { '{{instance}}': 'openhcs_process_resident_memory_bytes' }),
      lines('Event loop: delay, slowest of a hundred', 's', 'Above a second, requests are refused.', {
        '{{instance}}': 'openhcs_nodejs_eventloop_lag_p99_seconds',
      }),
    ],
  },
]

const booking = 'operation=~"bookAppointment|createHold|rescheduleAppointment"'

const business: Row[] = [
  {
    title: 'Bookings',
    panels: [
      stat(
        'Bookings, last 24 hours',
        'short',
        'Committed.',
        'sum(increase(openhcs_events_total{event="Appointment.booked"}[1d]))',
      ),
      lines('What happens', 'reqps', 'By the events that rooms announce.', {
        '{{event}}': rate('openhcs_events_total', 'event'),
      }),
      lines('Refusals by reason', 'reqps', 'Of bookings, holds and moves: see bookings-refused.', {
        '{{reason}}': rate(`openhcs_problems_total{${booking},reason!=""}`, 'reason'),
      }),
      stat(
        'Visits outside of the hours',
        'short',
        'A change of hours left them there; GET /v1/rebookings lists them.',
        'max(openhcs_visits_outside_hours)',
      ),
      stat(
        'Calendars elsewhere that cannot be read',
        'short',
        'Three times in a row or more. Their practitioners see why; what was last read still blocks.',
        'max(openhcs_busy_calendars_failing)',
      ),
    ],
  },
  {
    title: 'People are told',
    panels: [
      lines('Messages that wait or could not be sent', 'short', 'Failed: of the last day. Dead: given up.', {
        '{{channel}} {{status}}': 'max by (channel, status) (openhcs_deliveries)',
      }),
      stat('Oldest message that waits', 's', 'See messages-waiting.', 'max(openhcs_deliveries_oldest_queued_seconds)'),
      stat(
        'Reminders late, last 24 hours',
        'short',
        'Said more than a quarter of an hour after their time.',
        '(sum(increase(openhcs_job_seconds_count{task="remind"}[1d])) - sum(increase(openhcs_job_seconds_bucket{task="remind",le="900"}[1d]))) or vector(0)',
      ),
    ],
  },
  {
    title: 'Licences',
    panels: [
      stat('Licences that end within 30 days', 'short', 'See licences-expiring.', 'max(openhcs_licences_expiring)'),
      stat('Licences that wait for an administrator', 'short', 'Nobody books before.', 'max(openhcs_licences_pending)'),
    ],
  },
]

export const rows = { journeys, service, business }
