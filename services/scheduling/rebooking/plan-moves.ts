import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { channelSearched } from '../channel.ts'
import type { planRebookings as contract } from '../contract/rebookings.ts'
import { commonSlots } from '../queries/common-slots.ts'
import { type RebookingRow, sameService } from '../queries/rebookings.ts'
import { freeSlots, type SlotRow } from '../queries/slots.ts'
import { givenBy } from '../queries/together.ts'
import { DAY } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { readTasks, whoseTasks } from './tasks.ts'

type Ctx = Context<SchedulingTables>
type Move = Static<typeof contract.response>['moves'][number]

/** As many as one can look through, and as one request moves. */
const AT_ONCE = 100
/** A visit is put off by this much at most. */
const WITHIN_DAYS = 28
/** More than there are tasks, so that each finds one even where the others have taken the nearest. */
const CANDIDATES = AT_ONCE + 1

/**
 * For each visit, the earliest first, the free time that is nearest to its old one and that no visit before it was given. A proposal: what is
 * booked meanwhile is refused when it is moved.
 */
export async function planMoves(
  ctx: Ctx,
  { practitioner, others = [] }: Static<typeof contract.body>,
): Promise<Static<typeof contract.response>> {
  const whose = whoseTasks(ctx, practitioner)
  const tasks = await transact(ctx, (ctx) => readTasks(ctx, whose, { limit: AT_ONCE }))
  const given: Given[] = []
  const moves: Move[] = []
  const left: string[] = []
  for (const task of tasks) {
    const slots = (await Promise.all([whose, ...others].map((id) => candidates(ctx, id, task)))).flat()
    const best = slots
      .filter(
        ({ practitioner, slot }) =>
          !given.some((one) =>
            overlaps(one, { practitioner, patient: task.patient_id, slot, others: task.given_by ?? [] }),
          ),
      )
      .sort((a, b) => distance(a.slot, task) - distance(b.slot, task))[0]
    if (!best) left.push(task.id)
    else {
      given.push({ ...best, patient: task.patient_id, others: task.given_by ?? [] })
      moves.push({ appointment: task.id, practitioner: best.practitioner, start: best.slot.start_at.toISOString() })
    }
  }
  return { moves, left }
}

type Time = Pick<SlotRow, 'start_at' | 'end_at'>

interface Given {
  practitioner: string
  /** Who give it too. */
  others: readonly string[]
  patient: string
  slot: Time
}

const takes = ({ practitioner, others, patient }: Given) => [practitioner, ...others, patient]

/** Of one practitioner or one patient, at the same time. */
const overlaps = (a: Given, b: Given) =>
  takes(a).some((one) => takes(b).includes(one)) && a.slot.start_at < b.slot.end_at && b.slot.start_at < a.slot.end_at

const distance = ({ start_at }: Time, task: RebookingRow) => Math.abs(start_at.getTime() - task.start_at.getTime())

/** What several give moves with all of them. */
async function candidates(
  ctx: Ctx,
  practitioner: string,
  task: RebookingRow,
): Promise<{ practitioner: string; slot: Time }[]> {
  const now = ctx.now()
  const own = practitioner === task.practitioner_id
  if (!own && task.together !== null) return []
  const service = own ? (task.service_id ?? undefined) : await sameService(ctx.db, practitioner, task.service_id)
  if (!own && task.service_id !== null && service === undefined) return []
  const from = new Date(Math.max(now.getTime(), task.start_at.getTime() - WITHIN_DAYS * DAY))
  const until = new Date(task.start_at.getTime() + WITHIN_DAYS * DAY)
  const wanted = {
    ...{ channel: channelSearched(ctx, undefined), now, from, until, near: task.start_at, mode: task.mode },
    ...{ patient: task.patient_id, except: task.together ?? task.id, limit: CANDIDATES },
  }
  const slots =
    task.together === null
      ? await freeSlots(ctx.db, { ...wanted, practitioner, service })
      : await commonSlots(ctx.db, { ...wanted, participants: await givenBy(ctx.db, task.together) })
  return slots.map((slot) => ({ practitioner, slot }))
}
