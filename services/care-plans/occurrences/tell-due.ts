import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import { careTasksDue, MOST_TASKS, type readDueCareTasks } from '../contract/tasks.ts'
import type { CarePlansTables } from '../tables.ts'
import { claimDue } from './queries/planned.ts'
import { toTell } from './queries/tasks.ts'

type Ctx = Context<CarePlansTables>

/** Every minute: what is due is told, some hundred at a time. Marked in the transaction that announces them, so each is told, and once. */
export async function tellDue(ctx: Ctx): Promise<void> {
  for (let told = MOST_TASKS; told === MOST_TASKS; )
    told = await transact(ctx, async (ctx) => {
      const tasks = await claimDue(ctx.db, { now: ctx.now(), limit: MOST_TASKS })
      if (tasks.length > 0) publish(ctx, careTasksDue, { tasks })
      return tasks.length
    })
}

/** As it is now: what was done meanwhile is told to nobody. */
export const readDue = async (ctx: Ctx, tasks: string[]): Promise<Static<typeof readDueCareTasks.response>> => ({
  items: await toTell(ctx.db, tasks, ctx.now()),
})
