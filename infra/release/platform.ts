// What the driver needs of the place that it releases to. Two of them: haproxy and processes on one machine (local.ts), and AWS with
// Kubernetes (cluster.ts). Everything may be called again with the same arguments: a driver that was killed goes on where it was.

export type Colour = 'blue' | 'green'
export const colours = ['blue', 'green'] as const
export const otherThan = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

export interface Release {
  /** As the service tells it in its OpenAPI document. */
  version: string
  /** What to run: a folder on one machine, an image by digest in a cluster. */
  source: string
}

export interface ColourState {
  release: Release | undefined
  /** Share of the traffic, 0 to 100. */
  share: number
}

export type State = Record<Colour, ColourState>

/** Answers that a colour has given to the public since it was started, as the balancer saw them. */
export interface Traffic {
  requests: number
  /** 5xx, and requests that got no answer. */
  failed: number
  /** Mean time to answer of the latest requests, in milliseconds. */
  meanMs: number
}

/** One line of the audit file: what happened to a release, and when. Whoever asks what was done that night reads these. */
export interface Entry {
  at: string
  /** Of one release, from its plan to its end. */
  id: string
  release: Release
  colour: Colour
  step: string
  event: 'begun' | 'done' | 'failed' | 'rolled back' | 'finished'
  detail: string
}

export interface Lock extends AsyncDisposable {
  /** Throws when it is no longer ours: then somebody else may be at work, and nothing more may be done. */
  held(): Promise<void>
}

export interface ReleasePlatform {
  state(): Promise<State>
  /** Runs the migrations of this release; gives the names of the files that ran, in words. */
  migrate(release: Release, stage: 'expand' | 'contract'): Promise<string>
  /** Starts the release as that colour, without a share of the traffic. */
  start(colour: Colour, release: Release): Promise<void>
  /** Undefined once every copy can serve; else what is missing. */
  unready(colour: Colour): Promise<string | undefined>
  /** Where the public asks. */
  readonly origin: string
  /** Points the preview route at the colour, and gives its origin. */
  preview(colour: Colour): Promise<string>
  /** Gives this share to the colour and the rest to the other one. */
  shift(colour: Colour, share: number): Promise<void>
  traffic(colour: Colour): Promise<Traffic>
  /** Lets a colour without a share finish what it has begun, jobs too, and stops it. */
  drain(colour: Colour): Promise<void>
  remove(colour: Colour): Promise<void>
  /** What belongs to neither colour, and still runs the release before, becomes this one's. */
  renewShared(release: Release): Promise<void>
  readonly journal: {
    read(): Promise<Entry[]>
    append(entry: Entry): Promise<void>
  }
  /** One driver at a time; throws where another one is at work. */
  lock(): Promise<Lock>
}
