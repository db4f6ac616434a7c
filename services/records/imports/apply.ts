import { isObject, isSame } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { Write } from '#fhir/rooms/write.ts'
import { newId } from '#platform/ids.ts'
import { APART } from './compare.ts'
import { filesBeside } from './files.ts'
import type { Planned } from './preview.ts'

export type Decision = 'take' | 'keep' | 'both'
type Whole = Resource & { id: string }

/** What is to be written once each entry has been decided on; what refers to another entry refers to what that is here, or names it where it is not taken. */
export function writesOf(planned: readonly Planned[], decisions: ReadonlyMap<number, Decision>): Write[] {
  const made = planned.flatMap((one): { one: Planned; id: string; version?: number }[] => {
    const { outcome } = one.shown
    const decision = decisions.get(one.shown.entry)
    if (!one.resource || outcome === 'same' || outcome === 'not-taken' || decision === 'keep') return []
    const { existing } = one
    if (outcome === 'conflict' && decision === 'take' && existing)
      return [{ one, id: existing.id, version: Number(existing.meta.versionId) }]
    return [{ one, id: newId() }]
  })
  const names = namesHere(planned, new Map(made.map(({ one, id }) => [one.shown.entry, id])))
  return made.flatMap(({ one, id, version }): Write[] => {
    const resource = withNames(one.resource, names) as Resource
    const whole = version === undefined ? { ...resource, id } : overtaken(one.existing as Kept, resource)
    const files = (one.files ?? []).map((file) => ({ ...file, id: newId() }))
    const { document, beside } = filesBeside(whole as Whole, files)
    return [{ resource: document, version }, ...beside.map((resource) => ({ resource }))]
  })
}

/** By their names in the file. */
function namesHere(planned: readonly Planned[], made: ReadonlyMap<number, string>): Map<string, string | undefined> {
  const idOf = ({ shown, existing, sameAs }: Planned): string | undefined =>
    made.get(shown.entry) ?? existing?.id ?? (sameAs === undefined ? undefined : made.get(sameAs))
  return new Map(
    planned.flatMap((one): [string, string | undefined][] => {
      const id = idOf(one)
      return one.name === undefined ? [] : [[one.name, id && `${one.shown.type}/${id}`]]
    }),
  )
}

function withNames(value: unknown, names: ReadonlyMap<string, string | undefined>): unknown {
  if (Array.isArray(value)) return value.map((one) => withNames(one, names))
  if (!isObject(value) || value instanceof Number) return value
  const { reference, ...others } = value
  if (typeof reference === 'string' && names.has(reference)) {
    const here = names.get(reference)
    return here === undefined
      ? { ...others, display: others.display ?? 'Not taken over' }
      : { ...others, reference: here }
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withNames(one, names)]))
}

/** What theirs says of the patient, with who wrote ours down, and the numbers and labels of both. */
function overtaken(ours: Kept, given: Resource): Whole {
  const theirs = underOtherNames(given)
  const kept = Object.entries(ours).filter(([name]) => APART.has(name))
  const said = Object.entries(theirs).filter(([name]) => !APART.has(name))
  const identifier = joined(ours.identifier, theirs.identifier)
  const security = joined(ours.meta.security, theirs.meta?.security)
  const { contained, text: _asItWas, ...whole } = Object.fromEntries([...kept, ...said])
  const within = [contained, theirs.contained].flatMap((list) => containedIn(list))
  const used = within.filter(({ id }) => JSON.stringify(whole).includes(`"#${id}"`))
  return {
    ...(whole as Whole),
    ...(used.length > 0 && { contained: used }),
    ...(identifier.length > 0 && { identifier }),
    meta: { ...ours.meta, ...(security.length > 0 && { security: security as [] }) },
  }
}

const containedIn = (list: unknown): { id?: unknown }[] => (Array.isArray(list) ? list : [])

/** What is within it is called otherwise than anything within ours. */
function underOtherNames(resource: Resource): Resource {
  const names = new Map(containedIn(resource.contained).map(({ id }) => [`#${id}`, `#${newId()}`]))
  if (names.size === 0) return resource
  const contained = containedIn(resource.contained).map((one) => ({ ...one, id: names.get(`#${one.id}`)?.slice(1) }))
  return withNames({ ...resource, contained }, names) as Resource
}

function joined(a: unknown, b: unknown): unknown[] {
  const [one, other] = [a, b].map((list) => (Array.isArray(list) ? list : [])) as [unknown[], unknown[]]
  return [...one, ...other.filter((value) => !one.some((mine) => isSame(mine, value)))]
}
