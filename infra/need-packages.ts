import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

const POLICY = '/usr/sbin/policy-rc.d'

const isThere = (program: string) => ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(`${folder}/${program}`))

/**
 * Debian's packages that a target needs, each with a program of its name. Root gets what is missing; whoever is not root is told. Nothing that is
 * installed starts by itself, now or at the next start of the machine.
 */
export function needPackages(target: string, packages: readonly string[]): void {
  const missing = packages.filter((name) => !isThere(name))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`${target} needs ${missing.join(', ')} (Debian packages): install them, or run it as root.`)
  const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const ours = !existsSync(POLICY)
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    execFileSync('apt-get', ['update'], options)
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], options)
    // Where there is no systemd, nothing starts them either.
    for (const service of missing.filter((name) => existsSync(`/lib/systemd/system/${name}.service`)))
      spawnSync('systemctl', ['disable', service], options)
  } finally {
    if (ours) rmSync(POLICY)
  }
}
