import type { TransactionContext } from '#platform/context.ts'
import { addJob, dropJob } from '#platform/jobs.ts'
import { type Card, isAhead } from '../appointment-card.ts'
import { lockPatient, replaceReminders } from '../queries/reminders.ts'
import type { NotificationsTables } from '../tables.ts'
import { remindersOf } from './rules.ts'

const keyOf = (group: string) => `reminder:${group}`

/** Planned anew with each change, and dropped when there is nothing to remind of. Two visits of one day share a job. */
export async function planReminders(
  ctx: TransactionContext<NotificationsTables>,
  appointment: string,
  card: Card | undefined,
): Promise<void> {
  const now = ctx.now()
  const planned = card && isAhead(card, now) ? remindersOf(card, now) : []
  if (card) await lockPatient(ctx.db, card.patient)
  const rows = planned.map(({ rule, group, due }) => ({
    ...{ appointment_id: appointment, rule, group_key: group, due_at: due },
    ...{ patient_id: card?.patient ?? '', start_at: new Date(card?.start ?? 0) },
  }))
  const emptied = await replaceReminders(ctx.db, appointment, rows)
  for (const group of emptied) if (!planned.some((one) => one.group === group)) dropJob(ctx, keyOf(group))
  for (const { group, due } of planned) addJob(ctx, 'remind', { group }, { runAt: due, key: keyOf(group) })
}
