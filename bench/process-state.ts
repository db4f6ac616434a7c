import type { Server } from 'node:net'
import type { ServerState } from './messages.ts'

export const portOf = (server: Server): number => (server.address() as { port: number }).port

/** Processor and memory that this process has used. */
export function processState(port: number): Pick<ServerState, 'port' | 'cpu' | 'rss'> {
  const { user, system } = process.cpuUsage()
  return { port, cpu: (user + system) / 1_000, rss: process.memoryUsage.rss() }
}
