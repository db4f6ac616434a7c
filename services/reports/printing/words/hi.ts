import type { Words } from './words.ts'

export const hi: Words = {
  born: 'जन्म तिथि',
  issuedBy: 'जारीकर्ता',
  issuedOn: 'जारी करने की तिथि',
  issued: '{when} को जारी',
  version: 'संस्करण {version}',
  page: 'पृष्ठ {page} / {pages}',
  amended: '{when} को संशोधित',
}
