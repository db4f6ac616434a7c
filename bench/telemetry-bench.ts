import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Country } from './country.ts'
import { asksOfAllMixes, CONNECTIONS } from './find-bench.ts'
import type { HouseMessage } from './house-server.ts'
import { type Figures, meanOf } from './measure.ts'
import { COUNTED, type Partner, type ServerState, startPartner } from './messages.ts'
import type { Bench } from './setting.ts'

export interface TelemetryFigures {
  /** Searches in a house that counts nothing, in one as it is shipped, and in one that also sends a tenth of its requests to a collector. */
  without: Figures
  metrics: Figures
  traced: Figures
  /** Milliseconds of processor that counting one request takes, and one scrape, each measured alone. */
  counting: number
  scraping: number
}

const ROUNDS = 9
/** Of requests that are traced. */
const SHARE = '0.1'

type Name = 'without' | 'metrics' | 'traced'
const names: readonly Name[] = ['without', 'metrics', 'traced']

/**
 * The three in turn, each time in another order. Two processes that do the same differ by as much as a twentieth, which is more than metrics cost: so
 * those are measured alone too.
 */
export async function benchTelemetry(bench: Bench, country: Country): Promise<TelemetryFigures> {
  await using collector = await openSink()
  const start = (env: Record<string, string>) =>
    startPartner<HouseMessage, ServerState>('./house-server.ts', { ...bench.envFor(country), ...env })
  const houses = {
    without: start({ BENCH_WITHOUT_METRICS: 'true' }),
    metrics: start({}),
    traced: start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: SHARE }),
  }
  const job = { ...asksOfAllMixes(bench, country), connections: CONNECTIONS, from: 0, wrap: true }
  const rounds: Record<Name, Figures>[] = []
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const figures: Partial<Record<Name, Figures>> = {}
      for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)]) {
        const house = houses[name] as Partner<never, ServerState>
        figures[name] = await bench.load.measure(house, { ...job, seconds: bench.seconds / 5 }, '200')
      }
      rounds.push(figures as Record<Name, Figures>)
    }
    const of = (name: Name) => meanOf(rounds.slice(1).map((round) => round[name])) // the first warms up
    const alone = await costAlone(houses.metrics)
    return { without: of('without'), metrics: of('metrics'), traced: of('traced'), ...alone }
  } finally {
    await Promise.all(Object.values(houses).map((house) => house.stop()))
  }
}

/** How often Prometheus asks: infra/monitoring/scrape.ts. */
const SCRAPE_SECONDS = 15

/** Hundredths of the processor of a search. */
export const metricsShare = ({ without, counting, scraping }: TelemetryFigures): number =>
  ((counting + scraping / (SCRAPE_SECONDS * without.perSecond)) / without.cpu) * 100

const SCRAPES = 20

async function costAlone(house: Partner<HouseMessage, ServerState>) {
  const before = await house.ask({ kind: 'state' })
  const counted = await house.ask({ kind: 'count' })
  for (let i = 0; i < SCRAPES; i++) await scrape(counted.port)
  const after = await house.ask({ kind: 'state' })
  return { counting: (counted.cpu - before.cpu) / COUNTED, scraping: (after.cpu - counted.cpu) / SCRAPES }
}

async function scrape(port: number): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

/** Takes everything, and keeps nothing. */
async function openSink() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/x-protobuf').end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
