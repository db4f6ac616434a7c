import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { requireKey } from '#platform/data-keys.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { BusyCalendar, createBusyCalendar, listBusyCalendars } from '../contract/calendars.ts'
import { auditedBy, checkKeeps, practitionerOf } from '../own-calendar.ts'
import { lockCalendar } from '../queries/schedules.ts'
import { zoneOf } from '../queries/slots.ts'
import type { SchedulingTables } from '../tables.ts'
import { sealAccess } from './access.ts'
import { nextImport } from './import-busy.ts'
import {
  affectedBy,
  type BusyCalendarRow,
  busyCalendar,
  busyCalendarsOf,
  countBusyCalendars,
  deleteBusyCalendar,
  insertBusyCalendar,
  keepBusy,
} from './queries/busy.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type View = Static<typeof BusyCalendar>

/** Nobody lives in more diaries. */
const MOST = 10

/** Registers it, and has it read at once by a job: whoever asks does not wait for somebody else's server. */
export async function addBusyCalendar(
  ctx: Ctx,
  { practitioner: named, ...facts }: Static<typeof createBusyCalendar.body>,
): Promise<View> {
  const practitioner = practitionerOf(ctx, named)
  await checkKeeps(ctx, practitioner)
  const host = hostIn(facts)
  const zone = facts.zone ?? (await zoneOf(ctx.db, practitioner))
  if (!zone) throw new Problem('business-rule', 'Place hours first, or say in which zone this calendar is.')
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner)
    await checkKeeps(ctx, practitioner)
    if ((await countBusyCalendars(ctx.db, practitioner)) >= MOST)
      throw new Problem('business-rule', `A practitioner has at most ${MOST} calendars elsewhere. Take one away first.`)
    const { label, kind, address, user, password } = facts
    const id = newId()
    const access = await sealAccess(ctx, id, { address, user, password })
    const row = { id, practitioner_id: practitioner, label, kind, host, access, zone }
    await insertBusyCalendar(ctx.db, row, { now: ctx.now(), next: nextImport(ctx) })
    addJob(ctx, 'import-busy', { calendar: id }, { key: `import-busy:${id}` })
    auditCalendar(ctx, 'C', id, practitioner)
    return toBusyCalendar((await busyCalendar(ctx.db, id)) as BusyCalendarRow, [])
  })
}

/** Of an address that can be one, and that says nothing of who asks: that goes where it is sealed. */
function hostIn({ address, user, password }: Static<typeof createBusyCalendar.body>): string {
  const url = URL.parse(address.replace(/^webcals?:/i, 'https:'))
  if (url?.username !== '' || url.password !== '')
    throw new Problem('invalid', 'The address must be one of http, https or webcal, without user and password in it.', {
      errors: [{ pointer: '/body/address', detail: 'must be an address' }],
    })
  if ((user === undefined) !== (password === undefined))
    throw new Problem('business-rule', 'User and password come together, or not at all.')
  return url.hostname
}

function auditCalendar(ctx: Tx, action: 'C' | 'D', id: string, practitioner: string): void {
  audit(ctx, { action, entity: `BusyCalendar/${id}`, ...auditedBy(ctx, practitioner) })
}

export async function busyCalendarsPage(
  ctx: Ctx,
  { practitioner: named, limit = 20, cursor }: Static<typeof listBusyCalendars.query>,
): Promise<Static<typeof listBusyCalendars.response>> {
  const practitioner = practitionerOf(ctx, named)
  await checkKeeps(ctx, practitioner)
  const [after] = decodeCursor(cursor, ['uuid']) ?? []
  const rows = await busyCalendarsOf(ctx.db, practitioner, after as string | undefined, limit + 1)
  const affected = await affectedBy(
    ctx.db,
    rows.map(({ id }) => id),
    ctx.now(),
  )
  return pageOf(
    rows,
    limit,
    ({ id }) => [id],
    (row) => toBusyCalendar(row, affected.get(row.id) ?? []),
  )
}

export async function readBusyCalendar(ctx: Ctx, id: string): Promise<View> {
  const row = await kept(ctx, id)
  return toBusyCalendar(row, (await affectedBy(ctx.db, [id], ctx.now())).get(id) ?? [])
}

/** One that the caller may know of. */
async function kept(ctx: Pick<Ctx, 'db' | 'actor' | 'now'>, id: string): Promise<BusyCalendarRow> {
  const notThere = () => new Problem('not-found', 'There is no such calendar of yours.')
  const row = await busyCalendar(ctx.db, id)
  if (!row) throw notThere()
  await checkKeeps(ctx, row.practitioner_id).catch(() => {
    throw notThere()
  })
  return row
}

export async function removeBusyCalendar(ctx: Ctx, id: string): Promise<void> {
  const { practitioner_id: practitioner } = await kept(ctx, id)
  await transact(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner)
    await kept(ctx, id)
    await keepBusy(ctx.db, id, [], ctx.now())
    await deleteBusyCalendar(ctx.db, id)
    auditCalendar(ctx, 'D', id, practitioner)
  })
}

const toBusyCalendar = (row: BusyCalendarRow, affected: string[]): View => ({
  id: row.id,
  practitioner: row.practitioner_id,
  label: row.label,
  kind: row.kind as View['kind'],
  host: row.host,
  zone: row.zone,
  state: row.state as View['state'],
  ...(row.error && { error: row.error as NonNullable<View['error']> }),
  ...(row.tried_at && { triedAt: row.tried_at.toISOString() }),
  ...(row.read_at && { readAt: row.read_at.toISOString() }),
  nextAt: row.next_at.toISOString(),
  unread: row.unread,
  affected,
})
