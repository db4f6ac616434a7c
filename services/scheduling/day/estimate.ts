import type { Context } from '#platform/context.ts'
import type { SchedulingTables } from '../tables.ts'
import { dueAt, STANDARD } from './order.ts'
import { entriesOf, type SeenEntry } from './queries/entries.ts'
import { lengthsIn, seersOf, toCome } from './queries/waits.ts'
import { minutesBetween, type Range, visitMinutes, waits } from './wait.ts'

type Entry = Omit<SeenEntry, 'via'>

export interface Stand {
  called: Entry[]
  waiting: Entry[]
  /** By entry; nothing where nobody is there who could call it. */
  wait: Map<string, Range>
  /** Of somebody who came now, without a booking. */
  newcomer: Range | undefined
}

/** How a queue stands: who waits in which order, and for how long. */
export async function standOf(
  db: Context<SchedulingTables>['db'],
  queue: { id: string; minutes: number },
  lateMinutes: number,
  now: Date,
): Promise<Stand> {
  const entries = await entriesOf(db, queue.id, now)
  const seers = await seersOf(db, queue.id, now)
  const lengths = await lengthsIn(db, queue.id, now)
  const coming = await toCome(db, queue.id, now, lateMinutes)
  const waiting = entries.filter(({ state }) => state === 'waiting')
  const asked = [
    ...waiting.map((entry) => ({ entry, practitioner: entry.practitioner_id, tier: tierOf(entry), due: entry.due_at })),
    ...coming.map(({ practitioner, start_at: due }) => ({
      practitioner,
      tier: tierOf({ priority: STANDARD }),
      due,
      comesIn: minutesBetween(now, due),
    })),
    {
      practitioner: null,
      tier: tierOf({ priority: STANDARD }),
      due: dueAt({ arrived: now, level: STANDARD }, lateMinutes),
    },
  ].sort((a, b) => a.tier - b.tier || a.due.getTime() - b.due.getTime())
  const busy = seers.map(({ practitioner, called }) => ({
    practitioner,
    busy: called.map((at) => minutesBetween(at, now)),
  }))
  const told = waits(asked, busy, visitMinutes(lengths, queue.minutes))
  const wait = new Map<string, Range>()
  let newcomer: Range | undefined
  for (const [i, one] of asked.entries()) {
    const range = told[i]
    if (range && 'entry' in one) wait.set(one.entry.id, range)
    else if (range && !('comesIn' in one)) newcomer = range
  }
  return { called: entries.filter(({ state }) => state === 'called'), waiting, wait, newcomer }
}

const tierOf = ({ priority }: Pick<Entry, 'priority'>): number => Math.min(priority, 3)
