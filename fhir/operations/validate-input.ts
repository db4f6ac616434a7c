import { Problem } from '#platform/errors.ts'
import type { Asked } from '../interactions/asked.ts'

const MODES = ['create', 'update', 'delete'] as const
export type Mode = (typeof MODES)[number]

interface ValidateInput {
  /** As it came: undefined where there is none. */
  resource: unknown
  mode: Mode | undefined
  profiles: readonly string[]
}

const MOST = 10

/**
 * A resource by itself, or in Parameters with how it is to be looked at; `mode` and `profile` may stand in the address too. What is wrong with the resource is
 * not looked at here. Throws Problem `invalid`.
 */
export function validateInput({ id, query, body }: Asked): ValidateInput {
  const given = isParameters(body) ? inParameters(body) : { resource: body ?? undefined, words: [] }
  const words = [...query, ...given.words]
  const modes = words.flatMap(([name, value]) => (name === 'mode' ? value : []))
  const mode = MODES.find((one) => one === modes[0])
  if (modes.length > 1 || mode !== (modes[0] || undefined)) throw wrong('mode', 'must be create, update or delete')
  if (mode !== undefined && (mode === 'create') !== (id === ''))
    throw wrong('mode', 'must be create of a type, and update or delete of an instance')
  if (given.resource === undefined && (id === '' || mode === 'update')) throw wrong('resource', 'is missing')
  const profiles = words.flatMap(([name, value]) => (name === 'profile' ? value : []))
  if (profiles.length > MOST) throw wrong('profile', 'comes too often')
  return { resource: given.resource, mode, profiles }
}

const isParameters = (body: unknown): body is { parameter?: unknown } =>
  (body as { resourceType?: unknown } | null | undefined)?.resourceType === 'Parameters'

function inParameters({ parameter }: { parameter?: unknown }) {
  if (!Array.isArray(parameter) || parameter.length > MOST) throw wrong('', `must be a list of at most ${MOST}`)
  const words: [string, string][] = []
  let resource: unknown
  for (const one of parameter as (Record<string, unknown> | null)[]) {
    const text = one?.valueCode ?? one?.valueUri ?? one?.valueUrl ?? one?.valueCanonical ?? one?.valueString
    if (one?.name === 'resource' && one.resource !== undefined && resource === undefined) resource = one.resource
    else if ((one?.name === 'mode' || one?.name === 'profile') && typeof text === 'string') words.push([one.name, text])
    else throw wrong('', 'may be resource, with a resource, once; mode, with a code; profile, with an address')
  }
  return { resource, words }
}

const wrong = (name: string, detail: string) =>
  new Problem('invalid', 'A parameter of the operation is wrong; see the issues.', {
    errors: [{ pointer: name === '' ? '/body/parameter' : `/body/parameter/${name}`, detail }],
  })
