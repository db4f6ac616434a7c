import type { AccessFigures } from './access-bench.ts'
import type { BookFigures } from './book-bench.ts'
import type { CareTaskFigures } from './care-tasks-bench.ts'
import type { DuplicateFigures } from './duplicates.ts'
import type { ExpandFigures } from './expand-bench.ts'
import { ENTRIES, type FhirFigures, type GrowthFigures } from './fhir-bench.ts'
import type { FindFigures } from './find-bench.ts'
import type { ImportFigures } from './import-bench.ts'
import type { IndexFigures } from './index-bench.ts'
import type { LimitFigures } from './limit-bench.ts'
import type { MailFigures } from './mail-bench.ts'
import type { PrescribeFigures } from './prescribe-bench.ts'
import type { ReportFigures } from './report-bench.ts'
import type { StartFigures } from './start-bench.ts'
import { metricsShare, type TelemetryFigures } from './telemetry-bench.ts'
import type { Telling } from './telling.ts'
import type { ValidateFigures } from './validate-bench.ts'
import type { WaitlistFigures } from './waitlist-bench.ts'

export interface Results {
  small: FindFigures
  large: FindFigures
  book: BookFigures
  telling: readonly Telling[]
  start: StartFigures
  telemetry: TelemetryFigures
  access: AccessFigures
  duplicates: DuplicateFigures
  waitlist: WaitlistFigures
  prescribe: PrescribeFigures
  careTasks: CareTaskFigures
  limit: LimitFigures
  expand: ExpandFigures
  mails: MailFigures
  fhir: FhirFigures
  growth: GrowthFigures
  imports: ImportFigures
  reports: ReportFigures
  validate: ValidateFigures
  index: IndexFigures
}

export interface Promised {
  what: string
  wanted: string
  measured: string
  met: boolean
}

const atMost = (what: string, limit: number, value: number, unit = '', digits = 1): Promised => ({
  ...{ what, wanted: `≤ ${limit}${unit}`, measured: `${value.toFixed(digits)}${unit}`, met: value <= limit },
})
const atLeast = (what: string, limit: number, value: number, unit = '', digits = 2): Promised => ({
  ...{ what, wanted: `≥ ${limit}${unit}`, measured: `${value.toFixed(digits)}${unit}`, met: value >= limit },
})

/** What was promised, with what was measured. */
export function promises(results: Results): Promised[] {
  const { small, large, book, telling, start, telemetry, access, duplicates } = results
  return [
    ...ofFind(small),
    ...ofFind(large),
    ...flatness(small, large),
    ...ofBooking(book),
    atMost('find: the built-in metrics’ share of the server’s CPU', 5, metricsShare(telemetry), ' %'),
    ...ofDuplicates(duplicates),
    ...ofWaitlist(results.waitlist),
    atMost('prescribing: checks against 200 medicines and allergies, p50', 5, results.prescribe.checked.p50, ' ms', 2),
    ...ofCareTasks(results.careTasks),
    ...ofLimit(results.limit),
    atMost('a year of one practitioner’s rules is expanded: p50', 20, results.expand.ours.p50, ' ms', 2),
    ...ofMails(results.mails),
    ...ofFhir(results.fhir),
    ofGrowth(results.growth),
    ...ofImports(results.imports),
    ...ofReports(results.reports),
    atLeast(
      'FHIR: small resources validated a second, of the slowest type',
      100_000,
      results.validate.perSecond,
      '',
      0,
    ),
    memory(results),
    atMost(
      'access: one decision among 1,000 grants, beyond a statement that decides nothing',
      0.3,
      access.decided - access.floor,
      ' ms',
      3,
    ),
    atMost('access: the same, of something sensitive', 0.3, access.decidedSensitive - access.floor, ' ms', 3),
    atMost(
      'telling: how much better than a coin the time of an answer tells whether somebody is here, of all ways to ask the worst',
      5,
      Math.max(...telling.map(({ slower }) => Math.abs(slower - 50))),
      ' %',
    ),
    atMost('first start, packages installed: database made, demonstration loaded, first answer', 60, start.first, ' s'),
    atMost('later starts: first answer', 3, start.later, ' s'),
  ]
}

function ofFind({ country, house, floor, byMix }: FindFigures): Promised[] {
  const where = `find, ${country.practitioners.toLocaleString('en')} practitioners`
  const largest = Math.max(...byMix.map((one) => one.house.bytes)) / 1_024
  return [
    atMost(`${where}: SQL statements, with the look-up of the session`, 2, house.statements, '', 2),
    atMost(`${where}: page of 20, the kind with the largest pages`, 12, largest, ' KB'),
    atMost(`${where}: p50 under load`, 5, house.p50, ' ms', 2),
    atLeast(`${where}: share of its floor’s requests/s`, 0.5, house.perSecond / floor.perSecond),
    atLeast(`${where}: requests/s of the floor`, 4_000, floor.perSecond, '', 0),
    ...(house.databaseCpu === undefined
      ? []
      : [
          atMost(
            `${where}: the framework’s share of the CPU of a search, server and database`,
            40,
            ((house.cpu - floor.cpu) / (house.cpu + house.databaseCpu)) * 100,
            ' %',
            0,
          ),
        ]),
    atMost(`${where}: the framework’s share of the server’s CPU alone`, 40, (1 - floor.cpu / house.cpu) * 100, ' %', 0),
  ]
}

const flatness = (small: FindFigures, large: FindFigures): Promised[] => [
  atMost('find: p50 with 100,000 practitioners / with 1,000', 1.5, large.house.p50 / small.house.p50, '', 2),
]

const ofBooking = ({ house, fhir, floor }: BookFigures): Promised[] => [
  atMost('book: round trips to the database', 3, house.trips, '', 2),
  atLeast('book: share of its floor’s requests/s', 0.5, house.perSecond / floor.perSecond),
  atLeast('book: requests/s of the floor', 2_000, floor.perSecond, '', 0),
  atLeast('FHIR: create of an Appointment, requests/s', 2_000, fhir.perSecond, '', 0),
  atLeast('FHIR: create of an Appointment, share of its floor’s requests/s', 0.4, fhir.perSecond / floor.perSecond),
]

const ofDuplicates = ({ recall, precision, lookUps }: DuplicateFigures): Promised[] => [
  atLeast('duplicates: recall, of people in six scripts of whom a fifth is registered twice', 0.95, recall, '', 3),
  atLeast('duplicates: precision there', 0.98, precision, '', 3),
  ...lookUps.map(({ patients, p50 }) =>
    atMost(`duplicates: p50 of a look-up among ${patients.toLocaleString('en')} patients`, 20, p50, ' ms', 2),
  ),
]

const ofWaitlist = ({ figures }: WaitlistFigures): Promised[] =>
  figures.map(({ entries, offered }) =>
    atMost(
      `waiting list of ${entries.toLocaleString('en')}: p50 until a freed slot is offered`,
      50,
      offered.p50,
      ' ms',
    ),
  )

const ofCareTasks = ({ tasks, missing, twice }: CareTaskFigures): Promised[] => [
  atMost(`${tasks.toLocaleString('en')} tasks due at one minute: left out, or told twice`, 0, missing + twice, '', 0),
]

const ofReports = ({ entries, summary, timeline, draft, pdf }: ReportFigures): Promised[] => [
  atMost(`$summary of ${entries.toLocaleString('en')} entries, p50`, 40, summary.house.p50, ' ms'),
  atMost(`a page of the timeline of ${entries.toLocaleString('en')} entries, p50`, 5, timeline.house.p50, ' ms', 2),
  atMost('a draft is saved, p50', 10, draft.house.p50, ' ms', 2),
  atMost('a PDF of two pages, p50', 20, pdf.house.p50, ' ms'),
  atMost('a PDF of two pages, KB', 100, pdf.bytes / 1_000),
  atLeast('PDFs of two pages a second', 100, pdf.perSecond, '', 0),
  atMost('memory that 300 PDFs more take', 60, pdf.rss[1] - pdf.rss[0], ' MB', 0),
]

function ofLimit({ few, all, house }: LimitFigures): Promised[] {
  const where = `${all.bookings.toLocaleString('en')} bookings`
  const ratio = `with ${where} / with ${few.bookings.toLocaleString('en')}`
  return [
    atMost(`${where}: SQL of a search with all filters, p50 in the server`, 0.3, all.inServer.find.p50, ' ms', 3),
    atMost(
      `${where}: the same at the driver, p50 beyond a statement that does nothing`,
      0.3,
      all.find.p50 - all.nothing.p50,
      ' ms',
      3,
    ),
    atMost(`${where}: the same over HTTP, p50`, 3, house.p50, ' ms', 2),
    atMost(`${where}: the same over HTTP, p99`, 25, house.p99, ' ms', 1),
    atMost(`${where}: SQL of a month of one practitioner, p50 at the driver`, 2, all.month.p50, ' ms', 3),
    atMost(`search with all filters: p50 ${ratio}`, 1.2, all.find.p50 / few.find.p50, '', 2),
    atMost(`month of one practitioner: p50 ${ratio}`, 1.2, all.month.p50 / few.month.p50, '', 2),
    atMost(`${where}: all that is free, rebuilt by two connections`, 10, all.rebuildSeconds, ' s'),
    atMost(`${where}: resident memory of the house that is searched`, 300, house.rss, ' MB', 0),
  ]
}

function ofMails({ messages, kills, undisturbed, killed }: MailFigures): Promised[] {
  const mails = `${messages.toLocaleString('en')} mails by two processes`
  const whileKilled = `${mails}, one of them killed ${kills} times`
  return [
    atLeast(`${mails}: mails/s`, 500, undisturbed.perSecond, '', 0),
    atLeast(`${whileKilled}: mails/s, with the starts of the others`, 500, killed.perSecond, '', 0),
    atMost(`${whileKilled}: lost`, 0, killed.lost, '', 0),
    atMost(`${whileKilled}: came twice, under the same Message-ID`, 0, killed.twice, '', 0),
    atMost(`${mails}: resident memory of one`, 300, Math.max(undisturbed.rss, killed.rss), ' MB', 0),
  ]
}

function ofFhir({ records, byKind: { read, search, create, patient, transaction }, alone }: FhirFigures): Promised[] {
  const where = `FHIR, ${records.observations.toLocaleString('en')} observations`
  const share = ({ house, floor }: { house: { perSecond: number }; floor: { perSecond: number } }) =>
    house.perSecond / floor.perSecond
  return [
    atLeast(`${where}: read, share of its floor’s requests/s`, 0.5, share(read)),
    atLeast(`${where}: search of 20 rows, share of its floor’s requests/s`, 0.5, share(search)),
    atLeast(`${where}: create, share of its floor’s requests/s`, 0.4, share(create)),
    atLeast(`${where}: create of a Patient by a desk, share of its floor’s requests/s`, 0.4, share(patient)),
    atMost(`${where}: create, SQL statements, with the look-up of the session`, 2, create.house.statements, '', 2),
    atMost(
      `${where}: transaction of ${ENTRIES}, SQL statements, with the look-up of the session`,
      2,
      transaction.house.statements,
      '',
      2,
    ),
    atLeast(
      `${where}: transactions of ${ENTRIES} by one client, resources/s`,
      8_000,
      alone.house.perSecond * ENTRIES,
      '',
      0,
    ),
    atMost(
      `${where}: resident memory of a process that serves this face alone`,
      200,
      Math.max(read.house.rss, search.house.rss, create.house.rss, transaction.house.rss),
      ' MB',
      0,
    ),
  ]
}

const ofGrowth = ({ few, many }: GrowthFigures): Promised =>
  atMost(
    `FHIR: p50 of a search with ${many.observations.toLocaleString('en')} observations / with ${few.observations.toLocaleString('en')}`,
    ...([1.5, many.p50 / few.p50, '', 2] as const),
  )

const ofImports = ({ resources, house, floor }: ImportFigures): Promised[] => {
  const where = `FHIR: import of ${resources.toLocaleString('en')} resources of synthetic patients`
  return [
    atLeast(`${where}: resources/s`, 8_000, house.perSecond, '', 0),
    atLeast(`${where}: share of its floor’s resources/s`, 0.5, house.perSecond / floor.perSecond),
  ]
}

const memory = ({ small, large, book }: Results): Promised =>
  atMost(
    'resident memory of the house, the most that was seen, without the database',
    300,
    Math.max(small.house.rss, large.house.rss, book.house.rss, book.rssWorking),
    ' MB',
    0,
  )
