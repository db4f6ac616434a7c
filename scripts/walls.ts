/**
 * Who imports whom, against the rules in .dependency-cruiser.cjs, and the two walls that are not about imports:
 * settings are read in one place, and no file is a mere list of other files.
 *   node scripts/walls.ts
 */
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BrokenWall {
  rule: string
  from: string
  to: string
}

export interface Walls {
  broken: BrokenWall[]
  /** What was looked at: none means that the tool could not read the code, not that the code is clean. */
  typescriptFilesWithImports: number
}

const house = join(import.meta.dirname, '..')
const cruiser = join(house, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')

export async function findBrokenWalls(root = house): Promise<Walls> {
  const { modules, summary } = await cruise(root)
  const imports = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
  return {
    broken: [...imports, ...otherWalls(root)],
    typescriptFilesWithImports: modules.filter((m) => m.source.endsWith('.ts') && m.dependencies.length > 0).length,
  }
}

interface Cruise {
  modules: { source: string; dependencies: unknown[] }[]
  summary: { violations: { rule: { name: string }; from: string; to: string }[] }
}

function cruise(root: string): Promise<Cruise> {
  const args = [cruiser, '--config', join(house, '.dependency-cruiser.cjs'), '--output-type', 'json', '.']
  return new Promise((resolve, reject) => {
    // It exits with the number of violations, so only its output tells success from failure.
    execFile(process.execPath, args, { cwd: root, maxBuffer: 256 * 2 ** 20 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as Cruise)
      } catch {
        reject(new Error(`dependency-cruiser failed: ${stderr || stdout || error?.message}`))
      }
    })
  })
}

const readsEnvironment =
  /\bprocess\s*(\?\.|\.|\[\s*['"])\s*env\b|\benv\b.*from 'node:process'|\benv\b[^=]*\}\s*=\s*process\b/
const mayReadEnvironment = /^(platform\/config\.ts|tests\/|bench\/|scripts\/|infra\/)/
const reExports = /^export\s+(type\s+)?(\*|\{[^}]*\})[^;'"]*from\s/m

function otherWalls(root: string): BrokenWall[] {
  const files = globSync('**/*.ts', { cwd: root, exclude: ['**/node_modules', '.openhcs'] })
  return files.flatMap((from) => {
    const code = withoutComments(readFileSync(join(root, from), 'utf8'))
    const environment = readsEnvironment.test(code) && !mayReadEnvironment.test(from)
    return [
      ...(environment ? [{ rule: 'settings-in-config', from, to: 'process.env' }] : []),
      ...(isBarrel(from, code) ? [{ rule: 'no-barrels', from, to: 'its re-exports' }] : []),
    ]
  })
}

/** Good enough for these patterns: a string that looks like a comment costs at most a missed finding. */
function withoutComments(code: string) {
  return code.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')
}

/** An index that re-exports anything, or any file that does nothing else. */
function isBarrel(path: string, code: string) {
  if (!reExports.test(code)) return false
  const rest = code.replace(/^(export|import)\s[^;'"]*from\s+['"][^'"]+['"];?$/gm, '').trim()
  return /(^|\/)index\.ts$/.test(path) || rest === ''
}

if (import.meta.main) {
  const { broken, typescriptFilesWithImports } = await findBrokenWalls()
  for (const { rule, from, to } of broken) process.stdout.write(`${rule}: ${from} → ${to}\n`)
  if (typescriptFilesWithImports === 0) process.stdout.write('No TypeScript file could be read: is typescript < 7?\n')
  process.exitCode = broken.length > 0 || typescriptFilesWithImports === 0 ? 1 : 0
}
