import type { Words } from './words.ts'

export const fr: Words = {
  born: 'Date de naissance',
  issuedBy: 'Établi par',
  issuedOn: 'Établi le',
  issued: 'Établi le {when}',
  version: 'Version {version}',
  page: 'Page {page} sur {pages}',
  amended: 'Modifié le {when}',
}
