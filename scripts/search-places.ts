import type { Place, Step } from '#fhir/indexing/place.ts'
import { elementAt, systemOf } from './fhir-definitions.ts'
import type { Call, Path } from './search-expression.ts'

/** A place that is being walked to: what stands there, and where its elements are defined. */
interface Stand extends Place {
  /** `Patient.contact` of a part of a resource, else the name of the type. */
  definition: string
  /** Of a reference: names of types; empty for any. */
  targets: readonly string[]
}

/** Quantities under another name (hl7.org/fhir/R4/datatypes.html#quantity). */
const QUANTITIES = new Set(['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity'])

/** Where an expression leads from a type: one place for each type that may stand there. Throws where R4 has no such element. */
export function placesOf({ root, calls, text }: Path, type: string): (Place & { targets: readonly string[] })[] {
  let stands: Stand[] = [{ path: [], type, definition: root === 'Resource' ? root : type, targets: [] }]
  for (const call of calls) stands = stands.flatMap((stand) => after(stand, call))
  if (stands.length === 0) throw new Error(`${text} leads nowhere`)
  return stands.map(({ definition, ...place }) => ({
    ...place,
    type: QUANTITIES.has(place.type) ? 'Quantity' : place.type,
  }))
}

function after(stand: Stand, call: Call): Stand[] {
  const { path } = stand
  if (call.kind === 'element') return elementsOf(stand, call.name)
  if (call.kind === 'ofType') return stand.type === typeNamed(call.type) ? [stand] : []
  if (call.kind === 'where') return [{ ...stand, path: [...path, { where: call.name, is: call.is }] }]
  if (call.kind === 'refersTo')
    return stand.type === 'Reference'
      ? [{ ...stand, path: [...path, { refersTo: call.type }], targets: [call.type] }]
      : []
  if (call.kind === 'at') return [{ ...stand, path: [...path.slice(0, -1), indexed(path.at(-1), call.position)] }]
  if (call.kind === 'truth') return truthOf(stand)
  throw new Error(`${call.kind} finds nothing by itself`)
}

/** One component of R4 says DateTime for dateTime. */
const typeNamed = (name: string) => (name === 'DateTime' ? 'dateTime' : name)

function indexed(step: Step | undefined, at: number): Step {
  if (typeof step !== 'string') throw new Error('only an element has a first one')
  return { element: step, at }
}

/** All names of a choice in one step. The last of them decides, since both are seen together. */
function truthOf(stand: Stand): Stand[] {
  const name = stand.path.at(-1)
  if (typeof name !== 'string') throw new Error('only of an element it is asked whether it is there')
  if (stand.type !== 'boolean') return []
  const choice = elementAt(`${stand.definition.split(':')[1]}`)
  const stem = name.slice(0, -'Boolean'.length)
  const names = (choice?.type ?? []).map(({ code }) => stem + capital(code))
  return [{ ...stand, path: [...stand.path.slice(0, -1), { truth: names }] }]
}

function elementsOf(stand: Stand, name: string): Stand[] {
  const path = `${stand.definition}.${name}`
  const plain = elementAt(path)
  const element = plain ?? elementAt(`${path}[x]`)
  if (!element) throw new Error(`R4 has no element ${path}`)
  const original = element.contentReference?.slice(1)
  if (original) return [{ path: [...stand.path, name], type: 'BackboneElement', definition: original, targets: [] }]
  return (element.type ?? []).map(({ code, targetProfile = [] }) => {
    const type = code.startsWith('http://hl7.org/fhirpath/') ? 'string' : code
    const system = type === 'code' ? systemOf(element) : undefined
    return {
      path: [...stand.path, plain ? name : name + capital(type)],
      type,
      definition: definitionOf(type, path, !plain),
      targets: targetsOf(targetProfile),
      ...(system && { system }),
    }
  })
}

/** A boolean that is one of a choice remembers which: see truthOf. */
function definitionOf(type: string, path: string, isChoice: boolean): string {
  if (type === 'BackboneElement' || type === 'Element') return path
  return type === 'boolean' && isChoice ? `boolean:${path}[x]` : type
}

function targetsOf(profiles: readonly string[]): string[] {
  const names = profiles.map((profile) => profile.slice(profile.lastIndexOf('/') + 1))
  return names.includes('Resource') ? [] : names
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
