import type { Kind } from '../codes.ts'

/** What a report says by itself: all else is as it was written. In ICU MessageFormat. */
export interface Words {
  titles: Readonly<Record<Kind, string>>
  /** Of sections; those of a summary are in fhir/documents/words.ts. */
  headings: Readonly<Record<Heading, string>>
  leave: { from: string; until: string; capacity: string; unable: string; able: string; diagnosis: string }
  /** {name}, {when} */
  signed: string
  /** {when}, when it was read. */
  verified: string
  /** Over the top of each page. */
  notVerified: string
  inError: string
  /** Why the house withdrew it. */
  withdrawn: string
  /** {version}, {when} */
  replaced: string
  /** {when} */
  newerNote: string
  noteInError: string
}

export type Heading =
  | 'amendment'
  | 'remarks'
  | 'to'
  | 'why'
  | 'asked'
  | 'leave'
  | 'about'
  | 'reason'
  | 'history'
  | 'subjective'
  | 'vitals'
  | 'examination'
  | 'objective'
  | 'assessment'
  | 'problems'
  | 'orders'
  | 'plan'
  | 'note'
  | 'attachments'
