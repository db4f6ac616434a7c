import { readFileSync } from 'node:fs'
import { requiredCodes } from '../types/definitions.ts'
import type { CodeSystem, Concept } from './code-system.ts'
import type { Include, ValueSet } from './value-set.ts'

// What R4 (4.0.1) binds as required, as resources that nobody has to store. Names and hierarchies are read when the first is asked for.

type Written = Readonly<
  Record<string, { name?: string; version?: string; content: string; concept: readonly Concept[] }>
>

let written: Written | undefined
const codeSystems = new Map<string, CodeSystem>()
const valueSets = new Map<string, ValueSet>()

/** None where R4 binds nothing of it. `content` is `fragment` where it binds only some of its codes. */
export function builtInCodeSystem(url: string): CodeSystem | undefined {
  const before = codeSystems.get(url)
  if (before) return before
  written ??= JSON.parse(readFileSync(new URL('../types/code-systems.json', import.meta.url), 'utf8')) as Written
  const found = Object.hasOwn(written, url) ? written[url] : undefined
  if (!found) return undefined
  const made: CodeSystem = { resourceType: 'CodeSystem', url, status: 'active', ...found }
  codeSystems.set(url, made)
  return made
}

/** None where R4 does not bind it as required, or its codes cannot be listed (of media types, of languages). */
export function builtInValueSet(url: string): ValueSet | undefined {
  const before = valueSets.get(url)
  if (before) return before
  const systems = requiredCodes(url)
  if (!systems) return undefined
  const include = Object.entries(systems).map(
    ([system, codes]): Include => (codes === '*' ? { system } : { system, concept: codes.map((code) => ({ code })) }),
  )
  const made: ValueSet = { resourceType: 'ValueSet', url, version: '4.0.1', status: 'active', compose: { include } }
  valueSets.set(url, made)
  return made
}
