import ICAL from 'ical.js'
import { addDays, instantOf } from '#platform/wall-clock.ts'

// When somebody is busy, by iCalendar texts (RFC 5545) of anybody's making. ical.js reads the text and the rules of what repeats; here is what of it
// closes hours, and which instants those are. It runs apart from everything else (read-apart.ts), since a text can ask for more than there is.

/** From when until when, in milliseconds. */
export type Busy = readonly [from: number, until: number]

export interface BusyTimes {
  /** In order, none touching another. */
  busy: Busy[]
  /** Entries that could not be made sense of. */
  unread: number
}

export interface Window {
  from: number
  until: number
  /** Of whole days, and of times that name no zone. */
  zone: string
  /** What is left out: entries of ours that have found their way back. */
  ownHost: string
}

/** One entry may close every hour of 90 days. */
const MOST_OF_ONE = 2_500
const MOST = 20_000

export class TooMany extends Error {}

type Component = InstanceType<typeof ICAL.Component>
type Property = InstanceType<typeof ICAL.Property>
type Time = InstanceType<typeof ICAL.Time>

/** One entry, and those of its occurrences that were changed. */
interface Entry {
  master: Component | undefined
  changed: Component[]
}

/** Throws where a text is no calendar, and TooMany. */
export function busyTimesIn(texts: readonly string[], window: Window): BusyTimes {
  const found: Busy[] = []
  let unread = 0
  for (const entry of texts.flatMap((text) => entriesIn(text, window.ownHost))) {
    try {
      for (const one of timesOf(entry, window)) if (one[1] > window.from && one[0] < window.until) found.push(one)
    } catch (error) {
      if (error instanceof TooMany) throw error
      unread++
    }
    if (found.length > MOST) throw new TooMany()
  }
  return { busy: joined(found), unread }
}

function entriesIn(text: string, ownHost: string): Entry[] {
  const parsed = ICAL.parse(text.replace(/^\ufeff/, '')) as [string | unknown[], ...unknown[]]
  const calendars = (typeof parsed[0] === 'string' ? [parsed] : parsed) as unknown[][]
  if (calendars.length === 0) throw new Error('no calendar') // an empty answer must not open all hours
  return calendars.flatMap((jcal) => {
    const calendar = new ICAL.Component(jcal as never)
    if (calendar.name !== 'vcalendar') throw new Error('no calendar')
    const told = calendar.getAllSubcomponents('vfreebusy').map((master) => ({ master, changed: [] }))
    return [...grouped(calendar.getAllSubcomponents('vevent'), ownHost), ...told]
  })
}

function grouped(events: Component[], ownHost: string): Entry[] {
  const byUid = new Map<string, Entry>()
  const others: Entry[] = [] // whose UID is missing, or there twice
  for (const event of events) {
    const uid = String(event.getFirstPropertyValue('uid') ?? '')
    if (uid.startsWith('appointment-') && uid.endsWith(`@${ownHost}`)) continue
    const entry = byUid.get(uid) ?? { master: undefined, changed: [] }
    byUid.set(uid, entry)
    if (event.hasProperty('recurrence-id')) entry.changed.push(event)
    else if (entry.master || uid === '') others.push({ master: event, changed: [] })
    else entry.master = event
  }
  return [...byUid.values(), ...others]
}

function* timesOf({ master, changed }: Entry, window: Window): Iterable<Busy> {
  if (master?.name === 'vfreebusy') return yield* periodsOf(master, window)
  for (const event of changed) if (closes(event)) yield spanOf(event, window)
  if (!master) return
  const without = changed.map((event) => propertyOf(event, 'recurrence-id'))
  const onwards = changed.filter(
    (event) => propertyOf(event, 'recurrence-id').getParameter('range') === 'THISANDFUTURE',
  )
  const shifts = onwards.map((event) => shiftOf(event, window)).sort((a, b) => a.from - b.from)
  for (const [from, until] of occurrencesOf(master, without, window)) {
    const shift = shifts.findLast((one) => one.from <= from)
    if (!shift) {
      if (closes(master)) yield [from, until]
    } else if (shift.closes) yield [from + shift.by, from + shift.by + shift.length]
  }
}

const FREE = new Set(['FREE', 'WORKINGELSEWHERE'])

const closes = (event: Component): boolean =>
  word(event, 'status') !== 'CANCELLED' &&
  word(event, 'transp') !== 'TRANSPARENT' &&
  !FREE.has(word(event, 'x-microsoft-cdo-busystatus'))

const word = (event: Component, name: string) => String(event.getFirstPropertyValue(name) ?? '').toUpperCase()

function propertyOf(component: Component, name: string): Property {
  const property = component.getFirstProperty(name)
  if (!property) throw new Error(`without ${name}`)
  return property
}

/** From `from` on, what repeats is later by so much, and lasts so long. */
function shiftOf(event: Component, window: Window) {
  const from = instantIn(propertyOf(event, 'recurrence-id'), window)
  const [start, end] = spanOf(event, window)
  return { from, by: start - from, length: end - start, closes: closes(event) }
}

function spanOf(event: Component, window: Window): Busy {
  const property = propertyOf(event, 'dtstart')
  const start = property.getFirstValue() as Time
  return [instant(start, property, window), endOf(event, start, property, window)]
}

/** Of the occurrence that begins then. Days are counted as days, since some have 23 hours. */
function endOf(event: Component, start: Time, of: Property, window: Window): number {
  const [first, end] = [propertyOf(event, 'dtstart'), event.getFirstProperty('dtend')]
  const lasts = event.getFirstPropertyValue('duration') as InstanceType<typeof ICAL.Duration> | null
  if (start.isDate) {
    const days = end ? Math.round((daysOf(end) - daysOf(first)) / 86_400) : lasts ? lasts.toSeconds() / 86_400 : 1
    return instantOf(addDays(dateOf(start), Math.max(1, days)), '00:00', window.zone)
  }
  const length = end ? instantIn(end, window) - instantIn(first, window) : (lasts?.toSeconds() ?? 0) * 1_000
  return instant(start, of, window) + Math.max(0, length)
}

const daysOf = (property: Property) => (property.getFirstValue() as Time).toUnixTime()

/** Until the window ends; those before it begins are left out by whoever asks. */
function* occurrencesOf(master: Component, without: Property[], window: Window): Iterable<Busy> {
  const first = propertyOf(master, 'dtstart')
  const start = first.getFirstValue() as Time
  const skipped = skipping([...without, ...master.getAllProperties('exdate')], window)
  const seen = new Set<number>()
  for (const [time, of, until] of candidatesOf(master, start, first, window)) {
    const from = instant(time, of, window)
    if (seen.has(from) || skipped(from, time)) continue
    const end = until ?? endOf(master, time, of, window)
    if (end <= window.from) continue
    seen.add(from)
    if (seen.size > MOST_OF_ONE) throw new TooMany()
    yield [from, end]
  }
}

type Candidate = [time: Time, of: Property, until?: number]

/** The first, those of each rule, and those that are listed. */
function* candidatesOf(master: Component, start: Time, first: Property, window: Window): Iterable<Candidate> {
  yield [start, first]
  for (const property of master.getAllProperties('rrule')) {
    const rule = (property.getFirstValue() as InstanceType<typeof ICAL.Recur>).clone()
    const last = rule.until ? lastInstant(rule.until, window) : window.until
    rule.until = null as never // is compared here: ical.js takes a zone that it does not know for UTC
    const times = rule.iterator(start.clone())
    for (let time = times.next(); time; time = times.next()) {
      const at = instant(time, first, window)
      if (at >= window.until || at > last) break
      yield [time.clone(), first]
    }
  }
  for (const property of master.getAllProperties('rdate'))
    for (const value of property.getValues() as (Time | InstanceType<typeof ICAL.Period>)[])
      if (value instanceof ICAL.Period)
        yield [value.start, property, instant(value.start, property, window) + value.getDuration().toSeconds() * 1_000]
      else yield [value, property]
}

const lastInstant = (until: Time, window: Window): number =>
  until.isDate ? instantOf(addDays(dateOf(until), 1), '00:00', window.zone) - 1 : instant(until, undefined, window)

/** Occurrences may be named by their day alone. */
function skipping(properties: Property[], window: Window): (at: number, time: Time) => boolean {
  const times = properties.flatMap((property) => (property.getValues() as Time[]).map((time) => ({ time, property })))
  const days = new Set(times.filter(({ time }) => time.isDate).map(({ time }) => dateOf(time)))
  const instants = new Set(
    times.filter(({ time }) => !time.isDate).map(({ time, property }) => instant(time, property, window)),
  )
  return (at, time) => instants.has(at) || days.has(dateOf(time))
}

/** What a server tells of somebody without telling why. */
function* periodsOf(told: Component, window: Window): Iterable<Busy> {
  for (const property of told.getAllProperties('freebusy')) {
    if (String(property.getParameter('fbtype') ?? 'BUSY').toUpperCase() === 'FREE') continue
    for (const period of property.getValues() as InstanceType<typeof ICAL.Period>[]) {
      const from = instant(period.start, property, window)
      yield [from, from + period.getDuration().toSeconds() * 1_000]
    }
  }
}

const instantIn = (property: Property, window: Window): number =>
  instant(property.getFirstValue() as Time, property, window)

/** By its zone as the text defines it, else by the zone of that name, else by the calendar's own. */
function instant(time: Time, of: Property | undefined, { zone }: Window): number {
  if (time.isDate) return instantOf(dateOf(time), '00:00', zone)
  const floats = time.zone === ICAL.Timezone.localTimezone || time.zone === null
  if (!floats) return time.toUnixTime() * 1_000
  const at = (where: string) =>
    instantOf(dateOf(time), `${two(time.hour)}:${two(time.minute)}`, where) + time.second * 1_000
  const named = of?.getParameter('tzid')
  if (typeof named !== 'string') return at(zone)
  try {
    return at(named)
  } catch {
    return at(zone) // no zone that anybody knows
  }
}

const two = (number: number) => String(number).padStart(2, '0')
const dateOf = ({ year, month, day }: Time) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`

function joined(found: Busy[]): Busy[] {
  const all: [number, number][] = []
  for (const [from, until] of found.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (until <= from) continue
    if (last && from <= last[1]) last[1] = Math.max(last[1], until)
    else all.push([from, until])
  }
  return all
}
