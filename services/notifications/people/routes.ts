import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/messages.ts'
import type { NotificationsTables } from '../tables.ts'
import { sendMessage, stopMessage } from './confirm.ts'
import { createMessage, listMessages, readMessage, updateMessage } from './messages.ts'

export const messageRoutes: readonly Route<NotificationsTables>[] = [
  route(contract.createMessage, (ctx, { body }) => createMessage(ctx, body)),
  route(contract.listMessages, (ctx, { query }) => listMessages(ctx, query)),
  route(contract.readMessage, (ctx, { params }) => readMessage(ctx, params.id)),
  route(contract.updateMessage, (ctx, { params, body, ifMatch }) => updateMessage(ctx, params.id, body.text, ifMatch)),
  route(contract.sendMessage, (ctx, { params, body }) => sendMessage(ctx, params.id, body)),
  route(contract.stopMessage, (ctx, { params }) => stopMessage(ctx, params.id)),
]
