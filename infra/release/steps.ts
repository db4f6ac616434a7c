import { setTimeout as sleep } from 'node:timers/promises'
import type { Colour, Release, ReleasePlatform, Traffic } from './platform.ts'
import type { ReleaseSettings } from './settings.ts'

export interface Step {
  name: string
  limitSeconds: number
  /** Whether its failure gives everything back; otherwise the release waits to be gone on with. */
  mayRollBack: boolean
  /** Gives a line for the audit file. */
  run(signal: AbortSignal): Promise<string>
}

interface Tools {
  platform: ReleasePlatform
  settings: ReleaseSettings
  smoke(origin: string, release: Release, first: boolean): Promise<string>
  loadGate(origin: string): Promise<string>
}

interface Parties {
  release: Release
  colour: Colour
  serving: Colour | undefined
}

/** The steps of one release, in order. Each may be run again after an interruption. */
export function stepsOf(tools: Tools, parties: Parties): Step[] {
  return [...before(tools, parties), ...shifts(tools, parties), ...after(tools, parties)]
}

const step = (name: string, limitSeconds: number, run: Step['run'], mayRollBack = true): Step => ({
  name,
  limitSeconds,
  mayRollBack,
  run,
})

function before({ platform, settings, smoke, loadGate }: Tools, { release, colour, serving }: Parties): Step[] {
  const { limits } = settings
  return [
    step('expand', limits.migrate, async (signal) => {
      const ran = await platform.migrate(release, 'expand')
      // What serves must be able to live with what was added; the first to know whether it can are its users.
      const well = serving && (await watch(platform, serving, { ...settings, minRequests: 0 }, signal))
      return well ? `${ran}; ${serving}: ${well}` : ran
    }),
    step('start', limits.short, () => platform.start(colour, release).then(() => colour)),
    step('ready', limits.ready, (signal) => untilReady(platform, colour, settings, signal)),
    step('smoke', limits.short, async () => smoke(await platform.preview(colour), release, !serving)),
    // Nobody can search an installation that is still empty.
    ...(serving ? [step('load gate', limits.short, async () => loadGate(await platform.preview(colour)))] : []),
  ]
}

function shifts({ platform, settings, smoke }: Tools, { release, colour, serving }: Parties): Step[] {
  const limit = settings.bakeSeconds + settings.limits.short
  // The first release of an installation has nothing to share with, and nobody to be judged by.
  const again = step('smoke again', settings.limits.short, () => smoke(platform.origin, release, !serving))
  if (!serving)
    return [step('shift 100', settings.limits.short, () => platform.shift(colour, 100).then(() => '')), again]
  const watched = settings.shares.map((share) =>
    step(`shift ${share}`, limit, async (signal) => {
      await platform.shift(colour, share)
      return await watch(platform, colour, settings, signal)
    }),
  )
  return [...watched, step('bake', limit, (signal) => watch(platform, colour, settings, signal)), again]
}

function after({ platform, settings }: Tools, { release, colour, serving }: Parties): Step[] {
  const { limits } = settings
  const forward = (name: string, limit: number, run: () => Promise<string>) => step(name, limit, run, false)
  return [
    step('promote', limits.short, async () => `${release.version} serves as ${colour}`),
    forward('renew', limits.short, () => platform.renewShared(release).then(() => '')),
    ...(serving ? [forward('drain', limits.drain, () => platform.drain(serving).then(() => serving))] : []),
    forward('contract', limits.migrate, () => platform.migrate(release, 'contract')),
    ...(serving ? [forward('remove', limits.short, () => platform.remove(serving).then(() => serving))] : []),
  ]
}

async function untilReady(
  platform: ReleasePlatform,
  colour: Colour,
  { pollMs }: ReleaseSettings,
  signal: AbortSignal,
): Promise<string> {
  for (let times = 0; ; times++) {
    signal.throwIfAborted()
    const missing = await platform.unready(colour)
    if (missing === undefined) return `after ${times} looks`
    await sleep(pollMs)
  }
}

/** Watches a colour for as long as a share is baked, and until there is enough to judge by. Throws as soon as it is worse than it may be. */
async function watch(
  platform: ReleasePlatform,
  colour: Colour,
  settings: ReleaseSettings,
  signal: AbortSignal,
): Promise<string> {
  const began = performance.now()
  const first = await platform.traffic(colour)
  for (;;) {
    await sleep(settings.pollMs)
    const traffic = since(first, await platform.traffic(colour))
    const enough = traffic.requests >= settings.minRequests
    // A single failure in the first hundred is no verdict yet; three are, whatever the number.
    const allowed = Math.max(settings.maxFailedShare * traffic.requests, enough ? 0 : 2)
    if (traffic.failed > allowed) throw new Error(`${traffic.failed} of ${traffic.requests} requests failed`)
    if (enough && traffic.meanMs > settings.maxMeanMs)
      throw new Error(`${traffic.meanMs.toFixed(0)} ms to answer on average; at most ${settings.maxMeanMs}`)
    if (enough && performance.now() - began >= settings.bakeSeconds * 1_000) return inWords(traffic)
    if (signal.aborted) throw new Error(`too little to judge by: ${inWords(traffic)}`)
  }
}

const since = (first: Traffic, now: Traffic): Traffic => ({
  requests: now.requests - first.requests,
  failed: now.failed - first.failed,
  meanMs: now.meanMs,
})

const inWords = ({ requests, failed, meanMs }: Traffic) =>
  `${requests} requests, ${failed} failed, ${meanMs.toFixed(1)} ms on average`
