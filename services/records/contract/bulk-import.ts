import { IdParams, operation } from '#platform/operation.ts'

/** What is in memory while it is taken in; more comes in several files, or by `openhcs import-fhir`. */
export const MOST_BYTES = 33_554_432

export const startBulkImport = operation({
  id: 'startBulkImport',
  method: 'POST',
  url: '/fhir/R4/$import',
  summary: 'Import resources, one on a line',
  description:
    'By administrators, and apps whom one of them lets. Each under its own id, where that is free; what is there already as it is changes nothing, so a file can be sent again. 202, and Content-Location says where to ask how far it is. One at a time.',
  access: 'BulkImport.c',
  idempotent: false,
  upload: {
    mediaTypes: ['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson'],
    maxBytes: MOST_BYTES,
  },
  status: 202,
  download: 'application/fhir+json',
  problems: ['duplicate'],
  fhir: {
    interaction: 'operation',
    operation: { name: 'import', level: 'system', parameters: [] },
  },
})
export const readBulkImport = operation({
  id: 'readBulkImport',
  method: 'GET',
  url: '/fhir/R4/bulk-import/:id',
  summary: 'See how far an import is: 202 with X-Progress, then 200 with what came of it',
  access: 'BulkImport.r',
  params: IdParams,
  download: 'application/json',
})
export const readBulkFaults = operation({
  id: 'readBulkFaults',
  method: 'GET',
  url: '/fhir/R4/bulk-import/:id/outcomes',
  summary: 'What is wrong with an import, an OperationOutcome for each line',
  access: 'BulkImport.r',
  params: IdParams,
  download: 'application/fhir+ndjson',
})
