import { type Route, route } from '#platform/service.ts'
import { byParameters } from './bulk/export-asked.ts'
import { readFaults, readImport, startImport } from './bulk/import.ts'
import { endOwnExport, readExport, readFile } from './bulk/read-export.ts'
import { startExport } from './bulk/start-export.ts'
import * as bulk from './contract/bulk-export.ts'
import * as bulkImport from './contract/bulk-import.ts'
import { careRoutes } from './routes-care.ts'
import type { RecordsTables } from './tables.ts'

export const routes: Route<RecordsTables>[] = [
  route(bulk.exportAll, (ctx, { query }, exchange) => startExport(ctx, { level: 'system' }, query, exchange)),
  route(bulk.exportAllByParameters, (ctx, { body }, exchange) =>
    byParameters(body, (given) => startExport(ctx, { level: 'system' }, given, exchange)),
  ),
  route(bulk.exportPatients, (ctx, { query }, exchange) => startExport(ctx, { level: 'patient' }, query, exchange)),
  route(bulk.exportPatientsByParameters, (ctx, { body }, exchange) =>
    byParameters(body, (given) => startExport(ctx, { level: 'patient' }, given, exchange)),
  ),
  route(bulk.exportGroup, (ctx, { params, query }, exchange) =>
    startExport(ctx, { level: 'patient', group: params.id }, query, exchange),
  ),
  route(bulk.exportGroupByParameters, (ctx, { params, body }, exchange) =>
    byParameters(body, (given) => startExport(ctx, { level: 'patient', group: params.id }, given, exchange)),
  ),
  route(bulk.readBulkExport, (ctx, { params }, exchange) => readExport(ctx, params.id, exchange)),
  route(bulk.endBulkExport, (ctx, { params }, exchange) => endOwnExport(ctx, params.id, exchange)),
  route(bulk.readBulkFile, (ctx, { params }, exchange) => readFile(ctx, params.id, params.file, exchange)),
  route(bulkImport.startBulkImport, (ctx, { upload }, exchange) => startImport(ctx, upload, exchange)),
  route(bulkImport.readBulkImport, (ctx, { params }, exchange) => readImport(ctx, params.id, exchange)),
  route(bulkImport.readBulkFaults, (ctx, { params }, exchange) => readFaults(ctx, params.id, exchange)),
  ...careRoutes,
]
