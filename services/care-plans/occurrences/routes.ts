import { type Route, route } from '#platform/service.ts'
import * as tasks from '../contract/tasks.ts'
import type { CarePlansTables } from '../tables.ts'
import { answer, undo } from './answer-task.ts'
import { adherence, list } from './list-tasks.ts'
import { readDue } from './tell-due.ts'

export const taskRoutes: Route<CarePlansTables>[] = [
  route(tasks.listPatientCareTasks, (ctx, { params, query }) => list(ctx, query, params.id)),
  route(tasks.listCareTasks, (ctx, { query }) => list(ctx, query)),
  route(tasks.doCareTask, (ctx, { params, body }) => answer(ctx, params.id, { status: 'done', ...body })),
  route(tasks.skipCareTask, (ctx, { params, body }) => answer(ctx, params.id, { status: 'skipped', ...body })),
  route(tasks.undoCareTask, (ctx, { params }) => undo(ctx, params.id)),
  route(tasks.readAdherence, (ctx, { params, query }) => adherence(ctx, params.id, query)),
  route(tasks.readDueCareTasks, (ctx, { body }) => readDue(ctx, body.tasks)),
]
