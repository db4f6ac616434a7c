import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/erasures.ts'
import * as copies from '../contract/exports.ts'
import { readErasureCard as card } from '../contract.ts'
import type { Tables } from '../database.ts'
import {
  cancelErasure,
  confirmErasure,
  listErasures,
  readErasureCard,
  readErasureReceipt,
  requestErasure,
} from './erasures.ts'
import { downloadExport, listExports, readExport, requestExport } from './exports.ts'

export const privacyRoutes: Route<Tables>[] = [
  route(contract.requestErasure, (ctx, { body }) => requestErasure(ctx, body)),
  route(contract.listErasures, (ctx, { query }) => listErasures(ctx, query)),
  route(contract.cancelErasure, (ctx, { params }) => cancelErasure(ctx, params.id)),
  route(contract.confirmErasure, (ctx, { params }) => confirmErasure(ctx, params.id)),
  route(card, (ctx, { params }) => readErasureCard(ctx, params.id)),
  route(contract.readErasureReceipt, (ctx, { params, body }) => readErasureReceipt(ctx, params.id, body.code)),
  route(copies.requestExport, (ctx, { body }) => requestExport(ctx, body)),
  route(copies.listExports, (ctx, { query }) => listExports(ctx, query)),
  route(copies.readExport, (ctx, { params }) => readExport(ctx, params.id)),
  route(copies.downloadExport, (ctx, { params }, exchange) => downloadExport(ctx, params.id, exchange)),
]
