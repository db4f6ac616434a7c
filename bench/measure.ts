import { setTimeout as sleep } from 'node:timers/promises'
import { databaseCpu } from './database-cpu.ts'
import { type LoadJob, type LoadResult, type Partner, type ServerState, startPartner } from './messages.ts'

export interface Figures {
  perSecond: number
  p50: number
  p99: number
  /** Milliseconds of processor for each request: of the server, not of the database. */
  cpu: number
  /** The same of the database, with what it does beside the requests; undefined where the machine does not tell. */
  databaseCpu: number | undefined
  statements: number
  trips: number
  /** Bytes of an answer's body. */
  bytes: number
  requests: number
  /** Of the server, in MB. */
  rss: number
}

/** Of measurements that were taken in turn with others: each counts by its requests. */
export function meanOf(several: readonly Figures[]): Figures {
  const requests = several.reduce((sum, one) => sum + one.requests, 0)
  const mean = (what: keyof Figures) =>
    several.reduce((sum, one) => sum + (one[what] ?? 0) * one.requests, 0) / Math.max(1, requests)
  return {
    ...{ perSecond: mean('perSecond'), p50: mean('p50'), p99: mean('p99'), cpu: mean('cpu'), bytes: mean('bytes') },
    ...{ statements: mean('statements'), trips: mean('trips'), requests, rss: mean('rss') },
    databaseCpu: several[0]?.databaseCpu === undefined ? undefined : mean('databaseCpu'),
  }
}

export type Server = Partner<{ kind: 'state' }, ServerState>
type Job = Omit<LoadJob, 'port'>

/** Something that asks. One for all measurements. */
export class Load {
  readonly #partner: Partner<LoadJob, LoadResult> = startPartner('./load.ts')
  readonly #dataDirectory: string

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory
  }

  /** Asks a server for so long; anything but the expected status is an error. `next` is where the list was left. */
  async measure(server: Partner<never, ServerState>, job: Job, status: string): Promise<Figures & { next: number }> {
    const state = () => (server as Server).ask({ kind: 'state' })
    const before = await state()
    const databaseBefore = databaseCpu(this.#dataDirectory)
    const result = await this.#partner.ask({ ...job, port: before.port })
    const databaseAfter = databaseCpu(this.#dataDirectory)
    const after = await state()
    const strange = Object.entries(result.statuses).filter(([one]) => one !== status)
    if (strange.length > 0 || result.requests === 0)
      throw new Error(`Expected ${status} only: ${JSON.stringify(result.statuses)} in ${job.file}`)
    const each = (what: 'cpu' | 'statements' | 'trips') => (after[what] - before[what]) / result.requests
    const { perSecond, p50, p99, bytes, requests, next } = result
    return {
      ...{ perSecond, p50, p99, bytes, requests, next, rss: after.rss / 1_048_576 },
      databaseCpu: databaseBefore === undefined ? undefined : ((databaseAfter ?? 0) - databaseBefore) / result.requests,
      ...{ cpu: each('cpu'), statements: each('statements'), trips: each('trips') },
    }
  }

  /** First some seconds that do not count: compiled code, cached plans, open connections. */
  async warmThenMeasure(
    server: Partner<never, ServerState>,
    job: Job,
    status: string,
  ): Promise<Figures & { next: number }> {
    const { next } = await this.measure(server, { ...job, seconds: Math.min(4, job.seconds) }, status)
    await sleep(100)
    return this.measure(server, { ...job, from: next }, status)
  }

  stop(): Promise<void> {
    return this.#partner.stop()
  }
}
