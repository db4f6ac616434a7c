import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { run } from '../../image/run.ts'

// The API of a cluster has no address on the internet. A node of the cluster forwards a port to it, and offers no shell: that is all that the role of
// the pipeline may ask of it. What passes is the API's own TLS, and its certificate must name the API: whoever is in between sees nothing.

const DOCUMENT = 'AWS-StartPortForwardingSessionToRemoteHost'
const OPENS_WITHIN_MS = 60_000
const ENDS_WITHIN_MS = 5_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** From here on `config` reaches its cluster by a port of this machine, until the tunnel is disposed of. */
export async function openTunnel(
  config: KubeConfig,
  clusterName: string,
  withinMs = OPENS_WITHIN_MS,
): Promise<AsyncDisposable> {
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error(`The configuration of ${clusterName} names no cluster.`)
  const { hostname, port: remotePort } = new URL(cluster.server)
  const port = await freePort()
  const parameters = { host: [hostname], portNumber: [remotePort || '443'], localPortNumber: [String(port)] }
  const tunnel = start(runningNode(clusterName), parameters)
  try {
    await untilOpen(tunnel, port, withinMs)
  } catch (error) {
    await tunnel[Symbol.asyncDispose]()
    throw error
  }
  config.clusters = config.clusters.map((each) =>
    each.name === cluster.name ? { ...each, server: `https://127.0.0.1:${port}`, tlsServerName: hostname } : each,
  )
  return tunnel
}

function runningNode(clusterName: string): string {
  const filters = [`Name=tag:eks:cluster-name,Values=${clusterName}`, 'Name=instance-state-name,Values=running']
  const query = ['--query', 'Reservations[].Instances[].InstanceId', '--output', 'json']
  const [node] = JSON.parse(run('aws', ['ec2', 'describe-instances', '--filters', ...filters, ...query])) as string[]
  if (!node) throw new Error(`No node of ${clusterName} runs that could forward a port to its API.`)
  return node
}

interface Forwarding extends AsyncDisposable {
  /** What the program said, once it has ended. */
  ended(): string | undefined
}

/** `aws` starts a program of its own, which must not outlive it: both are one process group, and end together. */
function start(node: string, parameters: Record<string, string[]>): Forwarding {
  const child = spawn(
    'aws',
    [
      ...['ssm', 'start-session', '--target', node, '--document-name', DOCUMENT],
      ...['--parameters', JSON.stringify(parameters)],
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000)
    })
  const closed = once(child, 'close').catch((error: Error) => (said += error.message))
  let over = false
  closed.then(() => (over = true))
  const untie = endWithUs(child)
  return {
    ended: () => (over ? said.trim() : undefined),
    async [Symbol.asyncDispose]() {
      // Asked to, it ends the session too, and not only the line.
      for (const name of ['SIGINT', 'SIGKILL'] as const) {
        signal(child, name)
        await Promise.race([closed, sleep(ENDS_WITHIN_MS, undefined, { ref: false })])
      }
      untie()
    },
  }
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, name)
  } catch {
    // Nobody of the group is left.
  }
}

/** Somebody who stops the driver stops its tunnel with it. */
function endWithUs(child: ChildProcess): () => void {
  const end = () => signal(child, 'SIGKILL')
  const passOn = (name: NodeJS.Signals) => {
    end()
    process.kill(process.pid, name)
  }
  process.once('exit', end)
  for (const name of SIGNALS) process.once(name, passOn)
  return () => {
    process.off('exit', end)
    for (const name of SIGNALS) process.off(name, passOn)
  }
}

async function untilOpen(tunnel: Forwarding, port: number, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  while (!(await answers(port))) {
    const said = tunnel.ended()
    if (said !== undefined) throw new Error(`No tunnel to the API of the cluster: aws ssm start-session ended: ${said}`)
    if (performance.now() > until)
      throw new Error(`No tunnel to the API of the cluster: nothing was forwarded within ${withinMs / 1_000} s.`)
    await sleep(50)
  }
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => resolve(false))
  })

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
