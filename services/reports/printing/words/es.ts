import type { Words } from './words.ts'

export const es: Words = {
  born: 'Fecha de nacimiento',
  issuedBy: 'Emitido por',
  issuedOn: 'Emitido el',
  issued: 'Emitido el {when}',
  version: 'Versión {version}',
  page: 'Página {page} de {pages}',
  amended: 'Modificado el {when}',
}
