import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Page, PageQuery } from '#platform/operation.ts'

const Count = Type.Integer({ minimum: 0, examples: [120] })
export const Import = Closed(
  {
    id: Id,
    organisation: Id,
    kind: Type.Enum(['patients', 'practitioners'], { examples: ['patients'] }),
    dryRun: Type.Boolean({ examples: [true] }),
    status: Type.Enum(['waiting', 'done'], { examples: ['done'] }),
    lines: Count,
    looked: Type.Integer({ minimum: 0, examples: [120], description: 'Lines that have been dealt with so far' }),
    created: Count,
    changed: Count,
    unchanged: Count,
    refused: Type.Integer({ minimum: 0, examples: [2], description: 'See GET /v1/imports/:id/faults' }),
    createdAt: Instant,
    doneAt: Type.Optional(Instant),
  },
  { title: 'Import' },
)

export const createImport = operation({
  id: 'createImport',
  method: 'POST',
  url: '/v1/imports',
  summary: 'Import patients or practitioners from a CSV file',
  description: [
    'By administrators, and managers of the organisation; whoever is imported is registered there. UTF-8, comma, a line of names first, at most 5 MB and 20,000 lines.',
    'patients: `key,name,birthDate,gender,language,zone,phone,email`. practitioners: `key,name,gender,languages,specialities,about`, with `;` between several.',
    '`key` is what the file’s owner knows the line by: the same line again changes nothing, a changed one changes the record while nobody has an account for it.',
    'A dry run, unless `dryRun=false`. It runs in the background: see GET /v1/imports/:id.',
  ].join('\n'),
  access: 'Import.c',
  query: Closed({
    organisation: Id,
    kind: Type.Enum(['patients', 'practitioners'], { examples: ['patients'] }),
    dryRun: Type.Optional(Type.Boolean({ default: true, examples: [true] })),
  }),
  upload: { mediaTypes: ['text/csv'], maxBytes: 5_242_880 },
  status: 201,
  response: Import,
  problems: ['not-found', 'business-rule'],
})
export const readImport = operation({
  id: 'readImport',
  method: 'GET',
  url: '/v1/imports/:id',
  summary: 'See how far an import is',
  access: 'Import.r',
  params: IdParams,
  response: Import,
})
export const listImports = operation({
  id: 'listImports',
  method: 'GET',
  url: '/v1/imports',
  summary: 'List the imports of an organisation, newest first',
  access: 'Import.s',
  query: Closed({ organisation: Id, ...PageQuery }),
  response: Page(Import),
  problems: ['not-found'],
})
export const readImportFaults = operation({
  id: 'readImportFaults',
  method: 'GET',
  url: '/v1/imports/:id/faults',
  summary: 'Get what is wrong with an import, line by line, as CSV',
  access: 'Import.r',
  params: IdParams,
  download: 'text/csv',
})
