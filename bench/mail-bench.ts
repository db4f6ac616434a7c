import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { powers } from '#platform/access.ts'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'
import { inDatabase } from './country.ts'
import { type Place, withDatabase } from './database.ts'
import { databaseCpu } from './database-cpu.ts'
import type { HouseMessage } from './house-server.ts'
import type { FloorJob } from './mail-floor.ts'
import { waitingMails } from './mail-sql.ts'
import { type Partner, type ServerState, startPartner } from './messages.ts'
import { say } from './say.ts'
import { digestOf, type SinkState } from './smtp-sink.ts'

// Mails that wait are sent through a real SMTP server by a worker that is killed in between; then the library alone sends as many of that length.

export interface MailFigures {
  messages: number
  kills: number
  /** While a worker is at work: from its first mail to its end. */
  perSecond: number
  /** With the time that each new process takes to start. */
  perSecondOverall: number
  lost: number
  /** Came again, under the same Message-ID. */
  twice: number
  cpu: number
  databaseCpu: number | undefined
  statements: number
  rss: number
  floor: { perSecond: number; cpu: number }
}

const MESSAGES = 10_000
const KILLS = 5
const WAIT_SECONDS = 300
const LOOK_MS = 20

type Sink = Partner<{ digest: boolean }, SinkState>
type Worker = Partner<HouseMessage, ServerState>

/** The engine lets go of what a dead process had in hand after ten minutes: they pass here. */
const LET_GO = `update graphile_worker._private_jobs set locked_at = now() - interval '11 minutes' where locked_at is not null`

interface Round {
  mails: number
  seconds: number
  state: ServerState | undefined
}

export async function benchMails(place: Place, messages = MESSAGES): Promise<MailFigures> {
  const { env, owner } = await openQueue(place, messages)
  const sink: Sink = startPartner('./smtp-sink.ts')
  try {
    const { port } = await sink.ask({ digest: false })
    const url = `smtp://127.0.0.1:${port}`
    const work = (): Worker => startPartner('./house-server.ts', { ...env, SMTP_URL: url, OPENHCS_HOME: place.folder })
    const [began, cpuBefore] = [performance.now(), databaseCpu(place.database.dataDirectory)]
    const rounds: Round[] = []
    for (let n = 1; n <= KILLS + 1; n++)
      rounds.push(await round(work(), sink, owner, { until: (messages * n) / (KILLS + 1), last: n > KILLS }))
    const seconds = (performance.now() - began) / 1_000
    const spent = (databaseCpu(place.database.dataDirectory) ?? Number.NaN) - (cpuBefore ?? 0)
    const came = await sink.ask({ digest: true })
    await expectAll(owner, came)
    const floor = await timeFloor({ url, messages, bytes: came.bytes / came.mails, connections: 3 })
    return {
      ...summary(rounds, messages, came),
      perSecondOverall: messages / seconds,
      databaseCpu: cpuBefore === undefined ? undefined : spent / messages,
      floor,
    }
  } finally {
    await sink.stop()
    await owner.end()
  }
}

async function openQueue({ database }: Place, messages: number) {
  const [ownerUrl, appUrl] = [inDatabase(database.ownerUrl, 'mails'), inDatabase(database.appUrl, 'mails')]
  const admin = new pg.Client({ connectionString: database.ownerUrl })
  await admin.connect()
  await admin.query('create database mails')
  await admin.end()
  await migrate({ ownerUrl, appUrl, services: everything })
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  await owner.query('begin')
  for (const step of waitingMails)
    await owner.query(step.replace('{messages}', String(messages)).replace('{powers}', `{${powers.join()}}`))
  await owner.query('commit')
  await owner.query('vacuum (analyze)')
  return { owner, env: { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, PUBLIC_URL: 'http://openhcs.test' } }
}

/** One worker, until so many mails have come; then it is killed, but for the last, which is let finish. */
async function round(
  worker: Worker,
  sink: Sink,
  owner: pg.Client,
  { until, last }: { until: number; last: boolean },
): Promise<Round> {
  await owner.query(LET_GO)
  const before = await worker.ask({ kind: 'work' })
  const { mails: first } = await sink.ask({ digest: false })
  const began = performance.now()
  const count = last ? await emptied(sink, owner) : await arrived(sink, until)
  const seconds = (performance.now() - began) / 1_000
  const after = last ? await worker.ask({ kind: 'state' }) : undefined
  await (last ? worker.stop() : worker.kill())
  return {
    mails: count - first,
    seconds,
    state: after && { ...after, cpu: after.cpu - before.cpu, statements: after.statements - before.statements },
  }
}

async function arrived(sink: Sink, wanted: number): Promise<number> {
  for (let tries = 0; tries < (WAIT_SECONDS * 1_000) / LOOK_MS; tries++) {
    const { mails } = await sink.ask({ digest: false })
    if (mails >= wanted) return mails
    await sleep(LOOK_MS)
  }
  throw new Error(`${wanted} mails have not come in ${WAIT_SECONDS} s`)
}

async function emptied(sink: Sink, owner: pg.Client): Promise<number> {
  for (let tries = 0; tries < (WAIT_SECONDS * 1_000) / LOOK_MS; tries++) {
    const { rowCount } = await owner.query(`select from notifications.delivery where status = 'queued' limit 1`)
    if (rowCount === 0) return (await sink.ask({ digest: false })).mails
    await sleep(LOOK_MS)
  }
  throw new Error(`Mails still wait after ${WAIT_SECONDS} s`)
}

async function expectAll(owner: pg.Client, came: SinkState): Promise<void> {
  const { rows } = await owner.query(`select id from notifications.delivery where status = 'sent'`)
  if (digestOf(rows.map(({ id }) => id)) !== came.digest) throw new Error('Other mails have come than were sent')
}

function summary(rounds: readonly Round[], messages: number, came: SinkState) {
  const sum = (what: 'mails' | 'seconds') => rounds.reduce((total, one) => total + one[what], 0)
  const { state, mails = 1 } = rounds.at(-1) ?? {}
  return {
    ...{ messages, kills: KILLS, lost: messages - came.messages, twice: came.mails - came.messages },
    perSecond: sum('mails') / sum('seconds'),
    ...{
      cpu: (state?.cpu ?? 0) / mails,
      statements: (state?.statements ?? 0) / mails,
      rss: (state?.rss ?? 0) / 1_048_576,
    },
  }
}

async function timeFloor(job: FloorJob): Promise<MailFigures['floor']> {
  const floor = startPartner<FloorJob, { seconds: number; cpu: number }>('./mail-floor.ts')
  const { seconds, cpu } = await floor.ask(job)
  await floor.stop()
  return { perSecond: job.messages / seconds, cpu }
}

if (import.meta.main)
  await withDatabase(async (place) => {
    say(JSON.stringify(await benchMails(place, Number(process.argv[2] ?? MESSAGES)), null, 2))
  })
