import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../image/run.ts'

// `make sbom`: what is shipped, as a CycloneDX list, from the lock file alone: the same for the same commit, wherever it is made.

const root = join(import.meta.dirname, '../..')
const OUTPUT = join(root, 'coverage/sbom')
const TOOL = join(root, 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js')

interface Component {
  group?: string
  name: string
  version: string
  components?: Component[]
}

const list = (): string =>
  run(process.execPath, [
    TOOL,
    ...['--omit', 'dev', '--package-lock-only', '--output-reproducible', '--validate'],
    ...['--spec-version', '1.6', '--output-format', 'JSON', '--output-file', '-', join(root, 'package.json')],
  ])

const namesOf = (components: Component[] = []): string[] =>
  components.flatMap(({ group, name, version, components }) => [
    `${group ? `${group}/` : ''}${name}@${version}`,
    ...namesOf(components),
  ])

/** By the lock file's own account, which knows nothing of the tool. */
function shipped(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; dev?: boolean; optional?: boolean }>
  }
  return Object.entries(packages).flatMap(([path, { version, dev, optional }]) =>
    path === '' || dev || optional ? [] : [`${path.replace(/^.*node_modules\//, '')}@${version}`],
  )
}

const document = list()
assert.equal(document, list(), 'listed twice, differently')
const listed = new Set(namesOf((JSON.parse(document) as { components: Component[] }).components))
const missing = shipped().filter((name) => !listed.has(name))
assert.deepEqual(missing, [], 'shipped and not listed')
mkdirSync(OUTPUT, { recursive: true })
writeFileSync(join(OUTPUT, 'openhcs.cdx.json'), document)
process.stdout.write(`${listed.size} packages listed, all that is shipped among them: ${OUTPUT}/openhcs.cdx.json\n`)
