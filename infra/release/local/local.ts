import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileJournal } from '../journal.ts'
import {
  type Colour,
  colours,
  type Lock,
  otherThan,
  type Release,
  type ReleasePlatform,
  type State,
  type Traffic,
} from '../platform.ts'
import { isRunning, type RunningCopy, runCopy, startCopy, stopCopy } from './copies.ts'
import { type BalancerSettings, reroute, startBalancer, statusOf } from './haproxy.ts'
import { lockFolder } from './lock.ts'

export interface Place {
  address: string
  port: number
  within?: string[]
}

/** `folder` also keeps state, logs and the audit file. */
export interface LocalSettings extends Omit<BalancerSettings, 'servers'> {
  copies: Record<Colour, Place[]>
  /** Settings of the service. */
  env: Record<string, string>
  /** What to run the balancer in. */
  within?: string[]
}

interface ColourFile {
  release?: Release
  share: number
  processes: RunningCopy[]
}

/** How long a colour may keep streams open after its last request, before they are ended: whoever listens comes back to the other one. */
const STREAMS_SECONDS = 5
const STOP_SECONDS = 30

/** A release platform of one machine: a process for each copy, behind haproxy. */
export class Local implements ReleasePlatform {
  readonly #settings: LocalSettings
  readonly #balancer: BalancerSettings
  readonly journal: ReleasePlatform['journal']

  constructor(settings: LocalSettings) {
    this.#settings = settings
    const addresses = (colour: Colour) => settings.copies[colour].map(({ address, port }) => `${address}:${port}`)
    this.#balancer = { ...settings, servers: { blue: addresses('blue'), green: addresses('green') } }
    this.journal = fileJournal(join(settings.folder, 'releases.ndjson'))
    mkdirSync(settings.folder, { recursive: true })
  }

  get origin(): string {
    return `http://${this.#settings.address}:${this.#settings.port}`
  }

  async state(): Promise<State> {
    const of = (colour: Colour) => {
      const { release, share } = this.#read(colour)
      return { release, share }
    }
    return { blue: of('blue'), green: of('green') }
  }

  /** Starts the balancer, or what was left of one. Gives its process id. */
  async startBalancer(): Promise<number> {
    return await startBalancer(
      this.#balancer,
      { blue: this.#read('blue').share, green: this.#read('green').share },
      this.#settings.within,
    )
  }

  migrate({ source }: Release, stage: 'expand' | 'contract'): Promise<string> {
    return runCopy({ source, args: ['migrate', stage], env: this.#settings.env })
  }

  async start(colour: Colour, release: Release): Promise<void> {
    const { processes, share } = this.#read(colour)
    const same = this.#read(colour).release?.source === release.source
    if (same && processes.length > 0 && processes.every(isRunning)) return
    await Promise.all(processes.filter(isRunning).map((copy) => stopCopy(copy, STOP_SECONDS)))
    const started = this.#settings.copies[colour].map(({ address, port, within }, i) =>
      startCopy(
        {
          source: release.source,
          args: ['start'],
          env: { ...this.#settings.env, HOST: address, PORT: String(port) },
          ...(within && { within }),
        },
        join(this.#settings.folder, `${colour}${i}.log`),
      ),
    )
    this.#write(colour, { release, share, processes: started })
  }

  async unready(colour: Colour): Promise<string | undefined> {
    const { processes } = this.#read(colour)
    if (!processes.every(isRunning)) throw new Error(`a copy ended: see ${colour}*.log in ${this.#settings.folder}`)
    const answers = await Promise.all(
      this.#settings.copies[colour].map(({ address, port }) =>
        fetch(`http://${address}:${port}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
          async (answer) => (answer.ok ? undefined : await answer.text()),
          () => 'does not answer yet',
        ),
      ),
    )
    const missing = answers.find((answer) => answer !== undefined)
    if (missing !== undefined) return missing
    return (await statusOf(this.#balancer, colour)).up ? undefined : 'the balancer has not seen it yet'
  }

  async preview(colour: Colour): Promise<string> {
    return `http://${this.#settings.address}:${this.#settings.previewPorts[colour]}`
  }

  async shift(colour: Colour, share: number): Promise<void> {
    const shares = { [colour]: share, [otherThan(colour)]: 100 - share } as Record<Colour, number>
    await reroute(this.#balancer, shares)
    for (const one of colours) this.#write(one, { ...this.#read(one), share: shares[one] })
  }

  async traffic(colour: Colour): Promise<Traffic> {
    return await statusOf(this.#balancer, colour)
  }

  async drain(colour: Colour): Promise<void> {
    const { share } = this.#read(colour)
    if (share > 0 && this.#read(otherThan(colour)).release)
      throw new Error(`${colour} still has a share of the traffic`)
    const end = performance.now() + STREAMS_SECONDS * 1_000
    while ((await statusOf(this.#balancer, colour)).open > 0 && performance.now() < end) await sleep(50)
    await Promise.all(this.#read(colour).processes.map((copy) => stopCopy(copy, STOP_SECONDS)))
  }

  async remove(colour: Colour): Promise<void> {
    if (this.#read(colour).processes.some(isRunning)) throw new Error(`${colour} is still running`)
    this.#write(colour, { share: 0, processes: [] })
  }

  /** Everything that runs on one machine is of a colour. */
  async renewShared(): Promise<void> {}

  lock(): Promise<Lock> {
    return lockFolder(this.#settings.folder)
  }

  /** The processes that serve as this colour. */
  processes(colour: Colour): readonly RunningCopy[] {
    return this.#read(colour).processes
  }

  #read(colour: Colour): ColourFile {
    const path = join(this.#settings.folder, `${colour}.json`)
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ColourFile) : { share: 0, processes: [] }
  }

  /** Whole or not at all. */
  #write(colour: Colour, state: ColourFile): void {
    const path = join(this.#settings.folder, `${colour}.json`)
    writeFileSync(`${path}.new`, JSON.stringify(state))
    renameSync(`${path}.new`, path)
  }
}
