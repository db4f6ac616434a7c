import type { Members } from './members.ts'

/** A rule of R4 by its key there, as a plain function. It is asked only about elements in which nothing else was found wrong. */
export interface Invariant {
  key: string
  /** Type of the element: `Patient.contact`. */
  on: string
  holds(it: Members, around: Around): boolean
  says: string
}

/** The resource around: that which `#id` is looked up in. */
export interface Around {
  hasContained(id: string): boolean
}
