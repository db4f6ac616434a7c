import { Problem } from '#platform/errors.ts'
import { type JsonObject, MAX_DEPTH } from '../json-value.ts'
import type { Resource } from '../resource.ts'
import { isResourceType } from '../types/definitions.ts'
import { memberOf } from '../types/element-of.ts'
import { rewriteNarrative } from './rewrite-narrative.ts'

/** A reference that names what it leads to by a search: `Patient?identifier=a|1` (hl7.org/fhir/R4/http.html#trules). */
export interface ConditionalReference {
  /** As it was written; a map from this to `Patient/1`, given to rewriteReferences(), puts the answer in its place. */
  reference: string
  type: string
  query: string
  /** Within the resource: `/subject/reference`. */
  pointer: string
}

/** hl7.org/fhir/R4/http.html#trules has them all, beside references and what narratives link to. */
const ADDRESSES: ReadonlySet<string> = new Set(['uri', 'url', 'canonical', 'oid', 'uuid'])
const CONDITIONAL = /^([A-Z][A-Za-z]{1,63})\?(.{1,2000})$/s
const RESTFUL = /^(https?:\/\/[^\s?#]{1,1900}\/)[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/

interface Scope {
  references: ReadonlyMap<string, string>
  /** What relative references lead on from: the fullUrl without type and id (hl7.org/fhir/R4/bundle.html#references). */
  root: string | undefined
  conditional: ConditionalReference[]
  path: (string | number)[]
}

/**
 * The resource with every address that the map has replaced by what it stands for, and the references that are still to be looked up. The resource given stays as
 * it is, and is the answer where nothing is to be replaced. What a resource is of type Bundle has entries of its own, and is left alone.
 * @param fullUrl of the entry that the resource is in
 * @throws Problem `invalid`: nested more than 100 deep
 */
export function rewriteReferences(
  resource: Resource,
  references: ReadonlyMap<string, string>,
  fullUrl?: string,
): { resource: Resource; conditional: readonly ConditionalReference[] } {
  const root = fullUrl === undefined ? undefined : RESTFUL.exec(fullUrl)?.[1]
  const scope: Scope = { references, root, conditional: [], path: [] }
  return { resource: objectIn(resource, resource.resourceType, scope) as Resource, conditional: scope.conditional }
}

function rewritten(value: unknown, type: string, scope: Scope): unknown {
  if (typeof value === 'string') return textIn(value, type, scope)
  if (typeof value !== 'object' || value === null) return value
  if (scope.path.length > MAX_DEPTH) throw new Problem('invalid', 'The content is nested too deeply.')
  if (!Array.isArray(value)) return objectIn(value as JsonObject, type, scope)
  let list: unknown[] | undefined
  for (let i = 0; i < value.length; i++) {
    scope.path.push(i)
    const one = rewritten(value[i], type, scope)
    scope.path.pop()
    if (one === value[i]) continue
    list ??= [...value]
    list[i] = one
  }
  return list ?? value
}

function objectIn(value: JsonObject, given: string, scope: Scope): JsonObject {
  const type = given === 'Resource' || scope.path.length === 0 ? `${value.resourceType}` : given
  if (type === 'Bundle') return value
  let copy: JsonObject | undefined
  for (const name of Object.keys(value)) {
    const of = typeOf(type, name)
    if (of === undefined) continue
    scope.path.push(name)
    const one = rewritten(value[name], of, scope)
    scope.path.pop()
    if (one === value[name]) continue
    copy ??= { ...value }
    copy[name] = one
  }
  return copy ?? value
}

/** Of what the type does not have, undefined: it is not looked at, and not for here to refuse. */
function typeOf(type: string, name: string): string | undefined {
  if (type === 'Reference' && name === 'reference') return 'Reference.reference'
  // What is beside a primitive: its id and extensions.
  if (name.startsWith('_')) return memberOf(type, name.slice(1)) && 'Element'
  return memberOf(type, name)?.type
}

function textIn(text: string, type: string, scope: Scope): string {
  if (type === 'xhtml') return rewriteNarrative(text, scope.references)
  if (ADDRESSES.has(type)) return scope.references.get(text) ?? text
  if (type !== 'Reference.reference') return text
  const found =
    scope.references.get(text) ?? (scope.root === undefined ? undefined : scope.references.get(scope.root + text))
  if (found !== undefined) return found
  const [, target = '', query = ''] = CONDITIONAL.exec(text) ?? []
  if (isResourceType(target))
    scope.conditional.push({ reference: text, type: target, query, pointer: `/${scope.path.join('/')}` })
  return text
}
