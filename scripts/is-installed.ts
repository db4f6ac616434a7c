/**
 * Exits with 0 if node_modules holds what package-lock.json asks for. Compares contents, not times: a checkout changes
 * times without changing anything. npm keeps its own account of what is there in node_modules/.package-lock.json.
 *   node scripts/is-installed.ts [--production]      without or with what only those who write code need
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Lock {
  packages: Record<string, { version?: string; dev?: boolean; optional?: boolean; peer?: boolean }>
}

const root = join(import.meta.dirname, '..')

function read(path: string): Lock['packages'] {
  try {
    return (JSON.parse(readFileSync(join(root, path), 'utf8')) as Lock).packages
  } catch {
    return {}
  }
}

const wanted = read('package-lock.json')
const installed = read('node_modules/.package-lock.json')
const production = process.argv.includes('--production')

// Optional packages are those of other machines as well, so they may be absent, but not in another version.
const missing = Object.entries(wanted).filter(
  ([path, { version, dev, optional, peer }]) =>
    path !== '' &&
    installed[path]?.version !== version &&
    !((optional || peer || (dev && production)) && !installed[path]),
)
const left = Object.keys(installed).filter((path) => !wanted[path])

process.exitCode = Object.keys(installed).length > 0 && missing.length === 0 && left.length === 0 ? 0 : 1
