import { randomUUID } from 'node:crypto'
import type { QueryResult } from 'pg'

/** Wakings are gathered for this long: one NOTIFY serves all jobs that were committed meanwhile. */
const GATHER_MS = 10

/**
 * Wakes the workers after jobs were committed, in a transaction of its own that writes nothing and so waits for no disk. What is lost with
 * a process that dies is found by the workers' next look, a second later.
 */
export function wakerOf(send: (text: string, values: unknown[]) => Promise<QueryResult>): (jobs: number) => void {
  let count = 0
  let timer: NodeJS.Timeout | undefined
  const wake = () => {
    const payload = JSON.stringify({ r: randomUUID(), count }) // NOTIFY drops what it has said before
    timer = undefined
    count = 0
    send(`select pg_notify('jobs:insert', $1)`, [payload]).catch(() => {})
  }
  return (jobs) => {
    count += jobs
    if (timer === undefined) timer = setTimeout(wake, GATHER_MS).unref()
  }
}
