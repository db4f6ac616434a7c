import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/webhooks.ts'
import type { NotificationsTables } from '../tables.ts'
import { callSystem } from './call-system.ts'
import { listDeliveries, replayWebhook, testWebhook } from './deliveries.ts'
import { createWebhook, deleteWebhook, listWebhooks, readWebhook, rotateSecret, updateWebhook } from './webhooks.ts'

export const webhookRoutes: readonly Route<NotificationsTables>[] = [
  route(contract.createWebhook, (ctx, { body }) => createWebhook(ctx, body)),
  route(contract.listWebhooks, (ctx, { query }) => listWebhooks(ctx, query)),
  route(contract.readWebhook, (ctx, { params }) => readWebhook(ctx, params.id)),
  route(contract.updateWebhook, (ctx, { params, body, ifMatch }) => updateWebhook(ctx, params.id, body, ifMatch)),
  route(contract.deleteWebhook, (ctx, { params }) => deleteWebhook(ctx, params.id)),
  route(contract.rotateWebhookSecret, (ctx, { params, body }) => rotateSecret(ctx, params.id, body.overlapHours)),
  route(contract.testWebhook, (ctx, { params }) => testWebhook(ctx, params.id)),
  route(contract.listWebhookDeliveries, (ctx, { params, query }) => listDeliveries(ctx, params.id, query)),
  route(contract.callSystem, (ctx, { body }) => callSystem(ctx, body)),
  route(contract.replayWebhook, (ctx, { params, body }) => replayWebhook(ctx, params.id, body)),
]
