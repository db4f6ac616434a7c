import { builtInCodeSystem, builtInValueSet } from './built-in.ts'
import type { CodeSystem, Concept } from './code-system.ts'
import type { Terminology } from './terminology.ts'
import { canonicalOf, type Include, type ValueSet } from './value-set.ts'

export const codeSystem = (url: string, concept: readonly Concept[], more: Partial<CodeSystem> = {}): CodeSystem => ({
  ...{ resourceType: 'CodeSystem', url, status: 'active', content: 'complete', concept },
  ...more,
})

export const valueSet = (url: string, include: readonly Include[], exclude?: readonly Include[]): ValueSet => ({
  ...{ resourceType: 'ValueSet', url, status: 'active' },
  compose: { include, ...(exclude && { exclude }) },
})

/** What a request would find if these were stored. */
export function terminologyOf(...stored: (CodeSystem | ValueSet)[]): Terminology {
  const byUrl = new Map(stored.map((one) => [`${one.resourceType} ${one.url}`, one]))
  return {
    codeSystem: async (url) => (byUrl.get(`CodeSystem ${url}`) as CodeSystem | undefined) ?? builtInCodeSystem(url),
    valueSet: async (canonical) =>
      (byUrl.get(`ValueSet ${canonicalOf(canonical).url}`) as ValueSet | undefined) ?? builtInValueSet(canonical),
  }
}
