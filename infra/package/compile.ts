import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { shippedFiles, shippedFolders } from '../shipped.ts'

const root = join(import.meta.dirname, '../..')
/** What the image ships, too. */
const CODE = [...shippedFiles, `{${shippedFolders}}/**/*.ts`]
const OTHER = ['LICENSE', 'README.md', '{platform,services}/**/*.{sql,typ}', 'fhir/types/*.json']
/** Also types of packages that bring none: there is nothing in them to run. */
const leftOut = /\.test\.ts$|\.d\.ts$|(^|\/)testing\.ts$|throw-away-postgres\.ts$/

/**
 * The oldest Node that the package runs on. It is compiled because Node strips no types inside node_modules, and to a language without `using`,
 * which 22 does not know.
 */
export const OLDEST_NODE = 22
const COMPILER: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  removeComments: false,
}

/** Writes the package into an empty folder: the code as JavaScript, migrations, definitions of FHIR, licence and a manifest of what it needs to run. */
export function compileInto(folder: string): void {
  for (const path of globSync(CODE, { cwd: root }).filter((path) => !leftOut.test(path))) {
    const to = join(folder, path.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, compile(readFileSync(join(root, path), 'utf8'), path))
  }
  for (const path of globSync(OTHER, { cwd: root })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(root, path), join(folder, path))
  }
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/openhcs.js'), LAUNCHER, { mode: 0o755 })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
}

/** What `make start` sets for whoever tries it out: without a database of one's own, the fictional country. */
const LAUNCHER = `#!/usr/bin/env node
if (!process.env.DATABASE_URL) process.env.OPENHCS_DEMO ??= 'true'
await import('../main.js')
`

export function compile(code: string, path: string): string {
  const { outputText } = ts.transpileModule(code, { compilerOptions: COMPILER, fileName: path })
  const output = outputText.replace(/((?:from|import)\s*\(?\s*['"][#.][^'"]*)\.ts(?=['"])/g, '$1.js')
  const left = /(?:from|import)\s*\(?\s*['"][^'"]*\.ts['"]/.exec(output)
  if (left) throw new Error(`${path} still imports TypeScript: ${left[0]}`)
  return output
}

function manifest(): object {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
  const { name, version, description, license, type, imports, dependencies, optionalDependencies } = own
  return {
    ...{ name, version, description, license, type },
    engines: { node: `>=${OLDEST_NODE}` },
    bin: { openhcs: './bin/openhcs.js' },
    ...{ imports, dependencies, optionalDependencies },
  }
}
