import type { Members } from './members.ts'

/** A rule of R4 by its key there, as a plain function. It is asked only about elements in which nothing else was found wrong. */
export interface Invariant {
  key: string
  /** Type of the element: `Patient.contact`. */
  on: string
  /** `resource`: that around, in which `#id` is looked up. */
  holds(it: Members, resource: Members): boolean
  says: string
}
