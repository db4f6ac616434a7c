import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of /proc: a hundredth of a second on every Linux that Node runs on. */
const TICK_MS = 10

/** Milliseconds of processor that all processes of a PostgreSQL server have used so far; undefined where there is no /proc. */
export function databaseCpu(dataDirectory: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  const postmaster = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n', 1)[0]
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = statOf(pid)
    // A process that has ended is in the sum that its parent keeps of its children.
    if (pid === postmaster) ticks += stat.own + stat.children
    else if (stat.parent === postmaster) ticks += stat.own
  }
  return ticks * TICK_MS
}

/** The same of one process. */
export const processCpu = (pid: number): number => statOf(String(pid)).own * TICK_MS

function statOf(pid: string): { parent: string | undefined; own: number; children: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ') // from the third field on, proc_pid_stat(5)
    const ticks = (at: number) => Number(fields[at]) + Number(fields[at + 1])
    return { parent: fields[1], own: ticks(11), children: ticks(13) }
  } catch {
    return { parent: undefined, own: 0, children: 0 } // gone meanwhile
  }
}
