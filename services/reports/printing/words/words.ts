/** What a printed document says by itself. In ICU MessageFormat. */
export interface Words {
  born: string
  issuedBy: string
  issuedOn: string
  /** At the foot of each page. */
  issued: string
  version: string
  page: string
  amended: string
}
