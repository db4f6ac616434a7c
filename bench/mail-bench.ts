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

// Mails that wait are sent through a real SMTP server by a house of two processes; once more, while one of them is killed again and again; then the library
// alone sends as many of that length.

export interface MailFigures {
  messages: number
  kills: number
  undisturbed: Sent
  /** With the starts of those that take the place of the killed. */
  killed: Sent
  floor: { perSecond: number; cpu: number }
}

interface Sent {
  /** From the first mail to the last. */
  perSecond: number
  lost: number
  /** Came again, under the same Message-ID. */
  twice: number
  /** Milliseconds of a core for each mail, of both processes, and of the database. */
  cpu: number
  databaseCpu: number | undefined
  statements: number
  /** Of the larger process, in MB. */
  rss: number
}

const MESSAGES = 10_000
const KILLS = 5
/** As many as cores. */
const PROCESSES = 2
const WAIT_SECONDS = 300
const LOOK_MS = 20

type Sink = Partner<{ digest: boolean }, SinkState>
type Worker = Partner<HouseMessage, ServerState>

export async function benchMails(place: Place, messages = MESSAGES): Promise<MailFigures> {
  const [undisturbed, killed] = [await through(place, messages, 0), await through(place, messages, KILLS)]
  return { ...{ messages, kills: KILLS, undisturbed, killed }, floor: await timeFloor(messages, killed.bytes) }
}

/** Through a server and a database of their own. */
async function through(place: Place, messages: number, kills: number): Promise<Sent & { bytes: number }> {
  const { env, owner } = await openQueue(place, messages, `mails_${kills}`)
  const sink: Sink = startPartner('./smtp-sink.ts')
  try {
    const { port } = await sink.ask({ digest: false })
    const settings = { ...env, SMTP_URL: `smtp://127.0.0.1:${port}`, OPENHCS_HOME: place.folder }
    const cpuBefore = databaseCpu(place.database.dataDirectory)
    const sent = await sendAll(() => startPartner('./house-server.ts', settings), sink, owner, { messages, kills })
    const spent = (databaseCpu(place.database.dataDirectory) ?? Number.NaN) - (cpuBefore ?? 0)
    const came = await sink.ask({ digest: true })
    await expectAll(owner, came)
    return {
      ...sent,
      ...{ lost: messages - came.messages, twice: came.mails - came.messages, bytes: came.bytes / came.mails },
      databaseCpu: cpuBefore === undefined ? undefined : spent / messages,
    }
  } finally {
    await sink.stop()
    await owner.end()
  }
}

async function openQueue({ database }: Place, messages: number, name: string) {
  const [ownerUrl, appUrl] = [inDatabase(database.ownerUrl, name), inDatabase(database.appUrl, name)]
  const admin = new pg.Client({ connectionString: database.ownerUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
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

/** All that waits: each time that so many have come, the process that has been at work for longest is killed, and another takes its place. */
async function sendAll(
  open: () => Worker,
  sink: Sink,
  owner: pg.Client,
  { messages, kills }: { messages: number; kills: number },
) {
  const atWork = Array.from({ length: PROCESSES }, open)
  await Promise.all(atWork.map((worker) => worker.ask({ kind: 'state' }))) // they have started
  const began = performance.now()
  await Promise.all(atWork.map((worker) => worker.ask({ kind: 'work' })))
  let started: Promise<unknown> = Promise.resolve()
  for (let n = 1; n <= kills; n++) {
    await arrived(sink, (messages * n) / (kills + 1))
    await atWork.shift()?.kill()
    const next = open()
    atWork.push(next)
    started = next.ask({ kind: 'work' })
    started.catch(() => {}) // waited for once the last has been opened
  }
  await started
  const [before, count] = [await statesOf(atWork), await sink.ask({ digest: false })]
  await emptied(owner)
  const seconds = (performance.now() - began) / 1_000
  const after = await statesOf(atWork)
  for (const worker of atWork) await worker.stop()
  const mails = messages - count.mails
  return {
    perSecond: messages / seconds,
    cpu: (after.cpu - before.cpu) / mails,
    statements: (after.statements - before.statements) / mails,
    rss: after.rss / 1_048_576,
  }
}
/** Together; of memory, the largest. */
async function statesOf(workers: readonly Worker[]) {
  const states = await Promise.all(workers.map((worker) => worker.ask({ kind: 'state' })))
  const sum = (what: 'cpu' | 'statements') => states.reduce((total, one) => total + one[what], 0)
  return { cpu: sum('cpu'), statements: sum('statements'), rss: Math.max(...states.map(({ rss }) => rss)) }
}

async function arrived(sink: Sink, wanted: number): Promise<void> {
  for (let tries = 0; tries < (WAIT_SECONDS * 1_000) / LOOK_MS; tries++) {
    const { mails } = await sink.ask({ digest: false })
    if (mails >= wanted) return
    await sleep(LOOK_MS)
  }
  throw new Error(`${wanted} mails have not come in ${WAIT_SECONDS} s`)
}

async function emptied(owner: pg.Client): Promise<void> {
  for (let tries = 0; tries < (WAIT_SECONDS * 1_000) / LOOK_MS; tries++) {
    const { rowCount } = await owner.query(`select from notifications.delivery where status = 'queued' limit 1`)
    if (rowCount === 0) return
    await sleep(LOOK_MS)
  }
  throw new Error(`Mails still wait after ${WAIT_SECONDS} s`)
}

async function expectAll(owner: pg.Client, came: SinkState): Promise<void> {
  const { rows } = await owner.query(`select id from notifications.delivery where status = 'sent'`)
  if (digestOf(rows.map(({ id }) => id)) !== came.digest) throw new Error('Other mails have come than were sent')
}

async function timeFloor(messages: number, bytes: number): Promise<MailFigures['floor']> {
  const sink: Sink = startPartner('./smtp-sink.ts')
  const floor = startPartner<FloorJob, { seconds: number; cpu: number }>('./mail-floor.ts')
  const { port } = await sink.ask({ digest: false })
  const { seconds, cpu } = await floor.ask({ url: `smtp://127.0.0.1:${port}`, messages, bytes, connections: 3 })
  await floor.stop()
  await sink.stop()
  return { perSecond: messages / seconds, cpu }
}

if (import.meta.main)
  await withDatabase(async (place) => {
    say(JSON.stringify(await benchMails(place, Number(process.argv[2] ?? MESSAGES)), null, 2))
  })
