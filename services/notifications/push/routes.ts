import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/push.ts'
import type { NotificationsTables } from '../tables.ts'
import { createSubscription, endSubscription, listSubscriptions, readKey } from './subscriptions.ts'

export const pushRoutes: readonly Route<NotificationsTables>[] = [
  route(contract.readPushKey, (ctx) => readKey(ctx)),
  route(contract.createPushSubscription, (ctx, { body }) => createSubscription(ctx, body)),
  route(contract.listPushSubscriptions, (ctx) => listSubscriptions(ctx)),
  route(contract.deletePushSubscription, (ctx, { params }) => endSubscription(ctx, params.id)),
]
