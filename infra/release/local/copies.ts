import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** One running copy of a release. With the time it began: ids of processes are given again, to others. */
export interface RunningCopy {
  pid: number
  began: string
}

// As the Makefile starts it, which says why.
const MEMORY = ['--max-semi-space-size=16', '--max-old-space-size=256']

export interface Command {
  /** Folder of the release. */
  source: string
  args: string[]
  env: Record<string, string>
  /** What to run it in: `ip netns exec node1`. */
  within?: string[]
}

const words = ({ source, args, within = [] }: Command) => [
  ...within,
  process.execPath,
  ...MEMORY,
  `${source}/main.ts`,
  ...args,
]
/** As scripts/node.sh gives it, which says why. */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' }
const settingsOf = ({ env }: Command) => ({ PATH: process.env.PATH ?? '', ...MALLOC, ...env })

/** Starts it to outlive whoever starts it. */
export function startCopy(command: Command, logFile: string): RunningCopy {
  const [program = '', ...args] = words(command)
  const log = openSync(logFile, 'a', 0o640)
  const child = spawn(program, args, {
    cwd: command.source,
    env: settingsOf(command),
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.unref()
  closeSync(log)
  if (child.pid === undefined) throw new Error(`${program} could not be started`)
  return { pid: child.pid, began: beginOf(child.pid) ?? '' }
}

/** Runs a command of the release to its end, and gives what it printed. */
export async function runCopy(command: Command): Promise<string> {
  const [program = '', ...args] = words(command)
  const { stdout } = await promisify(execFile)(program, args, { cwd: command.source, env: settingsOf(command) })
  return stdout.trim().replaceAll('\n', ', ')
}

export const isRunning = ({ pid, began }: RunningCopy) => began !== '' && beginOf(pid) === began

/** SIGTERM, on which a copy finishes what it has begun. Throws if it does not end; then it is killed. */
export async function stopCopy(copy: RunningCopy, withinSeconds: number): Promise<void> {
  if (isRunning(copy)) process.kill(copy.pid, 'SIGTERM')
  for (const end = performance.now() + withinSeconds * 1_000; performance.now() < end; await sleep(50))
    if (!isRunning(copy)) return
  if (isRunning(copy)) process.kill(copy.pid, 'SIGKILL')
  throw new Error(`process ${copy.pid} did not end within ${withinSeconds} s of SIGTERM`)
}

/** Field 22 of /proc/<pid>/stat: ticks after the machine began. Undefined when there is no such process, or only its remains. */
function beginOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}
