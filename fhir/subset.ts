import type { Coding, Resource } from './resource.ts'
import { definitionOf, type ElementDefinition, jsonName } from './types/definitions.ts'
import { DEEPEST } from './validation/issue.ts'

export interface Subset {
  /** `count` is no matter of a resource: it is left whole. */
  summary: 'true' | 'text' | 'data' | 'count' | undefined
  /** Names of elements at the top: `name`; of a choice `value` or `valueQuantity`. Those that the type does not have say nothing. */
  elements: readonly string[] | undefined
}

type Members = Readonly<Record<string, unknown>>
type Keeps = (element: ElementDefinition, json: string) => boolean

const SUBSETTED: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }

/**
 * A part of a resource, marked as SUBSETTED so that nobody takes it for the whole: hl7.org/fhir/R4/search.html#summary and #elements. id, meta, and elements that
 * must be there or change the meaning of others stay. The resource is left as it is; what has a type that R4 does not know is given back.
 */
export function subset(resource: Resource, { summary, elements }: Subset): Resource {
  const { resourceType } = resource
  if (!definitionOf(resourceType)) return resource
  let part: Members = resource
  if (summary === 'true') part = summarised(part, resourceType, 0)
  if (summary === 'text') part = kept(part, resourceType, ({ name, min }) => name === 'text' || min > 0)
  if (summary === 'data') part = kept(part, resourceType, ({ name, min }) => name !== 'text' || min > 0)
  if (elements) part = kept(part, resourceType, namedIn(elements))
  return part === resource ? resource : marked(part as Resource)
}

function namedIn(elements: readonly string[]): Keeps {
  const names = new Set(elements)
  return ({ name, min, isModifier }, json) => min > 0 || isModifier || names.has(name) || names.has(json)
}

function kept(resource: Members, type: string, keeps: Keeps): Members {
  const part: Record<string, unknown> = {}
  const names = namesOf(type)
  for (const [key, value] of Object.entries(resource)) {
    const found = names.get(nameOf(key))
    const isAlways = key === 'resourceType' || key === 'id' || key === 'meta'
    if (isAlways || (found && keeps(found.element, nameOf(key)))) part[key] = value
  }
  return part
}

/** What belongs to a summary, within what belongs to it. Of what must be there all stays, where nothing of it would. */
function summarised(whole: Members, type: string, depth: number): Members {
  const part: Record<string, unknown> = {}
  const names = namesOf(type)
  for (const [key, value] of Object.entries(whole)) {
    const found = names.get(nameOf(key))
    if (key === 'resourceType') part[key] = value
    if (!found || !belongsToSummary(found.element)) continue
    const summary = key.startsWith('_') ? value : summaryOf(value, found.type, depth)
    if (summary !== undefined) part[key] = summary
    else if (found.element.min > 0) part[key] = value
  }
  return part
}

/** Extensions that change the meaning are not marked in R4; without them the rest would say something else. */
const belongsToSummary = ({ isSummary, isModifier, min }: ElementDefinition) => isSummary || isModifier || min > 0

function summaryOf(value: unknown, type: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth >= DEEPEST || !definitionOf(type)) return value
  // An extension is nothing without its value, which is not marked; and the definitions of a resource within another are its own.
  if (type === 'Extension' || type === 'Resource') return value
  if (!Array.isArray(value)) return nonEmpty(summarised(value as Members, type, depth + 1))
  const parts = value.map((one) => summaryOf(one, type, depth + 1)).filter((one) => one !== undefined)
  return parts.length > 0 ? parts : undefined
}

const nonEmpty = (part: Members) => (Object.keys(part).length > 0 ? part : undefined)

/** What is told of `birthDate` goes with it. */
const nameOf = (key: string) => (key.startsWith('_') ? key.slice(1) : key)

function marked(part: Resource): Resource {
  const { meta } = part
  const tag = meta?.tag ?? []
  if (tag.some(({ system, code }) => system === SUBSETTED.system && code === SUBSETTED.code)) return part
  return { ...part, meta: { ...meta, tag: [...tag, SUBSETTED] } }
}

interface Named {
  element: ElementDefinition
  type: string
}

const known = new Map<string, ReadonlyMap<string, Named>>()

function namesOf(type: string): ReadonlyMap<string, Named> {
  const names =
    known.get(type) ??
    new Map(
      definitionOf(type)?.elements.flatMap((element) =>
        element.types.map((type) => [jsonName(element, type), { element, type }] as const),
      ),
    )
  known.set(type, names)
  return names
}
