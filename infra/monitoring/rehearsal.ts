import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { freePort, type RunningHouse, startHouse } from '#tests/processes.ts'
import { alertmanagerAt } from './alertmanager.ts'
import { dashboards, queriesOf } from './dashboards.ts'
import { startProgram } from './programs.ts'
import { filledIn } from './promql.ts'
import { rulesAt, runbookOf } from './rules.ts'
import { inKubernetes, prometheusConfig } from './scrape.ts'
import { faster } from './time.ts'
import { startTraffic } from './traffic.ts'
import { type Notice, openWebhook } from './webhook.ts'

// The whole way, on one machine: a house with its database, people who use it, Prometheus, Alertmanager, and somebody who is called.

/** An hour's window passes in a minute, and five minutes in five seconds. */
const time = faster(60)
const TOKEN = 'a token of the rehearsal'
const PATIENCE_MS = 120_000

type Say = (line: string) => void

/** Breaks the service for real, and demands that the right people hear of it, and that it is over. */
export async function rehearse(say: Say): Promise<void> {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-alerts-'))
  chmodSync(home, 0o711) // the database runs as somebody else where this runs as root
  try {
    await using database = await startDatabase(join(home, 'database'))
    await using house = await startHouse('together', async ({ appUrl }) => ({
      METRICS_TOKEN: TOKEN,
      RATE_LIMIT_PER_MINUTE: '1000000',
      DATABASE_POOL_SIZE: '4',
      DATABASE_READER_URL: appUrl, // its own reader, so that the panels of readers have something to show
    }))
    await loadDemo(house)
    await using webhook = await openWebhook()
    await using alertmanager = await startAlertmanager(home, alertmanagerAt(webhook.receivers, time, {}))
    await using prometheus = await startPrometheus(home, house, alertmanager.url)
    const traffic = await startTraffic(house)
    try {
      const ask = asker(prometheus.url)
      await targetsAreChosen(prometheus.url)
      say(`dashboards: ${await dashboardsShowData(ask)} queries, and each returns data`)
      await quiet(ask)
      say(`quiet while all is well, after ${traffic.asked()} requests`)
      await breakDatabase(database, webhook.notices, say)
      await bookingsSurvive(ask)
    } finally {
      await traffic.stop()
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

interface Database extends AsyncDisposable {
  stop(): Promise<void>
  start(): Promise<void>
}

/** A server that can be stopped and started again with what it holds; copies of the template are made on it. */
async function startDatabase(home: string): Promise<Database> {
  mkdirSync(home, { recursive: true, mode: 0o711 })
  const open = () => startEmbeddedPostgres({ home, durable: false, maxConnections: 100 })
  let server = await open()
  process.env.TEST_DATABASE_URL = server.appUrl
  process.env.TEST_DATABASE_OWNER_URL = server.ownerUrl
  return {
    stop: () => server.stop(),
    async start() {
      server = await open()
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

async function loadDemo(house: RunningHouse): Promise<void> {
  const { code, output } = await house.command(['demo', 'load'])
  if (code !== 0) throw new Error(`The fictional country was not loaded:\n${output}`)
}

async function startAlertmanager(home: string, config: object) {
  const file = join(home, 'alertmanager.yaml')
  writeFileSync(file, stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const args = [`--config.file=${file}`, `--storage.path=${join(home, 'alertmanager')}`, '--log.level=warn']
  const network = [`--web.listen-address=${address}`, '--cluster.listen-address=']
  return startProgram('prometheus-alertmanager', [...args, ...network], `http://${address}`)
}

/** The targets carry the labels that Kubernetes would give them, so that the rules by which pods are chosen are the real ones. */
async function startPrometheus(home: string, house: RunningHouse, alertmanager: string) {
  const write = (name: string, content: string) => {
    writeFileSync(join(home, name), content)
    return join(home, name)
  }
  const [{ relabel_configs }] = inKubernetes.scrape_configs as unknown as [{ relabel_configs: object[] }]
  const target = new URL(house.origins[0] as string).host
  const config = prometheusConfig({
    targets: { static_configs: [pod(target, 'web', '8080'), pod('127.0.0.1:1', 'migrate', '')], relabel_configs },
    rules: write('rules.yaml', stringify(rulesAt(time))),
    alertmanagers: [new URL(alertmanager).host],
    tokenFile: write('token', TOKEN),
    time,
  })
  const file = write('prometheus.yaml', stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(home, 'prometheus')}`, '--log.level=warn']
  return startProgram('prometheus', [...args, `--web.listen-address=${address}`], `http://${address}`)
}

const pod = (target: string, component: string, port: string) => ({
  targets: [target],
  labels: {
    __meta_kubernetes_pod_label_app_kubernetes_io_name: 'openhcs',
    __meta_kubernetes_pod_label_app_kubernetes_io_component: component,
    __meta_kubernetes_pod_label_openhcs_org_colour: 'blue',
    __meta_kubernetes_pod_container_port_number: port,
    __meta_kubernetes_pod_phase: 'Running',
    __meta_kubernetes_pod_name: `openhcs-blue-${component}`,
  },
})

type Ask = (expr: string) => Promise<{ metric: Record<string, string>; value: [number, string] }[]>

const asker =
  (url: string): Ask =>
  async (expr) => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)
    const { status, data, error } = (await answer.json()) as { status: string; data: { result: [] }; error: string }
    if (status !== 'success') throw new Error(`${error}: ${expr}`)
    return data.result
  }

async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const until = Date.now() + PATIENCE_MS
  while (Date.now() < until) {
    const seen = await look()
    if (seen) return seen
    await sleep(200)
  }
  throw new Error(`It did not happen within ${PATIENCE_MS / 1_000} seconds: ${what}`)
}

interface Targets {
  activeTargets: { labels: Record<string, string> }[]
  droppedTargets: unknown[]
}

/** The one that serves, with its labels; not the one that migrates. */
const targetsAreChosen = (url: string) =>
  eventually('Prometheus asks the pod that serves, and no other', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/targets`)).json()) as { data: Targets }
    const [one, ...more] = data.activeTargets
    const { component, colour } = one?.labels ?? {}
    return component === 'web' && colour === 'blue' && more.length === 0 && data.droppedTargets.length === 1
  })

/** A panel without data is one that nobody has looked at since a metric was renamed. */
async function dashboardsShowData(ask: Ask): Promise<number> {
  const queries = Object.values(dashboards).flatMap(queriesOf)
  for (const { panel, expr } of queries)
    await eventually(`${panel} shows something: ${expr}`, async () => {
      const result = await ask(filledIn(expr, '10s'))
      return result.length > 0 && result.every(({ value }) => value[1] !== 'NaN')
    })
  return queries.length
}

const PAGES = 'ALERTS{alertstate="firing",severity="page"}'

/** Starting is slow, and slow is bad: waits until that has left the windows, and nobody is called. */
const quiet = (ask: Ask) =>
  eventually('nobody is called while all is well', async () => (await ask(PAGES)).length === 0)

/** Who is called because of the database, and by what. */
const expected = ['FindBudgetBurn', 'BookBudgetBurn', 'DatabaseUnreachable']

async function breakDatabase(database: Database, notices: Notice[], say: Say): Promise<void> {
  const hear = async (status: Notice['status'], since: number) => {
    for (const alert of expected) {
      const notice = await eventually(`the pager hears that ${alert} is ${status}`, () =>
        notices.find(
          (one) => one.at >= since && one.alert === alert && one.status === status && one.receiver === 'page',
        ),
      )
      if (notice.annotations.runbook !== runbookOf(alert)) throw new Error(`${alert} names no runbook`)
      say(
        `${alert} ${status}: the pager heard after ${((notice.at - since) / 1_000).toFixed(1)} s, runbook ${runbookOf(alert)}`,
      )
    }
  }
  const broken = Date.now()
  await database.stop()
  say('the database is stopped')
  try {
    await hear('firing', broken)
  } finally {
    await database.start()
  }
  const repaired = Date.now()
  say('the database is started again')
  await hear('resolved', repaired)
}

/** After the repair people book again, with no restart of anything. */
const bookingsSurvive = (ask: Ask) =>
  eventually('bookings go on', async () => {
    const [one] = await ask('sum(increase(openhcs_events_total{event="Appointment.booked"}[5s]))')
    return one !== undefined && Number(one.value[1]) > 0
  })
