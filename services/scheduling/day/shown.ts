import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientNames } from '../../registry/contract.ts'
import type { SchedulingTables } from '../tables.ts'
import { labelOf, toEntry } from './entry-view.ts'
import { type Stand, standOf } from './estimate.ts'
import type { BoardRow } from './queries/boards.ts'
import { type QueueRow, queuesAt } from './queries/queues.ts'
import { toQueue } from './queues.ts'
import { daySettings } from './settings.ts'

type Ctx = Context<SchedulingTables>
type Entry = Stand['waiting'][number]

/** What everybody in a waiting room may see: numbers, and initials at the most. */
export async function boardShown(ctx: Ctx, board: BoardRow & { place: string }): Promise<object> {
  const all = await queuesAt(ctx.db, board.place_id)
  const queues = all.filter(({ id }) => board.queues.length === 0 || board.queues.includes(id))
  const { late_minutes } = await daySettings(ctx.db, board.place_id)
  const shown = []
  for (const queue of queues) {
    const stand = await standOf(ctx.db, queue, late_minutes, ctx.now())
    const initials = board.shows === 'initials' ? await initialsIn(ctx, stand) : undefined
    const one = (entry: Entry) => ({ label: labelOf(entry), ...initials?.get(entry.id) })
    shown.push({
      letter: queue.letter,
      ...(queue.name && { name: queue.name }),
      called: stand.called.map((entry) => ({ ...one(entry), at: entry.called_at?.toISOString() })),
      waiting: stand.waiting.map(one),
      ...(stand.newcomer && { wait: stand.newcomer }),
    })
  }
  return { place: board.place, queues: shown }
}

async function initialsIn(ctx: Ctx, { called, waiting }: Stand): Promise<Map<string, { initials: string }>> {
  const entries = [...called, ...waiting]
  const names = await namesOf(ctx, entries, new Map())
  return new Map(
    entries.flatMap((entry) => {
      const name = entry.first_name ?? names.get(entry.subject ?? '')
      return name === undefined ? [] : [[entry.id, { initials: initialsOf(name) }] as const]
    }),
  )
}

/** First letters of the first word and of the last. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean)
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  const segmenter = new Intl.Segmenter()
  return ends.map((word = '') => [...segmenter.segment(word)][0]?.segment.toUpperCase() ?? '').join('')
}

/** For whoever runs the day or sees the people of these queues. Whose name is shown for the first time is written into the audit. */
export async function dayShown(
  ctx: Ctx,
  queues: readonly (QueueRow & { via: string })[],
  known: Map<string, string>,
): Promise<object> {
  const shown = []
  for (const queue of queues) {
    const { late_minutes } = await daySettings(ctx.db, queue.place_id)
    const stand = await standOf(ctx.db, queue, late_minutes, ctx.now())
    const people = [...stand.called, ...stand.waiting]
    await auditNew(ctx, people, queue.via, known)
    const names = await namesOf(ctx, people, known)
    const one = (entry: Entry) => {
      const name = names.get(entry.subject ?? '')
      return { ...toEntry(entry, stand.wait.get(entry.id)), ...(name !== undefined && { name }) }
    }
    const { newcomer: wait } = stand
    shown.push({
      ...toQueue(queue),
      called: stand.called.map(one),
      waiting: stand.waiting.map(one),
      ...(wait && { wait }),
    })
  }
  return { queues: shown }
}

async function auditNew(ctx: Ctx, people: readonly Entry[], via: string, known: ReadonlyMap<string, string>) {
  const fresh = people.filter(({ subject }) => subject !== null && !known.has(subject))
  if (fresh.length === 0) return
  await transact(ctx, async (ctx) => {
    for (const { id, subject } of fresh)
      audit(ctx, { action: 'R', entity: `QueueEntry/${id}`, subject: `Patient/${subject}`, relationship: via })
  })
}

/** Those that are not known yet are asked of registry, and kept for as long as the stream lasts. */
async function namesOf(ctx: Ctx, people: readonly Entry[], known: Map<string, string>): Promise<Map<string, string>> {
  const ids = [...new Set(people.flatMap(({ subject }) => (subject === null || known.has(subject) ? [] : [subject])))]
  if (ids.length === 0) return known
  const { items } = await ctx.call(readPatientNames, { body: { patients: ids } })
  for (const { id, name } of items) known.set(id, name)
  return known
}
