import { Problem } from '#platform/errors.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Resource } from '../resource.ts'
import type { Change } from '../store/change.ts'
import { type Around, concernsOf } from '../store/concerns.ts'
import { validate } from '../validate.ts'
import type { Face } from './asked.ts'

const MOST_ISSUES = 20

interface Where {
  /** Of a Bundle. */
  entry?: number
  /** Address of the service base. */
  base?: string
}

/** A resource of this type as it came, or a Problem with every fault and its place: of an entry of a Bundle, within that. */
export function checked(type: string, body: unknown, { entry, base }: Where = {}): Resource {
  const at = entry === undefined ? '/body' : `/body/entry/${entry}/resource`
  const given = (body as { resourceType?: unknown } | null | undefined)?.resourceType
  if (given !== type)
    throw new Problem('invalid', 'The body is not a resource of the type in the address.', {
      errors: [{ pointer: `${at}/resourceType`, detail: 'must be the type in the address' }],
    })
  const issues = validate(body, { base })
  if (issues.length > 0)
    throw new Problem('invalid', 'The resource is not valid R4; see the issues.', {
      errors: issues
        .slice(0, MOST_ISSUES)
        .map(({ expression, diagnostics }) => ({ pointer: `${at}/${pathOf(expression)}`, detail: diagnostics })),
    })
  return body as Resource
}

/** `Patient.name[0].given` → `name/0/given`. */
const pathOf = ([expression = '']: readonly string[]) =>
  expression
    .split(/[.[\]]+/)
    .slice(1)
    .filter((part) => part !== '')
    .join('/')

export interface Written {
  type: string
  id: string
  version: number
  at: Date
  method: Change['method']
}

/** What is to be written: with id and meta as the store will show them, and what it is found by. */
export function changeOf(resource: Resource, written: Written, { base }: Face, around: Around = {}): Change {
  const { id, version, at } = written
  const { resourceType, id: _id, meta, ...rest } = resource
  const whole: Resource = {
    resourceType,
    id,
    meta: { ...meta, versionId: String(version), lastUpdated: at.toISOString() },
    ...rest,
  }
  const index = indexOf(whole, { base })
  return { ...written, resource: whole, index, concerns: concernsOf(whole, index, { ...around, base }) }
}
