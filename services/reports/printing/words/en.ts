import type { Words } from './words.ts'

export const en: Words = {
  born: 'Date of birth',
  issuedBy: 'Issued by',
  issuedOn: 'Issued on',
  issued: 'Issued on {when}',
  version: 'Version {version}',
  page: 'Page {page} of {pages}',
  amended: 'Amended on {when}',
}
