import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Colour, colours, type Traffic } from '../platform.ts'

export interface BalancerSettings {
  folder: string
  /** Where the public, the preview and the driver ask. */
  address: string
  port: number
  /** A door to each colour that no share of the traffic comes through. */
  previewPorts: Record<Colour, number>
  /** host:port of each colour's copies. */
  servers: Record<Colour, string[]>
}

export type Shares = Record<Colour, number>

export const HAPROXY = '/usr/sbin/haproxy'

/** haproxy's weights go to 256, and a share of 0 means that no new request comes. */
const serverLines = ({ servers }: BalancerSettings, colour: Colour, weight: number) =>
  servers[colour].map((address, i) => `  server ${colour}${i} ${address} weight ${weight}`)

export function configFile(settings: BalancerSettings, shares: Shares): string {
  const { address, port, previewPorts } = settings
  return `global
  stats socket ${socketOf(settings)} mode 600 level admin
  maxconn 4000
defaults
  mode http
  timeout connect 1s
  timeout client 65s
  timeout server 65s
  timeout queue 5s
  timeout http-keep-alive 60s
  option forwardfor
  # A connection that could not be made is tried elsewhere. A request that was sent is not: it may have taken effect.
  retries 3
  option redispatch 1
frontend public
  bind ${address}:${port}
  default_backend service
backend service
  balance roundrobin
  option httpchk GET /readyz
  http-response set-header x-served-by %s
  default-server check inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${colours.flatMap((colour) => serverLines(settings, colour, shares[colour])).join('\n')}
${colours.map((colour) => `listen preview-${colour}\n  bind ${address}:${previewPorts[colour]}\n${serverLines(settings, colour, 100).join('\n')}`).join('\n')}
`
}

const socketOf = ({ folder }: BalancerSettings) => join(folder, 'haproxy.sock')
const fileOf = ({ folder }: BalancerSettings) => join(folder, 'haproxy.cfg')

/** Starts haproxy with those shares and gives its process id. It outlives whoever starts it. */
export async function startBalancer(
  settings: BalancerSettings,
  shares: Shares,
  within: string[] = [],
): Promise<number> {
  writeFileSync(fileOf(settings), configFile(settings, shares))
  const [program = HAPROXY, ...args] = [...within, HAPROXY, '-db', '-f', fileOf(settings)]
  const child = spawn(program, args, { detached: true, stdio: 'ignore' })
  child.unref()
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null)
      throw new Error(`haproxy does not take ${fileOf(settings)}: haproxy -c -f it to see why`)
    if ((await ask(settings, 'show info').catch(() => '')) !== '') return child.pid as number
    await sleep(50)
  }
  throw new Error('haproxy does not answer')
}

/** Without a restart, so without a connection lost; and in the file, so that a balancer that is started again does the same. */
export async function reroute(settings: BalancerSettings, shares: Shares): Promise<void> {
  writeFileSync(fileOf(settings), configFile(settings, shares))
  // Whoever gains first: between two commands nobody may be without a server.
  for (const colour of [...colours].sort((a, b) => shares[b] - shares[a]))
    for (const i of settings.servers[colour].keys()) {
      const command = `set weight service/${colour}${i} ${shares[colour]}`
      const complaint = (await ask(settings, command)).trim()
      if (complaint) throw new Error(`haproxy, '${command}': ${complaint}`)
    }
}

export interface ServerStatus extends Traffic {
  up: boolean
  /** Under way now. */
  open: number
}

/** What the balancer has seen of a colour's copies since it was started. */
export async function statusOf(settings: BalancerSettings, colour: Colour): Promise<ServerStatus> {
  const [header = '', ...lines] = (await ask(settings, 'show stat')).split('\n')
  const columns = header.replace(/^# /, '').split(',')
  const rows = lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']))
  })
  const servers = rows.filter((row) => row.pxname === 'service' && row.svname?.replace(/\d+$/, '') === colour)
  if (servers.length === 0) throw new Error(`haproxy knows no server of ${colour}`)
  const sum = (...names: string[]) =>
    servers.reduce((total, row) => total + names.reduce((part, name) => part + Number(row[name] ?? 0), 0), 0)
  return {
    up: servers.every((row) => row.status?.startsWith('UP')),
    open: sum('scur'),
    requests: sum('hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'),
    failed: sum('hrsp_5xx', 'hrsp_other', 'eresp'),
    meanMs: sum('rtime') / servers.length,
  }
}

async function ask(settings: BalancerSettings, command: string): Promise<string> {
  const socket = connect(socketOf(settings))
  socket.write(`${command}\n`)
  return await text(socket)
}
