import { type Route, route } from '#platform/service.ts'
import * as preferences from './contract/preferences.ts'
import * as templates from './contract/templates.ts'
import * as contract from './contract.ts'
import { listDeliveries, replayDelivery } from './dead-letters.ts'
import { listNotifications, markAllRead, markNotificationRead } from './inbox.ts'
import { messageRoutes } from './people/routes.ts'
import { readPreferences, updatePreferences } from './preferences/preferences.ts'
import { listTemplates, preview } from './preview.ts'
import { pushRoutes } from './push/routes.ts'
import { sendCode } from './send-code.ts'
import { receiveMessage, receiveReport } from './sms/callbacks.ts'
import { streamNotifications } from './stream-notifications.ts'
import type { NotificationsTables } from './tables.ts'
import { webhookRoutes } from './webhooks/routes.ts'

export const routes: readonly Route<NotificationsTables>[] = [
  route(contract.listNotifications, (ctx, { query }) => listNotifications(ctx, query)),
  route(contract.markNotificationRead, (ctx, { params }) => markNotificationRead(ctx, params.id)),
  route(contract.markAllRead, (ctx, { body }) => markAllRead(ctx, body.until)),
  route(contract.streamNotifications, (ctx, { query }, exchange) => streamNotifications(ctx, query.after, exchange)),
  route(preferences.readNotificationPreferences, (ctx, { query }) => readPreferences(ctx, query.patient)),
  route(preferences.updateNotificationPreferences, (ctx, { query, body, ifMatch }) =>
    updatePreferences(ctx, query.patient, body, ifMatch),
  ),
  route(contract.listDeliveries, (ctx, { query }) => listDeliveries(ctx, query)),
  route(contract.replayDelivery, (ctx, { params }) => replayDelivery(ctx, params.id)),
  route(templates.listMessageTemplates, async () => listTemplates()),
  route(templates.previewMessageTemplate, async (ctx, { params, query }) => preview(ctx, params.template, query)),
  route(contract.receiveTextReport, (ctx, { params, query, upload }, { request }) =>
    receiveReport(ctx, { provider: params.provider, key: query.key, body: upload, headers: request.headers }),
  ),
  route(contract.receiveText, (ctx, { params, query, upload }, { request }) =>
    receiveMessage(ctx, { provider: params.provider, key: query.key, body: upload, headers: request.headers }),
  ),
  route(contract.sendCode, (ctx, { body }) => sendCode(ctx, body)),
  ...messageRoutes,
  ...webhookRoutes,
  ...pushRoutes,
]
