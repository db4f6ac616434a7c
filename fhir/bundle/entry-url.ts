import { isResourceType } from '../definitions/element-of.ts'
import type { PlanEntry } from './plan.ts'

export type Target = Pick<PlanEntry, 'interaction' | 'type' | 'id' | 'versionId' | 'compartment' | 'query'>

const MAX_LENGTH = 8_000
/** hl7.org/fhir/R4/datatypes.html#id */
export const ID = /^[A-Za-z0-9.-]{1,64}$/

/** What an entry's address asks for with its method; a text says why nothing. Addresses are relative to `base`, or begin with it. */
export function targetOf(method: PlanEntry['method'], url: string, base: string): Target | string {
  if (url.length > MAX_LENGTH) return 'is too long'
  const relative = url.startsWith(`${base}/`) || url.startsWith(`${base}?`) ? url.slice(base.length) : url
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(relative)) return 'leads to another server'
  const mark = relative.indexOf('?')
  const path = (mark < 0 ? relative : relative.slice(0, mark)).replace(/^\//, '')
  const query = mark < 0 || mark === relative.length - 1 ? undefined : relative.slice(mark + 1)
  const parts = path === '' ? [] : path.split('/')
  if (parts.some((part) => part.startsWith('$')))
    return 'is an operation, which neither batch nor transaction holds here'
  const [type, id] = parts
  if (type !== undefined && !type.startsWith('_') && !isResourceType(type)) return 'is of no type of FHIR R4'
  if (id !== undefined && !id.startsWith('_') && !ID.test(id)) return 'has an id that is none'
  const target = { type, id, versionId: undefined, compartment: undefined, query }
  if (method === 'GET' || method === 'HEAD') return readTarget(parts, target)
  if (type === undefined || type.startsWith('_')) return 'names no type'
  if (method === 'POST')
    return parts.length === 1 && query === undefined
      ? { ...target, interaction: 'create' }
      : 'is not the type alone; a condition is in ifNoneExist, and a search is a GET'
  const interaction = ({ PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const)[method]
  if (parts.length > 2 || id?.startsWith('_')) return 'is neither type and id nor type and condition'
  if (id === undefined && query === undefined) return 'has neither an id nor a condition'
  if (id !== undefined && query !== undefined) return 'has both an id and a condition'
  return { ...target, interaction }
}

function readTarget(parts: readonly string[], target: Omit<Target, 'interaction'>): Target | string {
  const [type, id, third, fourth, ...more] = parts
  if (more.length > 0) return 'asks for nothing that there is'
  if (type === undefined) return { ...target, interaction: 'search' }
  if (type === '_history')
    return id === undefined ? { ...target, type: undefined, interaction: 'history' } : 'asks for nothing that there is'
  if (type.startsWith('_')) return 'names no type'
  if (id === undefined) return { ...target, interaction: 'search' }
  if (id === '_history')
    return third === undefined ? { ...target, id: undefined, interaction: 'history' } : 'asks for nothing that there is'
  if (id === '_search') return 'is a search by POST; as a GET it has no _search'
  if (id.startsWith('_')) return 'has an id that is none'
  if (third === undefined) return { ...target, interaction: 'read' }
  if (third === '_history') {
    if (fourth === undefined) return { ...target, interaction: 'history' }
    return ID.test(fourth) ? { ...target, interaction: 'vread', versionId: fourth } : 'has a version that is none'
  }
  const of = third === '*' ? undefined : third
  if (fourth !== undefined || (of !== undefined && !isResourceType(of))) return 'asks for nothing that there is'
  return { ...target, interaction: 'search', type: of, id: undefined, compartment: { type, id } }
}
