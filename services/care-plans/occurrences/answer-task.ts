import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { CarePlansTables } from '../tables.ts'
import { expandSchedule } from './expand-schedule.ts'
import { answerOf, type Task, taskOf, viewerOf } from './list-tasks.ts'
import { GRACE_MS } from './queries/planned.ts'
import {
  type Answer,
  answerTask,
  deleteTask,
  type Held,
  lockActivityOf,
  lockTask,
  openTask,
  type TaskRow,
  unanswered,
} from './queries/tasks.ts'

type Ctx = Context<CarePlansTables>
type Tx = TransactionContext<CarePlansTables>

type Said = { status: 'done'; at?: string | undefined; note?: string | undefined } | { status: 'skipped'; note: string }

/** Of two who answer at once the second is told who was first: what was given twice is worse than what was given late. Who says it again may say more of it. */
export const answer = (ctx: Ctx, id: string, said: Said): Promise<Task> =>
  transact(ctx, async (ctx) => {
    const task = await ownTask(ctx, id)
    const account = accountOf(ctx)
    const again = task.status === said.status && task.done_by === account
    if (again && said.note === undefined && !('at' in said)) return taskOf(task, ctx.now())
    if (!again && (task.status === 'done' || task.status === 'skipped'))
      throw new Problem(
        'conflict',
        'This was answered already. See by whom and when; whoever erred takes it back first.',
        { details: { answer: task.status, ...answerOf(task) } },
      )
    return change(ctx, task, {
      status: said.status,
      done_at: expectDue(task, said, ctx.now()),
      done_by: account,
      done_role: task.as,
      done_self: selfOf(ctx, task),
      note: said.note ?? task.note,
    })
  })

/** What the plan no longer wants does not become due again; what was over before is missed, as it would have been. */
export const undo = (ctx: Ctx, id: string): Promise<Task> =>
  transact(ctx, async (ctx) => {
    await lockActivityOf(ctx.db, id)
    const task = await ownTask(ctx, id)
    if (task.status !== 'done' && task.status !== 'skipped') return taskOf(task, ctx.now())
    const now = ctx.now()
    const isOver = task.due_at.getTime() <= now.getTime() - GRACE_MS
    const status = isOver || isWanted(task) ? 'due' : 'cancelled'
    if (status === 'cancelled' && task.due_at > now) await deleteTask(ctx.db, id)
    else await openTask(ctx.db, id, { status, isOpen: status === 'due' && !isOver })
    noted(ctx, task)
    return taskOf((await lockTask(ctx.db, id, viewerOf(ctx))) ?? { ...task, status, ...unanswered }, now)
  })

const isWanted = ({ schedule, is_paused, zone, due_at }: Held): boolean =>
  schedule !== null &&
  !is_paused &&
  expandSchedule(schedule, zone, { from: due_at, until: new Date(due_at.getTime() + 1) }).length > 0

type Own = Held & { as: TaskRow['role'] }

async function ownTask(ctx: Tx, id: string): Promise<Own> {
  const task = await lockTask(ctx.db, id, viewerOf(ctx))
  if (!task) throw new Problem('not-found', 'There is no such task, or you may not see it.')
  if (task.as === null)
    throw new Problem('forbidden', 'This is for the patient, or whoever it was given to, to answer.')
  return task as Own
}

async function change(ctx: Tx, task: Own, answer: Answer): Promise<Task> {
  await answerTask(ctx.db, task.id, answer)
  noted(ctx, task)
  return taskOf({ ...task, ...answer }, ctx.now())
}

const noted = (ctx: Tx, { id, patient_id }: TaskRow): void =>
  audit(ctx, { action: 'U', entity: `CareTask/${id}`, subject: `Patient/${patient_id}` })

/** When it was done; throws what is wrong with that. */
function expectDue({ status, due_at, done_at }: TaskRow, said: Said, now: Date): Date {
  if (status === 'cancelled')
    throw new Problem('business-rule', 'The plan has changed or ended since: this is not to be done any more.')
  const earliest = new Date(due_at.getTime() - GRACE_MS)
  if (now < earliest)
    throw new Problem('business-rule', 'It is too early: this can be answered from four hours before its time.', {
      details: { dueAt: due_at.toISOString() },
    })
  const at = said.status === 'done' && said.at !== undefined ? new Date(said.at) : (done_at ?? now)
  if (at > now || at < earliest)
    throw new Problem(
      'business-rule',
      'Say when it was done: not in the future, nor more than four hours before its time.',
      {
        errors: [{ pointer: '/body/at', detail: `must be from ${earliest.toISOString()} until now` }],
      },
    )
  return at
}

function selfOf({ actor }: Tx, { as, patient_id }: Own): string | null {
  if (as === 'patient') return patient_id
  return actor.self[as] ?? null
}
