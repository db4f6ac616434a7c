/** Writes every generated file anew: npm run generate. scripts/check.ts demands that nothing changes by it. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** In scripts/; each takes --check. In this order, since types come before what is made from the code that uses them. */
export const generators = [
  'fhir-types',
  'fhir-code-systems',
  'fhir-search-parameters',
  'tables',
  'env-example',
  'openapi',
  'room-readmes',
  'kubernetes',
  'monitoring',
  'capacity',
]

if (import.meta.main)
  for (const name of generators) {
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
