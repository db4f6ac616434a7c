import { Problem } from '#platform/errors.ts'
import type { Asked } from '../interactions/asked.ts'
import { checked } from '../interactions/checked.ts'

const MOST = 100

interface Given {
  name: string
  [member: string]: unknown
}

/**
 * What an operation is asked with: what stands in the address, and the Parameters of a POST with it, each of them one simple value
 * (hl7.org/fhir/R4/operations.html#request). Throws Problem `invalid`.
 */
export function inputOf({ query, body }: Asked): URLSearchParams {
  if (body === undefined || body === null) return query
  const all = new URLSearchParams(query)
  for (const [i, { name, ...members }] of parametersOf(body).entries()) {
    const [value, ...more] = Object.entries(members).flatMap(([member, one]) =>
      member.startsWith('value') && typeof one !== 'object' ? [String(one)] : [],
    )
    if (value === undefined || more.length > 0) throw refused(`/body/parameter/${i}`, 'must have one simple value')
    all.append(name, value)
  }
  return all
}

/** Of a body that must be Parameters, and is valid. */
export function parametersOf(body: unknown): readonly Given[] {
  const { parameter = [] } = checked('Parameters', body) as unknown as { parameter?: Given[] }
  if (parameter.length > MOST) throw refused('/body/parameter', `has too many: at most ${MOST}`)
  return parameter
}

const refused = (pointer: string, detail: string) =>
  new Problem('invalid', 'A parameter of the operation is wrong; see the issues.', { errors: [{ pointer, detail }] })
