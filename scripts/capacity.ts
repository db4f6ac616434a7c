import { readFileSync } from 'node:fs'
import { loadConfig } from '#platform/config.ts'
import { ENGINE_CONNECTIONS } from '#platform/jobs.ts'
import { everything } from '#services.ts'
import { keepPart } from './generated-file.ts'

// The capacity model of docs/scaling.md: what a population asks for, at the costs that docs/benchmarks.md has measured.

/** Milliseconds of a processor: of the pod, and of the database. */
interface Cost {
  pod: number
  database: number
}

export interface Costs {
  /** By how many practitioners there are to search. */
  search: { few: Cost; many: Cost }
  book: Cost
  signIn: Cost
}

/** Assumed, none of them measured. */
export const assumptions = {
  visitsPerPersonAndYear: 6,
  peoplePerPractitioner: 200,
  searchesPerVisit: 10,
  /** A booking, and what is later moved or cancelled, which costs the same. */
  bookingsPerVisit: 1.3,
  signInsPerVisit: 2,
  /** Own appointments, inbox, a page that is opened; taken to cost what a search among few costs. */
  readsPerVisit: 8,
  /** Events and reminders of a booking, each taken to cost what the booking did. */
  jobsPerBooking: 3,
  /** Rows of the audit that a visit leaves. */
  auditRowsPerVisit: 10,
  messagesPerVisit: 3,
  workingDays: 250,
  busiestHour: 0.2,
  /** Of the busiest minute over the mean of its hour: when hours open, people wait for them. */
  busiestMinute: 3,
  podUse: 0.6,
  databaseUse: 0.5,
  leastPods: 3,
} as const

/** Bytes with indexes, on PostgreSQL 15: of the demonstration's rows, and of 50,000 rows of usual length where it has none. */
const BYTES = {
  appointment: 441,
  /** In the FHIR store, with the answers of its two sides: of 1,200 bookings. */
  visit: 7_800,
  claim: 265,
  grant: 517,
  audit: 378,
  message: 639,
  mail: 258,
  account: 514,
  patient: 267,
}
/** 913 MB of searchable times for 100,000 practitioners. */
const BYTES_PER_PRACTITIONER = 9_130
const CLAIMS_PER_VISIT = 2.5

export interface Need {
  visitsPerSecond: number
  requestsPerSecond: number
  podCores: number
  pods: number
  workers: number
  databaseCores: number
  connections: number
  gigabytesPerYear: number
  gigabytesStanding: number
}

export function needOf(people: number, { search, book, signIn }: Costs): Need {
  const of = assumptions
  const practitioners = people / of.peoplePerPractitioner
  const find = practitioners > 10_000 ? search.many : search.few
  const visitsPerSecond =
    ((people * of.visitsPerPersonAndYear) / of.workingDays / 3_600) * of.busiestHour * of.busiestMinute
  const asked: [number, Cost][] = [
    [of.searchesPerVisit, find],
    [of.bookingsPerVisit, book],
    [of.signInsPerVisit, signIn],
    [of.readsPerVisit, search.few],
  ]
  const jobs: [number, Cost][] = [[of.bookingsPerVisit * of.jobsPerBooking, book]]
  const cores = (what: [number, Cost][], where: keyof Cost) =>
    (visitsPerSecond * what.reduce((sum, [times, cost]) => sum + times * cost[where], 0)) / 1_000
  const pods = Math.max(of.leastPods, Math.ceil(cores(asked, 'pod') / of.podUse))
  const workers = Math.max(2, Math.ceil(cores(jobs, 'pod') / of.podUse))
  return {
    visitsPerSecond,
    requestsPerSecond: visitsPerSecond * asked.reduce((sum, [times]) => sum + times, 0),
    podCores: cores(asked, 'pod') + cores(jobs, 'pod'),
    pods,
    workers,
    databaseCores: cores([...asked, ...jobs], 'database') / of.databaseUse,
    connections: (pods + workers) * CONNECTIONS_PER_POD + workers * ENGINE_CONNECTIONS,
    gigabytesPerYear: (people * of.visitsPerPersonAndYear * bytesPerVisit()) / 1e9,
    gigabytesStanding: (people * (BYTES.account + BYTES.patient) + practitioners * BYTES_PER_PRACTITIONER) / 1e9,
  }
}

function bytesPerVisit(): number {
  const { bookingsPerVisit, auditRowsPerVisit, messagesPerVisit } = assumptions
  const booking = BYTES.appointment + BYTES.visit + CLAIMS_PER_VISIT * BYTES.claim + BYTES.grant
  return bookingsPerVisit * booking + auditRowsPerVisit * BYTES.audit + messagesPerVisit * (BYTES.message + BYTES.mail)
}

/** Of each room its pool at its largest, and the connection that its short reads share; and one that listens for each of the three with streams or websockets. */
const CONNECTIONS_PER_POD =
  everything.length * (loadConfig({ OPENHCS_SECRET_KEY: '0'.repeat(64) }).DATABASE_POOL_SIZE + 1) + 3

/** From the tables of docs/benchmarks.md, so that a new measurement is a new model. */
export function costsIn(page: string): Costs {
  const row = (name: string): Cost => {
    const cells = page
      .split('\n')
      .find((line) => line.startsWith(`| ${name} |`))
      ?.split('|')
      .map((cell) => Number(cell.trim()))
    const [pod, database] = [cells?.[5], cells?.[6]]
    if (!pod || !database) throw new Error(`docs/benchmarks.md does not say what '${name}' costs`)
    return { pod, database }
  }
  const signIn = /wrong password of an account that exists \((\d+\.\d+) ms\)/.exec(page)?.[1]
  if (!signIn) throw new Error('docs/benchmarks.md does not say what a sign-in costs')
  return {
    search: { few: row('find, 1,000: all kinds in turn'), many: row('find, 100,000: all kinds in turn') },
    book: row('book, distinct slots, under a mandate'),
    signIn: { pod: Number(signIn), database: row('find, 1,000: all kinds in turn').database },
  }
}

const populations: [string, number][] = [
  ['a district: 200,000 people', 200_000],
  ['a country: 10 million', 10_000_000],
  ['100 million', 100_000_000],
]

/** Two digits that mean something are more than a model has. */
const number = (value: number) =>
  value.toLocaleString('en', value < 10 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 })

export function tableOf(costs: Costs): string {
  const rows = populations.map(([name, people]) => {
    const need = needOf(people, costs)
    const cells = [
      need.visitsPerSecond,
      need.requestsPerSecond,
      need.podCores,
      need.pods,
      need.workers,
      need.databaseCores,
      need.connections,
      need.connections * 2,
      need.gigabytesPerYear,
      need.gigabytesStanding,
    ]
    return `| ${[name, ...cells.map(number)].join(' | ')} |`
  })
  const head =
    'people | visits/s | requests/s | cores of pods | pods | workers | cores of the database | connections at most | in a release | GB a year | GB that stay'
  return [`| ${head} |`, `|${' --- |'.repeat(head.split('|').length)}`, ...rows].join('\n')
}

/** `searchesPerVisit` → `searches per visit`. */
const inWords = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

if (import.meta.main) {
  const costs = costsIn(readFileSync(new URL('../docs/benchmarks.md', import.meta.url), 'utf8'))
  const given = Object.entries(assumptions).map(([name, value]) => `| ${inWords(name)} | ${number(value)} |`)
  keepPart('docs/scaling.md', 'capacity', tableOf(costs))
  keepPart('docs/scaling.md', 'assumptions', ['| assumed | |', '| --- | --- |', ...given].join('\n'))
  const { search, book, signIn } = costs
  const measured: [string, Cost][] = [
    ['a search among 1,000 practitioners', search.few],
    ['a search among 100,000', search.many],
    ['a booking', book],
    ['a sign-in', signIn],
  ]
  const costRows = measured.map(([name, { pod, database }]) => `| ${name} | ${pod} | ${database} |`)
  keepPart(
    'docs/scaling.md',
    'costs',
    ['| measured | ms of a core of the pod | of the database |', '| --- | --- | --- |', ...costRows].join('\n'),
  )
  process.stdout.write(process.argv.includes('--check') ? '' : `${tableOf(costs)}\n`)
}
