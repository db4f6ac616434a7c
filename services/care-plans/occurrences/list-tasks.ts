import type { Static } from 'typebox'
import { readResource } from '#fhir/rooms/read.ts'
import { expectSees } from '#fhir/rooms/relationship.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { CareTask, listCareTasks, readAdherence, TaskStatus } from '../contract/tasks.ts'
import type { CarePlansTables } from '../tables.ts'
import { GRACE_MS } from './queries/planned.ts'
import { countOf, listTasks, type TaskRow, type Viewer } from './queries/tasks.ts'

type Ctx = Context<CarePlansTables>
export type Task = Static<typeof CareTask>

const DAY = 86_400_000
const MOST_DAYS = 92

export const viewerOf = (ctx: Pick<Context, 'actor' | 'now'>): Viewer => ({
  account: accountOf(ctx),
  within: ctx.actor.within,
  now: ctx.now(),
})

export async function list(
  ctx: Ctx,
  { from, to, status, limit = 20, cursor }: Static<typeof listCareTasks.query>,
  patient?: string,
): Promise<Static<typeof listCareTasks.response>> {
  const window = windowOf(ctx.now(), { from, to }, { before: 1, after: 7 })
  const after = decodeCursor(cursor, ['instant', 'uuid'])
  if (patient !== undefined) await expectSees(ctx, patient)
  const viewer = viewerOf(ctx)
  return transact(ctx, async (ctx) => {
    const filter = { ...window, status, after, limit: limit + 1, ...(patient !== undefined && { patient }) }
    const rows = await listTasks(ctx.db, viewer, filter)
    const page = pageOf(
      rows,
      limit,
      (row) => [row.due_at.toISOString(), row.id],
      (row) => taskOf(row, viewer.now),
    )
    const of = patient === undefined ? page.items.map((item) => item.patient) : [patient]
    for (const subject of new Set(of)) audit(ctx, { action: 'R', entity: 'CareTask', subject: `Patient/${subject}` })
    return page
  })
}

/** Of a plan without activities there is nothing to count; whether one may see it, its record says. */
export async function adherence(
  ctx: Ctx,
  plan: string,
  asked: Static<typeof readAdherence.query>,
): Promise<Static<typeof readAdherence.response>> {
  const { from, to } = windowOf(ctx.now(), asked, { before: 30, after: 0 })
  const head = { from: from.toISOString(), to: to.toISOString() }
  const activities = await transact(ctx, async (ctx) => {
    const rows = await countOf(ctx.db, plan, viewerOf(ctx), { from, to })
    const [first] = rows
    if (first) audit(ctx, { action: 'R', entity: 'CareTask', subject: `Patient/${first.patient}` })
    return rows.map(({ patient: _, ...counts }) => counts)
  })
  if (activities.length === 0 && !(await readResource(ctx, 'CarePlan', plan)))
    throw new Problem('not-found', 'There is no such plan, or you may not see it.')
  return { ...head, activities }
}

function windowOf(
  now: Date,
  { from, to }: { from?: string | undefined; to?: string | undefined },
  { before, after }: { before: number; after: number },
): { from: Date; to: Date } {
  const earlier = to === undefined ? now.getTime() : Math.min(Date.parse(to), now.getTime())
  const begin = from === undefined ? earlier - before * DAY : Date.parse(from)
  const end = to === undefined ? Math.max(begin, now.getTime()) + after * DAY : Date.parse(to)
  if (end < begin || end - begin > MOST_DAYS * DAY)
    throw new Problem('business-rule', `Ask for up to ${MOST_DAYS} days, which end after they begin.`, {
      errors: [{ pointer: '/query/to', detail: `must be after \`from\`, by no more than ${MOST_DAYS} days` }],
    })
  return { from: new Date(begin), to: new Date(end) }
}

export function taskOf(row: TaskRow, now: Date): Task {
  return {
    ...{ id: row.id, plan: row.plan_id, activity: row.activity_id, patient: row.patient_id },
    ...{ instruction: row.instruction, kind: row.kind as Task['kind'] },
    performer: {
      role: row.role,
      ...(row.mandate_id !== null && { mandate: row.mandate_id }),
      ...(row.practitioner_id !== null && { practitioner: row.practitioner_id }),
    },
    ...{ dueAt: row.due_at.toISOString(), zone: row.zone, status: statusOf(row, now) },
    ...answerOf(row),
    ...(row.note !== null && { note: row.note }),
  }
}

const statusOf = ({ status, due_at }: TaskRow, now: Date): TaskStatus =>
  status === 'due' && due_at.getTime() <= now.getTime() - GRACE_MS ? 'missed' : status

export const answerOf = ({ done_at, done_role, done_self }: TaskRow): Pick<Task, 'answered'> =>
  done_at === null || done_role === null
    ? {}
    : {
        answered: { at: done_at.toISOString(), by: { role: done_role, ...(done_self !== null && { id: done_self }) } },
      }
