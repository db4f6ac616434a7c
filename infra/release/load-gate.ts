import { askAt, type SmokeAccount } from './smoke.ts'

export interface GateSettings {
  requests: number
  atOnce: number
  /** At most, for all but one in a hundred. */
  p99Ms: number
}

/** A short load of searches on a colour that nobody uses yet: its caches and connections are warm afterwards, and one that cannot carry it is refused. */
export async function loadGate(origin: string, account: SmokeAccount, settings: GateSettings): Promise<string> {
  const session = await askAt(origin)('POST', '/v1/sessions', account)
  if (session.status !== 201) throw new Error(`the sign-in answers ${session.status}`)
  const ask = askAt(origin, session.body.token)
  const times: number[] = []
  let left = settings.requests
  const work = async () => {
    while (left-- > 0) {
      const began = performance.now()
      const { status } = await ask('GET', '/v1/practitioners/find?limit=20')
      if (status !== 200) throw new Error(`a search answers ${status}`)
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: settings.atOnce }, work))
  await ask('DELETE', '/v1/sessions/current')
  times.sort((a, b) => a - b)
  const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? 0
  if (p99 > settings.p99Ms) throw new Error(`p99 is ${p99.toFixed(0)} ms; at most ${settings.p99Ms}`)
  return `${times.length} searches, p99 ${p99.toFixed(1)} ms`
}
