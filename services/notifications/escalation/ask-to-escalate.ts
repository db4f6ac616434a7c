import type { TransactionContext } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'
import { categoryOf } from '../categories.ts'

type Ctx = Pick<TransactionContext, 'room' | 'pending' | 'config' | 'now'>

const HOUR_MS = 3_600_000
/** A reminder of a week before has one of the eve after it. */
const NEAR_MS = 48 * HOUR_MS

interface Told {
  id: string
  template: string
  params: object
}

/** Looks whether a reminder has been read, some hours before the visit. */
export function lookBeforeVisit(ctx: Ctx, { id, template, params }: Told): void {
  const { start } = params as { start?: string }
  if (categoryOf(template) !== 'reminders' || start === undefined) return
  const now = ctx.now().getTime()
  const at = Date.parse(start) - ctx.config.ESCALATE_HOURS * HOUR_MS
  if (at > now && Date.parse(start) - now <= NEAR_MS)
    addJob(ctx, 'escalate', { notification: id }, { key: `escalate:${id}`, runAt: new Date(at) })
}

/** What will not arrive by this channel need not wait for the eve of a visit. */
export function lookAtOnce(ctx: Ctx, notification: string, template: string): void {
  if (['appointments', 'reminders'].includes(categoryOf(template)))
    addJob(ctx, 'escalate', { notification }, { key: `escalate:failed:${notification}` })
}
