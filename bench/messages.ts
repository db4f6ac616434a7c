import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What the processes of a measurement say to one another. */
export interface Ask {
  method: string
  url: string
  token: string
  /** Idempotency-Key. */
  key?: string
  body?: string
}

export interface LoadJob {
  port: number
  /** JSON file with an array of Ask. */
  file: string
  connections: number
  seconds: number
  from: number
  until: number
  /** Begins again at the end of the list. */
  wrap: boolean
}

export interface LoadResult {
  requests: number
  perSecond: number
  p50: number
  p99: number
  /** Of a body, on average. */
  bytes: number
  statuses: Record<string, number>
  /** The first ask that was not made. */
  next: number
}

export interface ServerState {
  port: number
  /** Milliseconds of processor that this process has used. */
  cpu: number
  rss: number
  statements: number
  trips: number
}

/** How many requests a house counts that is asked to count. */
export const COUNTED = 200_000

const NODE_COMPILE_CACHE = fileURLToPath(new URL('../.openhcs/compiled', import.meta.url))

const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' }

/** Another process of ours, spoken to one message at a time. */
export interface Partner<Q, A> {
  ask(message: Q): Promise<A>
  stop(): Promise<void>
  /** At once, and without a word. */
  kill(): Promise<void>
}

export function startPartner<Q, A>(file: string, env: Record<string, string> = {}): Partner<Q, A> {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), {
    // As scripts/node.sh gives it to the house.
    env: { NODE_COMPILE_CACHE, ...MALLOC, ...process.env, ...env },
    // The memory that the Makefile gives the house.
    execArgv: ['--max-semi-space-size=16', '--max-old-space-size=256'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'], // what the house logs is written, but nowhere
  })
  const ended = once(child, 'exit')
  return {
    async ask(message) {
      child.send(message as object)
      const answer = await Promise.race([once(child, 'message'), ended.then(() => undefined)])
      if (!answer) throw new Error(`${file} ended before it answered`)
      const [value] = answer as [{ answer: A; error?: string }]
      if (value.error) throw new Error(value.error)
      return value.answer
    },
    async stop() {
      child.disconnect()
      await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Answers each message of the process that started this one. */
export function answerTo<Q, A>(answer: (message: Q) => Promise<A>): void {
  process.on('message', (message: Q) => {
    answer(message).then(
      (value) => process.send?.({ answer: value }),
      (error: Error) => process.send?.({ error: error.stack ?? String(error) }),
    )
  })
}
