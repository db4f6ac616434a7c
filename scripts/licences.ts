import { readFileSync } from 'node:fs'

/** What may be shipped with an Apache-2.0 program, without asking its users for more than naming the authors; OFL-1.1 is of fonts, which may be shipped with any program. */
const PERMITTED = new Set(
  'MIT MIT-0 ISC 0BSD BSD-2-Clause BSD-3-Clause Apache-2.0 MPL-2.0 BlueOak-1.0.0 Python-2.0 CC0-1.0 Unlicense OFL-1.1'.split(
    ' ',
  ),
)

interface LockFile {
  packages: Record<string, { dev?: boolean; license?: string }>
}

/** Packages that are shipped under another licence, or under none that the lock file knows. `A OR B` leaves the choice to us, `A AND B` none. */
export function licenceProblems(text: string): string[] {
  const { packages } = JSON.parse(text) as LockFile
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .filter(
      ([, { license = '' }]) =>
        !license
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((one) => one.split(' AND ').every((each) => PERMITTED.has(each))),
    )
    .map(([path, { license = 'no licence' }]) => `${path.replace(/^.*node_modules\//, '')}: ${license}`)
}

if (import.meta.main) {
  const problems = licenceProblems(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}
