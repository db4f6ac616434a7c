import type { Words } from './words.ts'

export const pt: Words = {
  born: 'Data de nascimento',
  issuedBy: 'Emitido por',
  issuedOn: 'Emitido em',
  issued: 'Emitido em {when}',
  version: 'Versão {version}',
  page: 'Página {page} de {pages}',
  amended: 'Alterado em {when}',
}
