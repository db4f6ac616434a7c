import type { Kysely } from 'kysely'
import { Problem } from '#platform/errors.ts'
import { readCanonical } from '../store/canonical.ts'
import { builtInCodeSystem, builtInValueSet } from './built-in.ts'
import type { CodeSystem } from './code-system.ts'
import { canonicalOf, type ValueSet } from './value-set.ts'

/** Code systems and value sets by their canonical addresses: those that are stored, else R4's own. Throws Problem `too-costly` where one request needs too many. */
export interface Terminology {
  codeSystem(url: string, version?: string): Promise<CodeSystem | undefined>
  valueSet(url: string): Promise<ValueSet | undefined>
}

const MOST_READ = 200
/** Characters of JSON, of all that one request reads. */
const MOST_CHARACTERS = 32_000_000

/** For one request: what it asks for twice is read once. */
export function terminologyIn(db: Kysely<unknown>): Terminology {
  const known = new Map<string, Promise<unknown>>()
  let characters = 0
  async function stored(type: string, url: string, version: string | undefined): Promise<unknown> {
    const body = await readCanonical(db, { type, url, version })
    characters += body?.length ?? 0
    if (characters > MOST_CHARACTERS) throw tooMuch()
    return body === undefined ? undefined : JSON.parse(body)
  }
  function once<T>(type: string, canonical: string, said: string | undefined, builtIn: (url: string) => T | undefined) {
    const { url, version = said } = canonicalOf(canonical)
    const key = JSON.stringify([type, url, version])
    const before = known.get(key)
    if (before) return before as Promise<T | undefined>
    if (known.size >= MOST_READ) throw tooMuch()
    const found = stored(type, url, version).then((one) => (one as T | undefined) ?? builtIn(url))
    known.set(key, found)
    return found
  }
  return {
    codeSystem: async (url, version) => once('CodeSystem', url, version, ofVersion(builtInCodeSystem, version)),
    valueSet: async (url) => once('ValueSet', url, undefined, ofVersion(builtInValueSet, canonicalOf(url).version)),
  }
}

/** R4's own are there in one version. */
const ofVersion =
  <T extends { version?: string }>(find: (url: string) => T | undefined, version: string | undefined) =>
  (url: string): T | undefined => {
    const found = find(url)
    return version === undefined || found?.version === version ? found : undefined
  }

const tooMuch = () =>
  new Problem('too-costly', 'More code systems and value sets are needed for this than one request may read.')
