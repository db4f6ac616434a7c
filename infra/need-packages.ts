import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Sees to Debian packages that a target needs, each given with a file that shows that it is there. Root gets what is missing, without starting any
 * service; others are told what to install.
 */
export function needPackages(target: string, packages: Record<string, string>): void {
  const missing = Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : [name]))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`${target} needs ${missing.join(', ')} (Debian packages).`)
  const options = {
    stdio: 'ignore' as const,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  }
  execFileSync('apt-get', ['update'], options)
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], options)
}
