/**
 * Adds to package-lock.json the optional packages of other machines that npm left out. It leaves out those which the
 * registry it asks does not have, and `npm ci` then refuses the whole lock file, on every machine.
 *   node scripts/complete-lock.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Entry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

interface Lock {
  packages: Record<string, Entry>
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** Entries for what is named as an optional dependency, exactly and for a certain machine, and has none. */
function missingEntries({ packages }: Lock): Record<string, Entry> {
  const missing: Record<string, Entry> = {}
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages))
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const present = packages[`${path}/node_modules/${name}`] ?? packages[`node_modules/${name}`]
      const machine = machineOf(name)
      if (!present && machine && /^\d/.test(version))
        missing[`node_modules/${name}`] = inNpmsOrder({ version, ...(dev && { dev }), optional: true, ...machine })
    }
  return missing
}

/** So that npm, when it writes the file next, changes nothing. */
function inNpmsOrder({ version, ...rest }: Entry): Entry {
  return {
    ...(version && { version }),
    ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** From its name: these packages are all called something-linux-x64-musl or the like. */
function machineOf(name: string) {
  const words = (name.split('/').at(-1) ?? name).split('-')
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (!cpu || (!os && cpu !== 'wasm32')) return undefined
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : words.includes('gnu') ? 'glibc' : undefined
  return { cpu: [cpu], ...(os && { os: [os] }), ...(libc && { libc: [libc] }) }
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '../package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
  const missing = missingEntries(lock)
  const names = Object.keys(missing)
  if (names.length > 0 && process.argv.includes('--check')) {
    process.stderr.write(`package-lock.json lacks ${names.join(', ')}. Run: node scripts/complete-lock.ts\n`)
    process.exitCode = 1
  } else if (names.length > 0) {
    const paths = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1))
    writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(paths) }, null, 2)}\n`)
  }
}
