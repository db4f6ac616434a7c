import { isDeepStrictEqual } from 'node:util'
import type { Kept } from '#fhir/rooms/read.ts'
import type { NotedProblem } from './note.ts'

interface Coding {
  system?: string
  version?: string
  code?: string
  display?: string
}

/** As far as /v1 has words for it: others may have put in more. */
export function conceptOf(code: unknown): Pick<NotedProblem, 'code'> {
  const { text, coding = [] } = (code ?? {}) as { text?: string; coding?: Coding[] }
  const codings = coding.flatMap(({ system, code, version, display }) =>
    system === undefined || code === undefined
      ? []
      : [{ system, code, ...(version !== undefined && { version }), ...(display !== undefined && { display }) }],
  )
  if (text === undefined && codings.length === 0) return {}
  return { code: { ...(text !== undefined && { text }), ...(codings.length > 0 && { coding: codings }) } }
}

/** Whether it is what somebody calls it by /v1, which has no words for all that others may have put in. */
export const isCalled = (own: Kept, code: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(conceptOf(own.code).code ?? {})), code)
