import { list, type Members } from './members.ts'

// dom-3 to dom-5 of hl7.org/fhir/R4/domainresource.html, of resources that contain others.

/** dom-3: something outside leads to each, or it leads to what is around. */
export function areAllReferredTo(resource: Members): boolean {
  const contained = list(resource.contained)
  if (contained.length === 0) return true
  const names = fragmentsIn(resource)
  const unmet = contained.filter(({ id }) => !names.has(`#${String(id)}`))
  return unmet.every((one) => fragmentsIn(one).has('#'))
}

/** dom-4 and dom-5. */
export const hasNoMeta = (resource: Members, ...names: string[]) =>
  list(resource.contained).every(({ meta }) =>
    names.every((name) => (meta as Members | undefined)?.[name] === undefined),
  )

/** Every text that starts with #, without recursion: what has come this far is of bounded depth, and of any size. */
function fragmentsIn(resource: Members): ReadonlySet<string> {
  const names = new Set<string>()
  const waiting: unknown[] = [resource]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string') {
      if (value.charCodeAt(0) === 35) names.add(value)
    } else if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) waiting.push(inner)
  }
  return names
}
