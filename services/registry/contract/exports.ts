import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Page, PageQuery } from '#platform/operation.ts'

// A copy of everything about a person, as one ZIP file.

const DataExport = Closed(
  {
    id: Id,
    patient: Type.Optional(Id),
    status: Type.Enum(['preparing', 'ready', 'expired'], { examples: ['ready'] }),
    bytes: Type.Optional(Type.Integer({ examples: [48_213] })),
    createdAt: Instant,
    expiresAt: Instant,
  },
  { title: 'DataExport' },
)

export const requestExport = operation({
  id: 'requestExport',
  method: 'POST',
  url: '/v1/exports',
  summary: 'Have a copy made of everything that is known of oneself',
  description:
    'JSON, a FHIR R4 bundle, a page to read, and the pictures and certificates that were sent in, in one ZIP file; a notification says when it is there. With `patient`: of somebody whose record one may see wholly (powers `see-record` and `see-sensitive`).',
  access: 'signed-in',
  body: Closed({ patient: Type.Optional(Id) }, { title: 'NewDataExport', examples: [{}] }),
  status: 201,
  response: DataExport,
  problems: ['duplicate', 'not-found'],
})
export const listExports = operation({
  id: 'listExports',
  method: 'GET',
  url: '/v1/exports',
  summary: 'List the copies one has asked for, newest first',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(DataExport),
})
export const readExport = operation({
  id: 'readExport',
  method: 'GET',
  url: '/v1/exports/:id',
  summary: 'Whether a copy is ready',
  access: 'signed-in',
  params: IdParams,
  response: DataExport,
})
export const downloadExport = operation({
  id: 'downloadExport',
  method: 'GET',
  url: '/v1/exports/:id/file',
  summary: 'Fetch a copy',
  description: 'For some days, by whoever asked for it, while the power to see the record stands.',
  access: 'signed-in',
  params: IdParams,
  download: 'application/zip',
})
