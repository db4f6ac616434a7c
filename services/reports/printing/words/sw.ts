import type { Words } from './words.ts'

export const sw: Words = {
  born: 'Tarehe ya kuzaliwa',
  issuedBy: 'Imetolewa na',
  issuedOn: 'Imetolewa tarehe',
  issued: 'Imetolewa tarehe {when}',
  version: 'Toleo la {version}',
  page: 'Ukurasa wa {page} kati ya {pages}',
  amended: 'Imerekebishwa tarehe {when}',
}
