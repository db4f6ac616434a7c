import { audit } from '#platform/audit.ts'
import { hostOf } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { addJob, type Job } from '#platform/jobs.ts'
import { permittedBy } from '#platform/public-addresses.ts'
import { transact } from '#platform/transaction.ts'
import { HORIZON_DAYS } from '../expand-hours.ts'
import { lockCalendar } from '../queries/schedules.ts'
import { DAY, MINUTE } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { openAccess } from './access.ts'
import type { Busy } from './busy-times.ts'
import { askCalendar, type CalendarError, Unreadable } from './foreign-calendar.ts'
import { type BusyCalendarRow, busyCalendar, keepBusy, noteReading, type Reading, takeDue } from './queries/busy.ts'
import { readApart } from './read-apart.ts'

type Ctx = Context<SchedulingTables>

const EVERY_MINUTES = 15
/** What fails waits twice as long each time, and a day at most. */
const LONGEST_MINUTES = 1_440
const BATCH = 500

/** What repeats is expanded a week beyond what can be booked, so that a calendar that does not change need not be read again every day. */
const COVERED_DAYS = HORIZON_DAYS + 7
const NEEDED_DAYS = HORIZON_DAYS + 1

/** Each minute: a job for each calendar whose time has come. */
export async function planImports(ctx: Ctx): Promise<void> {
  for (let found = BATCH; found === BATCH; )
    found = await transact(ctx, async (ctx) => {
      const due = await takeDue(ctx.db, ctx.now(), nextImport(ctx), BATCH)
      for (const calendar of due) addJob(ctx, 'import-busy', { calendar }, { key: `import-busy:${calendar}` })
      return due.length
    })
}

export const nextImport = (ctx: Pick<Ctx, 'now'>): Date => later(ctx, EVERY_MINUTES)

const later = ({ now }: Pick<Ctx, 'now'>, minutes: number) => new Date(now().getTime() + minutes * MINUTE)

/** Reads one calendar elsewhere and puts its busy times in place of those that it had. What goes wrong there is written down and tried again later. */
export async function importBusy(ctx: Ctx, { calendar }: { calendar: string }): Promise<void> {
  const row = await busyCalendar(ctx.db, calendar)
  if (!row) return
  try {
    const read = await readCalendar(ctx, row)
    if (read) await keep(ctx, row, read)
    else await note(ctx, row, { ...WELL, read_at: ctx.now(), next_at: nextImport(ctx) })
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    await note(ctx, row, failed(ctx, row, error.code))
  }
}

const WELL = { state: 'read', error: null, failures: 0 }

function failed(ctx: Ctx, { failures }: BusyCalendarRow, error: CalendarError): Reading {
  const wait = Math.min(LONGEST_MINUTES, EVERY_MINUTES * 2 ** Math.min(failures, 10))
  return { state: 'failing', error, failures: failures + 1, next_at: later(ctx, wait) }
}

const note = (ctx: Ctx, { id }: BusyCalendarRow, reading: Reading) =>
  transact(ctx, ({ db }) => noteReading(db, id, reading, ctx.now()))

interface Read {
  busy: Busy[]
  unread: number
  mark: string | null
  until: Date
}

/** `undefined`: nothing has changed there, and what repeats reaches far enough. */
async function readCalendar(ctx: Ctx, row: BusyCalendarRow): Promise<Read | undefined> {
  const [from, until] = [ctx.now(), new Date(ctx.now().getTime() + COVERED_DAYS * DAY)]
  const needed = ctx.now().getTime() + NEEDED_DAYS * DAY
  const enough = row.covered_until !== null && row.covered_until.getTime() >= needed
  const answer = await askCalendar({
    kind: row.kind as 'ics' | 'caldav',
    access: await openAccess(ctx, row),
    mark: enough ? row.mark : null,
    permitted: permittedBy(ctx.config.CALENDAR_PRIVATE_HOSTS),
    from,
    until,
  })
  if (!answer) return undefined
  const window = { from: from.getTime(), until: until.getTime(), zone: row.zone, ownHost: hostOf(ctx.config) }
  const outcome = await readApart(answer.texts, window)
  if ('why' in outcome) throw new Unreadable(outcome.why)
  return { ...outcome.times, mark: answer.mark, until }
}

async function keep(ctx: Ctx, { id, practitioner_id }: BusyCalendarRow, { busy, ...read }: Read): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner_id)
    const { mark, unread, until: covered_until } = read
    const reading = { ...WELL, mark, unread, covered_until, read_at: ctx.now(), next_at: nextImport(ctx) }
    if (!(await noteReading(ctx.db, id, reading, ctx.now()))) return // withdrawn meanwhile
    if (await keepBusy(ctx.db, id, busy, ctx.now()))
      audit(ctx, { action: 'U', entity: `BusyCalendar/${id}`, subject: `Practitioner/${practitioner_id}` })
  })
}

export const busyJobs: Job<SchedulingTables>[] = [
  { name: 'plan-imports', cron: '* * * * *', run: planImports },
  { name: 'import-busy', run: importBusy },
]
