import { type Route, route } from '#platform/service.ts'
import * as board from '../contract/board.ts'
import * as day from '../contract/day.ts'
import * as queues from '../contract/queues.ts'
import { readQueueEntryCard } from '../contract.ts'
import type { SchedulingTables } from '../tables.ts'
import { arrive } from './arrive.ts'
import { boardKeys, endBoardKey, makeBoardKey } from './board-keys.ts'
import { fulfil, miss, undo } from './end-visit.ts'
import { entriesIn, joinQueue, ownOnes, readEntry } from './entries.ts'
import { listDay } from './list-day.ts'
import { changeQueue, openQueueAt, queuesOf, withdrawQueue } from './queues.ts'
import { changeSettings, readSettings } from './settings.ts'
import { callNextIn, rate, step } from './steps.ts'
import { streamBoard, streamDay } from './streams.ts'
import { transfer } from './transfer.ts'
import { entryCard } from './unbooked.ts'

export const dayRoutes: Route<SchedulingTables>[] = [
  route(readQueueEntryCard, (ctx, { params }) => entryCard(ctx, params.id)),
  route(day.arriveAppointment, (ctx, { params, body, ifMatch }) => arrive(ctx, params.id, body, ifMatch)),
  route(day.fulfilAppointment, (ctx, { params, ifMatch }) => fulfil(ctx, params.id, ifMatch)),
  route(day.markNoShow, (ctx, { params, ifMatch }) => miss(ctx, params.id, ifMatch)),
  route(day.undoAppointment, (ctx, { params, body, ifMatch }) => undo(ctx, params.id, body.reason, ifMatch)),
  route(day.listDay, (ctx, { params, query }) => listDay(ctx, params.id, query)),
  route(day.readDaySettings, (ctx, { params }) => readSettings(ctx, params.id)),
  route(day.updateDaySettings, (ctx, { params, body, ifMatch }) => changeSettings(ctx, params.id, body, ifMatch)),
  route(board.createBoardKey, (ctx, { body }) => makeBoardKey(ctx, body)),
  route(board.listBoardKeys, (ctx, { params }) => boardKeys(ctx, params.id)),
  route(board.deleteBoardKey, (ctx, { params }) => endBoardKey(ctx, params.id)),
  route(board.streamBoard, (ctx, _input, exchange) => streamBoard(ctx, exchange)),
  route(board.streamDay, (ctx, { params }, exchange) => streamDay(ctx, params.id, exchange)),
  route(queues.createQueue, (ctx, { body }) => openQueueAt(ctx, body)),
  route(queues.listQueues, (ctx, { params }) => queuesOf(ctx, params.id)),
  route(queues.updateQueue, (ctx, { params, body, ifMatch }) => changeQueue(ctx, params.id, body, ifMatch)),
  route(queues.deleteQueue, (ctx, { params, ifMatch }) => withdrawQueue(ctx, params.id, ifMatch)),
  route(queues.createQueueEntry, (ctx, { body }) => joinQueue(ctx, body)),
  route(queues.listQueueEntries, (ctx, { params }) => entriesIn(ctx, params.id)),
  route(queues.listOwnQueueEntries, (ctx) => ownOnes(ctx)),
  route(queues.readQueueEntry, (ctx, { params }) => readEntry(ctx, params.id)),
  route(queues.callNext, (ctx, { params, body }) => callNextIn(ctx, params.id, body)),
  route(queues.stepQueueEntry, (ctx, { params, body, ifMatch }) => step(ctx, params.id, body, ifMatch)),
  route(queues.updateQueueEntry, (ctx, { params, body, ifMatch }) => rate(ctx, params.id, body, ifMatch)),
  route(queues.transferQueueEntry, (ctx, { params, body, ifMatch }) => transfer(ctx, params.id, body, ifMatch)),
]
