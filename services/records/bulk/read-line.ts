import { ID } from '#fhir/bundle/entry-url.ts'
import { exactly } from '#fhir/decimal.ts'
import { checked } from '#fhir/interactions/checked.ts'
import type { Resource } from '#fhir/resource.ts'
import { Problem } from '#platform/errors.ts'
import { refuseBrokenText } from '#platform/validate.ts'
import type { Line } from './lines.ts'
import type { Fault, Read, Taken } from './taken.ts'

/** What a line holds, if it may be taken in; what is wrong with it is noted. */
export function readLine(
  { number: line, text }: Line,
  { types, base }: { types: ReadonlySet<string>; base: string },
  taken: Taken,
): Read[] {
  try {
    const resource = resourceIn(text)
    const type = resource.resourceType
    if (!types.has(type))
      throw new Problem('forbidden', 'Resources of this type are not taken in here, or not from you.')
    if (!ID.test(resource.id ?? '')) throw new Problem('invalid', 'The resource must have an id.')
    checked(type, resource, { base })
    return [{ line, resource: resource as Read['resource'] }]
  } catch (error) {
    taken.faults.push(faultOf(line, error))
    return []
  }
}

function resourceIn(text: string | undefined): Resource {
  if (text === undefined) throw new Problem('too-long', 'The line is longer than a resource may be.')
  let parsed: unknown
  try {
    parsed = exactly(text, JSON.parse(text))
  } catch (cause) {
    throw new Problem('invalid', 'The line is not JSON.', { cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Object.hasOwn(parsed, '__proto__'))
    throw new Problem('invalid', 'The line is not a resource.')
  refuseBrokenText(text, parsed)
  return parsed as Resource
}

const MOST_PLACES = 5

/** Where, and what; nothing of what the line says. */
export function faultOf(line: number, error: unknown): Fault {
  if (!(error instanceof Problem)) throw error
  const places = (error.errors ?? [])
    .slice(0, MOST_PLACES)
    .map(({ pointer, detail }) => `${pointer.slice(0, 200)}: ${detail}`)
  return { line, code: error.code, diagnostics: [error.message, ...places].join(' ') }
}
