import type { Deed } from '../token.ts'

/** What is about to happen, the button that does it, and what has happened then. */
type Part = 'title' | 'ask' | 'button' | 'done'

export type Phrase =
  | `${Deed}.${Part}`
  /** `Monday, 3 March 2031 at 09:00 (Greenwich Mean Time)` */
  | 'when'
  /** Over the links to what can be done. */
  | 'choice.title'
  | 'choose'
  | 'no-times'
  | 'refused.title'
  | 'refused.text'
  | 'failed.title'
  /** Why it did not work. */
  | 'failed.rule'
  | 'failed.taken'
  | 'failed.busy'

/** One language, in ICU MessageFormat. Neither whom a visit is with nor what for: somebody else may hold the phone. */
export type Words = { readonly [P in Phrase]: string }
