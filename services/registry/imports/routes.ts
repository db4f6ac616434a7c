import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/imports.ts'
import type { Tables } from '../database.ts'
import { createImport, listImports, readImport, readImportFaults } from './imports.ts'

export const importRoutes: Route<Tables>[] = [
  route(contract.createImport, (ctx, { query, upload }) => createImport(ctx, query, upload)),
  route(contract.listImports, (ctx, { query }) => listImports(ctx, query)),
  route(contract.readImport, (ctx, { params }) => readImport(ctx, params.id)),
  route(contract.readImportFaults, (ctx, { params }, exchange) => readImportFaults(ctx, params.id, exchange)),
]
