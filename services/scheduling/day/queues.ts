import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { readPlaceCard } from '../../registry/contract.ts'
import type { createQueue, listQueues, Queue, updateQueue } from '../contract/queues.ts'
import { isMirrored, keepPlace } from '../queries/mirror.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { standOf } from './estimate.ts'
import {
  updateQueue as changeRow,
  closeQueue,
  holdQueue,
  insertQueue,
  type QueueRow,
  queuesAt,
  staffedQueue,
  waitsThere,
  worksThere,
} from './queries/queues.ts'
import { lockPlace, runsPlace } from './queries/settings.ts'
import { daySettings, noPlace } from './settings.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type View = Static<typeof Queue>

export const noQueue = () => new Problem('not-found', 'There is no such queue, or you have no part in it.')
const changed = () => new Problem('lock-error', 'The queue has changed since you read it. Read it again.')

export const toQueue = (row: QueueRow): View => ({
  id: row.id,
  ...(row.place_id && { place: row.place_id }),
  zone: row.zone,
  ...(row.practitioner_id && { practitioner: row.practitioner_id }),
  ...(row.speciality && { speciality: row.speciality }),
  ...(row.service && { service: row.service }),
  letter: row.letter,
  ...(row.name && { name: row.name }),
  minutes: row.minutes,
  version: row.version,
})

export async function openQueueAt(ctx: Ctx, facts: Static<typeof createQueue.body>): Promise<View> {
  const { place, practitioner, speciality, service, letter, name, minutes } = facts
  if ([practitioner, speciality, service].filter((one) => one !== undefined).length !== 1)
    throw new Problem('business-rule', 'A queue is for one practitioner, one speciality or one service.')
  const card = await ctx.call(readPlaceCard, { params: { id: place } })
  return transact(ctx, async (ctx) => {
    if (!(await isMirrored(ctx.db, 'place', place))) await keepPlace(ctx.db, card)
    await lockPlace(ctx.db, place)
    await checkOpens(ctx, place, practitioner)
    const row = {
      id: newId(),
      place_id: place,
      zone: card.zone,
      letter: letter ?? null,
      name: name ?? null,
      practitioner_id: practitioner ?? null,
      speciality: speciality ?? null,
      service: service ?? null,
      minutes,
    }
    const made = await insertQueue(ctx.db, row, ctx.now())
    audit(ctx, { action: 'C', entity: `Queue/${row.id}` })
    return toQueue(made)
  })
}

/** The desk of the place, for anybody with hours there; a practitioner with hours there, for themselves. */
async function checkOpens(ctx: Tx, place: string, practitioner: string | undefined): Promise<void> {
  const desk = await runsPlace(ctx.db, place, accountOf(ctx), ctx.now())
  const own = practitioner !== undefined && practising(ctx) === practitioner
  if (!desk && !own) throw noPlace()
  if (practitioner !== undefined && !(await worksThere(ctx.db, practitioner, place)))
    throw desk ? new Problem('business-rule', 'This practitioner has no hours at the place.') : noPlace()
}

export async function queuesOf(ctx: Ctx, place: string): Promise<Static<typeof listQueues.response>> {
  const { late_minutes } = await daySettings(ctx.db, place)
  const items = []
  for (const row of await queuesAt(ctx.db, place)) {
    const { waiting, newcomer } = await standOf(ctx.db, row, late_minutes, ctx.now())
    items.push({ ...toQueue(row), waiting: waiting.length, ...(newcomer && { wait: newcomer }) })
  }
  return { items }
}

async function lockStaffed(ctx: Tx, id: string): Promise<QueueRow> {
  await holdQueue(ctx.db, id, 'changing')
  const row = await staffedQueue(ctx.db, id, viewerOf(ctx))
  if (!row) throw noQueue()
  return row
}

export async function changeQueue(
  ctx: Ctx,
  id: string,
  { letter, name, minutes }: Static<typeof updateQueue.body>,
  version: number,
): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await lockStaffed(ctx, id)
    const to = { letter, name: name ?? null, minutes }
    if (!(await changeRow(ctx.db, id, to, version))) throw changed()
    audit(ctx, { action: 'U', entity: `Queue/${id}` })
    return toQueue({ ...row, ...to, version: version + 1 })
  })
}

/** Nobody is left standing: it closes when nobody waits, and whoever joins at the same moment is first or is refused. */
export async function withdrawQueue(ctx: Ctx, id: string, version: number): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockStaffed(ctx, id)
    if (await waitsThere(ctx.db, id, ctx.now()))
      throw new Problem('business-rule', 'Somebody waits in this queue: call them, or send them to another one, first.')
    if (!(await closeQueue(ctx.db, id, version, ctx.now()))) throw changed()
    audit(ctx, { action: 'D', entity: `Queue/${id}` })
  })
}
