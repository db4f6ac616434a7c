// Codes of the value sets that R4 binds as required, where they can be listed.

interface Concept {
  code: string
  concept?: Concept[]
}

interface Include {
  system?: string
  concept?: Concept[]
  filter?: { property: string; op: string; value: string }[]
  valueSet?: string[]
}

interface CodeSystem {
  resourceType: 'CodeSystem'
  url: string
  content: string
  concept?: Concept[]
}

interface ValueSet {
  resourceType: 'ValueSet'
  url: string
  compose?: { include: Include[]; exclude?: Include[] }
}

export interface Terminology {
  codeSystems: Map<string, CodeSystem>
  valueSets: Map<string, ValueSet>
}

/** Codes by system; `*`: all that the code system has, which is written once. */
type Systems = Record<string, string[] | '*'>

export interface Codes {
  codeSystems: Record<string, string[]>
  valueSets: Record<string, Systems>
}

/** Of two with one address the first, which is R4's own. */
export function terminologyOf(entries: { resource: { resourceType: string } }[]): Terminology {
  const [codeSystems, valueSets] = [new Map<string, CodeSystem>(), new Map<string, ValueSet>()]
  for (const { resource } of entries as { resource: CodeSystem | ValueSet }[]) {
    if (resource.resourceType === 'CodeSystem' && !codeSystems.has(resource.url))
      codeSystems.set(resource.url, resource)
    if (resource.resourceType === 'ValueSet' && !valueSets.has(resource.url)) valueSets.set(resource.url, resource)
  }
  return { codeSystems, valueSets }
}

/** Value sets that cannot be listed (of media types, of units) are left out. */
export function codesOf(urls: readonly string[], terminology: Terminology): Codes {
  const codes: Codes = { codeSystems: {}, valueSets: {} }
  for (const url of urls) {
    const systems = systemsOf(url, terminology)
    if (!systems) continue
    codes.valueSets[url] = systems
    for (const [system, listed] of Object.entries(systems))
      if (listed === '*') codes.codeSystems[system] ??= flat(terminology.codeSystems.get(system)?.concept)
  }
  return codes
}

function systemsOf(url: string, terminology: Terminology): Systems | undefined {
  const { include, exclude } = terminology.valueSets.get(url.split('|')[0] ?? '')?.compose ?? {}
  if (!include || exclude) return undefined
  const systems: Systems = {}
  for (const part of include) {
    const found = part.valueSet
      ? part.valueSet.map((inner) => (part.system ? undefined : systemsOf(inner, terminology)))
      : [ofSystem(part, terminology)]
    for (const one of found) {
      if (!one) return undefined
      for (const [system, listed] of Object.entries(one)) systems[system] = joined(systems[system], listed)
    }
  }
  return systems
}

function joined(one: string[] | '*' | undefined, other: string[] | '*'): string[] | '*' {
  if (one === '*' || other === '*') return '*'
  return [...new Set([...(one ?? []), ...other])]
}

function ofSystem({ system, concept, filter }: Include, { codeSystems }: Terminology): Systems | undefined {
  if (!system) return undefined
  if (concept) return { [system]: concept.map(({ code }) => code) }
  const { content, concept: concepts } = codeSystems.get(system) ?? {}
  if (content !== 'complete' || !concepts) return undefined
  if (!filter) return { [system]: '*' }
  const [only, more] = filter
  if (!only || more || only.property !== 'concept' || !['is-a', 'descendent-of'].includes(only.op)) return undefined
  const root = found(concepts, only.value)
  if (!root) return undefined
  return { [system]: [...(only.op === 'is-a' ? [root.code] : []), ...flat(root.concept)] }
}

function found(concepts: Concept[], code: string): Concept | undefined {
  for (const one of concepts) {
    const inside = one.code === code ? one : found(one.concept ?? [], code)
    if (inside) return inside
  }
  return undefined
}

function flat(concepts: Concept[] = []): string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...flat(concept)])
}
