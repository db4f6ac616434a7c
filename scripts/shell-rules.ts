import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'

// Shell scripts, read by shellcheck (Debian). Root gets it where it is missing; elsewhere it is left out, and this says so.

const root = join(import.meta.dirname, '..')
const SHELLCHECK = '/usr/bin/shellcheck'

export function isThere(): boolean {
  if (!existsSync(SHELLCHECK) && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    try {
      execFileSync('apt-get', ['update'], options)
      execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'shellcheck'], options)
    } catch {
      // Another Debian, or no network: it is left out.
    }
  }
  return existsSync(SHELLCHECK)
}

/** What is wrong with a script, in shellcheck's words; empty when nothing is. */
export function complaintsOf(script: string): string {
  const { stdout } = spawnSync(SHELLCHECK, ['--format=gcc', '-'], { input: script, encoding: 'utf8' })
  return stdout
}

if (import.meta.main) {
  const scripts = [...globSync('{scripts,infra,.ci}/**/*.sh', { cwd: root }), '.ci/run', 'openhcs']
  if (!isThere()) process.stdout.write('ℹ left out: shellcheck, which is not here (Debian: shellcheck)\n')
  else {
    const { status, stdout } = spawnSync(SHELLCHECK, ['--format=gcc', ...scripts], { cwd: root, encoding: 'utf8' })
    process.stdout.write(stdout)
    process.exitCode = status ?? 1
  }
}
