import { spawnSync } from 'node:child_process'
import { run } from '../../image/run.ts'

// Networks of our own, which end with the process that made them.

/** Begins this program again in a network (and, for hosts, a place for their names) where nothing else can be reached. Needs root; others stay where they are. */
export function aloneInNetwork({ hosts = false } = {}): void {
  if (process.env.OPENHCS_ALONE) return
  if (process.getuid?.() !== 0) {
    if (hosts) throw new Error('Networks between hosts can be made by root only.')
    return
  }
  const places = hosts ? 'mkdir -p /run/netns && mount -t tmpfs none /run/netns && ' : ''
  const begin = `${places}ip link set lo up && exec "$0" "$@"`
  const { status } = spawnSync(
    'unshare',
    ['--net', '--mount', 'sh', '-c', begin, process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, OPENHCS_ALONE: 'yes' } },
  )
  process.exit(status ?? 1)
}

export interface Host {
  address: string
  /** Put before a command, runs it on this host. */
  within: string[]
  /** Pulls the cable, or puts it back. */
  cable(state: 'up' | 'down'): void
}

const ip = (...words: string[]) => run('ip', words)
/** Where the public and the driver are. */
const OUTSIDE = '10.77.0.254'

/** A switch with one host for each name, and this process on it too. */
export function makeHosts<Name extends string>(addresses: Record<Name, string>): Record<Name, Host> {
  ip('link', 'add', 'switch', 'type', 'bridge')
  ip('addr', 'add', `${OUTSIDE}/24`, 'dev', 'switch')
  ip('link', 'set', 'switch', 'up')
  const hosts = Object.entries<string>(addresses).map(([name, address]) => [name, makeHost(name, address)])
  return Object.fromEntries(hosts) as Record<Name, Host>
}

function makeHost(name: string, address: string): Host {
  const within = ['ip', 'netns', 'exec', name]
  ip('netns', 'add', name)
  ip('link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('link', 'set', `to-${name}`, 'master', 'switch', 'up')
  ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  ip('-n', name, 'link', 'set', 'eth0', 'up')
  return { address, within, cable: (state) => void ip('link', 'set', `to-${name}`, state) }
}
