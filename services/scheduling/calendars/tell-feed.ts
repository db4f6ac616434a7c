import { audit } from '#platform/audit.ts'
import { accountOf, authenticate, practising } from '#platform/auth.ts'
import { hostOf } from '#platform/config.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientNames } from '../../registry/contract.ts'
import { listVisible } from '../queries/appointments.ts'
import { DAY } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { type Entry, entryOf } from './entries.ts'
import {
  aroundThem,
  feedOf,
  type LockedFeed,
  lockFeed,
  noteRead,
  noteTold,
  type ToldRow,
  toldTo,
} from './queries/feeds.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

const PAST_DAYS = 30
/** More than a practice has in four months. */
const MOST = 5_000
const NAMES_AT_ONCE = 500

/** What a feed shows now, and what it was told before. */
export interface Told {
  feed: LockedFeed
  entries: Entry[]
  byId: ReadonlyMap<string, Entry>
  /** Of every visit that it was ever told of: with which change it became what it is, or was gone. */
  told: ToldRow[]
  /** The newest change. */
  number: number
}

/** What a secret opens, asked as whoever made it, as they are now; undefined: it is no feed's of this kind, or has ended. */
export async function openedBy(ctx: Ctx, secret: string, kind: 'ics' | 'caldav') {
  const actor = await authenticate(ctx.db as never, secret, ctx.now())
  const feed = actor?.session && (await feedOf(ctx.db, actor.session, kind))
  return actor && feed ? { ctx: { ...ctx, actor }, feed } : undefined
}

/**
 * What may be seen now, compared with what this feed was told: differences get the next number, and a row in the audit for each patient whom they are about. So
 * a program that asks every quarter of an hour leaves a trace when it learns something, and one a day that it asked.
 */
export async function tellFeed(ctx: Ctx, { id, ...known }: LockedFeed): Promise<Told | undefined> {
  const names = await namesFor(ctx, { id, ...known })
  return transact(ctx, async (ctx) => {
    const feed = await lockFeed(ctx.db, id)
    if (!feed) return undefined
    const entries = await entriesOf(ctx, feed, names)
    const before = await toldTo(ctx.db, id)
    const changes = changesOf(entries, before)
    const number = feed.number + (changes.length > 0 ? 1 : 0)
    if (changes.length > 0) await noteTold(ctx.db, id, changes, number, ctx.now())
    await auditReading(ctx, feed, entries, changes)
    const told = new Map(before.map((row) => [row.appointment_id, row]))
    for (const change of changes) told.set(change.appointment_id, { ...change, number })
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    return { feed, entries, byId, told: [...told.values()], number }
  })
}

type Change = Omit<ToldRow, 'number'>

function changesOf(entries: readonly Entry[], before: readonly ToldRow[]): Change[] {
  const had = new Map(before.filter(({ gone }) => !gone).map((row) => [row.appointment_id, row.etag]))
  const now = new Set(entries.map(({ id }) => id))
  const other = entries.filter(({ id, etag }) => had.get(id) !== etag)
  const gone = [...had].filter(([id]) => !now.has(id))
  return [
    ...other.map(({ id, etag }) => ({ appointment_id: id, etag, gone: false })),
    ...gone.map(([id, etag]) => ({ appointment_id: id, etag, gone: true })),
  ]
}

async function auditReading(ctx: Tx, feed: LockedFeed, entries: readonly Entry[], changes: readonly Change[]) {
  const today = ctx.now().toISOString().slice(0, 10)
  if (feed.read_on !== today) {
    audit(ctx, { action: 'R', entity: `CalendarFeed/${feed.id}`, subject: `Account/${accountOf(ctx)}` })
    await noteRead(ctx.db, feed.id, today)
  }
  const fresh = new Set(changes.filter(({ gone }) => !gone).map((one) => one.appointment_id))
  for (const patient of new Set(entries.filter(({ id }) => fresh.has(id)).map((one) => one.patient)))
    audit(ctx, { action: 'R', entity: 'Appointment', subject: `Patient/${patient}`, reason: 'calendar' })
}

/** Those that the holder may see, by the same statement as a list of appointments. */
async function visible({ db, actor, ...ctx }: Pick<Tx, 'db' | 'actor' | 'now'>, { shows }: LockedFeed) {
  const practitioner = practising({ actor })
  if (shows === 'practice' && practitioner === undefined) return []
  const account = accountOf({ actor })
  const now = ctx.now()
  const who = { account, practitioner: shows === 'practice' ? practitioner : undefined, within: undefined, now }
  const all = { patient: null, status: null, until: null, after: undefined, limit: MOST }
  const from = new Date(now.getTime() - PAST_DAYS * DAY)
  return listVisible(db, who, { ...all, practitioner: who.practitioner ?? null, from })
}

async function entriesOf(ctx: Tx, feed: LockedFeed, names: ReadonlyMap<string, string>): Promise<Entry[]> {
  const rows = (await visible(ctx, feed)).filter(({ status }) => status !== 'entered-in-error')
  const around = await aroundThem(
    ctx.db,
    rows.map(({ id }) => id),
  )
  const telling = { shows: feed.shows, names, host: hostOf(ctx.config) }
  return rows.map((row) => entryOf(row, around.get(row.id), telling))
}

/** Another room knows them, so they are asked for before the transaction; who comes in between is named the next time. */
async function namesFor(ctx: Ctx, feed: LockedFeed): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  if (!feed.names) return names
  const rows = await transact({ ...ctx, once: undefined }, (ctx) => visible(ctx, feed))
  const patients = [...new Set(rows.map((row) => row.patient_id))]
  for (let i = 0; i < patients.length; i += NAMES_AT_ONCE) {
    const ids = patients.slice(i, i + NAMES_AT_ONCE)
    for (const { id, name } of (await ctx.call(readPatientNames, { body: { patients: ids } })).items)
      names.set(id, name)
  }
  return names
}
