import type { Prefix } from './query.ts'

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)/

/** hl7.org/fhir/R4/search.html#prefix: without one, `eq`. */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const prefix = PREFIX.exec(text)?.[0]
  return { prefix: (prefix ?? 'eq') as Prefix, rest: text.slice(prefix?.length ?? 0) }
}
