import { BY_NAME } from '../tests/attacks/telling/probes.ts'
import type { CareTaskFigures } from './care-tasks-bench.ts'
import { type FhirFigures, type Kind, kinds } from './fhir-bench.ts'
import type { ImportFigures } from './import-bench.ts'
import type { LimitFigures } from './limit-bench.ts'
import type { MailFigures } from './mail-bench.ts'
import type { Figures } from './measure.ts'
import type { PrescribeFigures } from './prescribe-bench.ts'
import type { Results } from './promises.ts'
import { promises } from './promises.ts'
import type { ReportFigures } from './report-bench.ts'
import { mixes } from './searches.ts'
import type { TelemetryFigures } from './telemetry-bench.ts'
import { chance, type Telling } from './telling.ts'
import type { WaitlistFigures } from './waitlist-bench.ts'

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const HEAD = [
  '',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU-ms',
  'database CPU-ms',
  'statements',
  'round trips',
  'bytes',
  'RSS MB',
]

export function figuresRow(name: string, f: Figures): string[] {
  const counted = f.statements > 0 ? [f.statements.toFixed(1), f.trips.toFixed(2)] : ['', '']
  return [
    name,
    f.perSecond.toFixed(0),
    f.p50.toFixed(2),
    f.p99.toFixed(1),
    f.cpu.toFixed(2),
    f.databaseCpu?.toFixed(2) ?? '',
    ...counted,
    f.bytes.toFixed(0),
    f.rss.toFixed(0),
  ]
}

const TELLING_HEAD = [
  'is somebody here?',
  'somebody: median ms',
  'nobody: median ms',
  'halves of one kind differ by, ms',
  'slower about somebody, of 100',
]

const tellingRow = ({ name, somebody, nobody, noise, slower }: Telling): string[] => [
  name,
  somebody.toFixed(3),
  nobody.toFixed(3),
  noise.toFixed(3),
  slower.toFixed(1),
]

export const telemetryRows = ({ without, metrics, traced }: TelemetryFigures): string[][] => [
  figuresRow('find, 1,000, in turn with the next two: without metrics', without),
  figuresRow('– with metrics, as shipped', metrics),
  figuresRow('– with OpenTelemetry too, a tenth of all requests traced', traced),
]

const fhirRows = ({ byKind, alone }: FhirFigures): string[][] => [
  ...(Object.keys(kinds) as Kind[]).flatMap((kind) => [
    figuresRow(`FHIR: ${kinds[kind]}`, byKind[kind].house),
    figuresRow('– floor', byKind[kind].floor),
  ]),
  figuresRow(`FHIR: ${kinds.transaction}, by one client`, alone.house),
  figuresRow('– floor', alone.floor),
]

function measurements({ small, large, book, telemetry, limit, fhir }: Results): string[][] {
  const ofFind = [small, large].flatMap(({ country, house, floor, floorWithSession, byMix }) => {
    const size = country.practitioners.toLocaleString('en')
    return [
      figuresRow(`find, ${size}: all kinds in turn`, house),
      figuresRow('– floor', floor),
      figuresRow('– floor that looks up the session too', floorWithSession),
      ...byMix.flatMap((one) => [
        figuresRow(`find, ${size}: ${mixes[one.mix]}`, one.house),
        figuresRow('– floor', one.floor),
      ]),
    ]
  })
  return [
    ...ofFind,
    figuresRow('book, distinct slots, under a mandate', book.house),
    figuresRow('– by `POST /fhir/R4/Appointment`', book.fhir),
    figuresRow('– floor of both', book.floor),
    ...telemetryRows(telemetry),
    figuresRow(`find with all filters, 5,000, ${limit.all.bookings.toLocaleString('en')} bookings`, limit.house),
    figuresRow('– floor', limit.floor),
    ...fhirRows(fhir),
  ]
}

/** docs/benchmarks.md. */
export function report(results: Results, where: string, sqlAlone: string): string {
  const promised = promises(results).map(({ what, wanted, measured, met }) => [
    what,
    wanted,
    measured,
    met ? 'yes' : '**no**',
  ])
  return `# Benchmarks

Written by \`make bench\`. ${where}.

${table(['promise', 'wanted', 'measured', 'met'], promised)}

${table(HEAD, measurements(results))}

${table(TELLING_HEAD, results.telling.map(tellingRow))}

${explanation(results)}

${sqlAlone}
`
}

const times = ({ p50, p99 }: { p50: number; p99: number }) => `${p50.toFixed(1)} ms (p99 ${p99.toFixed(1)})`

const waiting = ({ figures, nobodyFits }: WaitlistFigures): string => {
  const lines = figures.map(
    ({ entries, offered, floor }) => `${times(offered)} among ${entries.toLocaleString('en')}, floor ${times(floor)}`,
  )
  return `A freed slot is offered, durably, by one worker: ${lines.join('; ')}. The floor holds the same slots with nobody to look for, by turns. Where all
  100,000 wait for that speciality and nobody can come on that day, the look alone takes ${times(nobodyFits)}. Plans: plans-waitlist.md.`
}

const prescribing = ({ known, checked, floor, compared }: PrescribeFigures): string =>
  `A prescription is checked against ${known} medicines and allergies, in its transaction: ${times(checked)}. To read and parse the same rows takes the bare driver ${times(floor)}; comparing alone ${times(compared)}.`

const ofTasks = ({ tasks, planned, floor, announced, told }: CareTaskFigures): string =>
  `${tasks.toLocaleString('en')} people have something to do at one minute: by one process it is written down ahead in ${planned.toFixed(1)} s (a bare driver writes the same rows, in lots of the same
  size, in ${floor.toFixed(1)} s), announced in ${announced.toFixed(1)} s when it is due, and in all inboxes ${told.toFixed(1)} s after that. Plans: plans-tasks.md.`

const ofReports = ({ entries, summary, timeline, draft, pdf }: ReportFigures): string =>
  `Of a patient with ${entries.toLocaleString('en')} entries, by one client: \`$summary\` ${times(summary.house)} and ${summary.house.cpu.toFixed(1)} CPU-ms, floor ${times(summary.floor)}; a page of the
  timeline ${times(timeline.house)}, floor ${times(timeline.floor)}, each as many rows without choosing them. A draft is saved in ${times(draft.house)}; its floor, a row that is locked, changed and
  on the disk, takes ${times(draft.floor)}. A PDF of two pages takes ${times(pdf.house)}, a page with nothing on it ${times(pdf.floor)}; ${pdf.perSecond.toFixed(0)} are made a second by two threads, of ${(pdf.bytes / 1_000).toFixed(0)} KB each.`

/** At the driver, one after another. */
const crowded = ({ few, all }: LimitFigures): string =>
  [few, all]
    .map(
      ({ bookings, freeRanges, megabytes, rebuildSeconds, find, month, nothing, inServer }) =>
        `among ${bookings.toLocaleString('en')} bookings (${freeRanges.toLocaleString('en')} free ranges, ${megabytes.toFixed(0)} MB) ${micro(find)}, a month ${micro(month)}, a statement that does nothing ${micro(nothing)}, and in the server alone ${micro(inServer.find)} and ${micro(inServer.month)}; all rebuilt by two connections in ${rebuildSeconds.toFixed(1)} s`,
    )
    .join('; ')
const micro = ({ p50, p99 }: { p50: number; p99: number }) => `${p50.toFixed(3)} ms (p99 ${p99.toFixed(2)})`

const sent = ({ messages, kills, undisturbed, killed, floor }: MailFigures): string =>
  `${messages.toLocaleString('en')} mails about visits wait, each of another account, and go through a real SMTP server, sent by two processes: ${undisturbed.perSecond.toFixed(0)} a second, ${undisturbed.cpu.toFixed(2)} CPU-ms of the processes,
  ${undisturbed.databaseCpu?.toFixed(2) ?? '?'} of the database and ${undisturbed.statements.toFixed(1)} statements for each. With one of them killed ${kills} times, and another started in its place each time: ${killed.perSecond.toFixed(0)} a second; ${killed.twice}
  came twice, which were being handed over when a process died, under the same Message-ID. What it had in hand goes back two seconds after its death. The library alone sends
  ${floor.perSecond.toFixed(0)} a second of that length as bare text, for ${floor.cpu.toFixed(2)} CPU-ms.`

const ofImports = ({ resources, megabytes, house, floor }: ImportFigures): string => {
  const rate = ({ perSecond, cpu, databaseCpu }: ImportFigures['house']) =>
    `${perSecond.toFixed(0)} a second, ${cpu.toFixed(0)} CPU-ms of the process and ${databaseCpu?.toFixed(0) ?? '?'} of the database for a thousand`
  return `A file of whole records of synthetic patients, with their practitioners, organisations and places (${resources.toLocaleString('en')} resources, ${megabytes.toFixed(0)} MB), is imported as \`openhcs import-fhir\` does: ${rate(house)}. Its floor sends the same
  rows, made beforehand, to fhir_write() by as many connections: ${rate(floor)}.`
}

const ofFhir = ({ fhir: { records }, growth, imports, validate, index }: Results): string =>
  `FHIR is asked by 10 connections among ${records.patients.toLocaleString('en')} patients with ${records.observations.toLocaleString('en')} observations, written in ${records.loadSeconds.toFixed(1)} s by one connection. Its floor is bare \`node:http\` and the bare
  driver: it reads the same rows by the same indexes, and writes them, with all that they are found by, by fhir_write(); it knows nobody, checks nothing, notes nothing in the audit, and
  what resources are found by was made beforehand. To validate a resource takes ${Object.entries(validate.byType)
    .map(([type, perSecond]) => `${(1e6 / perSecond).toFixed(1)} µs (${type})`)
    .join(
      ', ',
    )}, and to find out what it is found by ${index.patient.p50.toFixed(0)} µs (Patient) or ${index.observation.p50.toFixed(0)} (Observation). A search
  of a patient's observations by one client takes ${growth.few.p50.toFixed(2)} ms among ${growth.few.observations.toLocaleString('en')}, and ${growth.many.p50.toFixed(2)} ms among ${growth.many.observations.toLocaleString('en')}.
  ${ofImports(imports)}`

function explanation(results: Results): string {
  const { small, large, telling, telemetry, duplicates, waitlist, careTasks, limit, expand, mails } = results
  const loaded = [small, large].map(
    ({ country: c, minute }) =>
      `${c.practitioners.toLocaleString('en')} practitioners: ${c.freeRanges.toLocaleString('en')} free ranges, ${c.megabytes.toFixed(0)} MB, made in ${c.loadSeconds.toFixed(1)} s; the jobs of every minute after that: ${minute}`,
  )
  return `How this is measured:

- Server, database and the process that makes the load share the machine. Load is closed: 8 connections (find) or 16 (book), each of
  which asks again when it has its answer. CPU-ms are of the server process, and of all processes of the database, for each request.
- The floor of find is bare \`node:http\` and the bare driver under the room's own function: the same statements and the same page, but no
  session, checks, limits, log or schemas. Its second line also looks up the session, as the house must. The floor of book sends the
  statements of a recorded booking in the same bursts, through the same number of connections, and does nothing else.
- While searches are measured the house also runs its jobs, every minute, as in production; while bookings are, it does not deliver their
  events.
- Searches vary in speciality, language, place and so on, in the proportions in which practitioners are on offer. Bookings are by
  caregivers under a mandate, each of another slot, with Idempotency-Key, claims (two, or three with a room), audit and outbox. Events are
  delivered afterwards, and the memory promise covers that too.
- Houses without metrics, with them, and with OpenTelemetry take turns. Two processes that do the same differ by as much as a twentieth, so
  what metrics take is measured alone too: ${(telemetry.counting * 1_000).toFixed(2)} µs to count a request, ${telemetry.scraping.toFixed(1)} ms for a scrape, of which there is one in 15 s.
  OpenTelemetry is off unless it is asked for.
- Answers that must not tell whether somebody is here are asked for in one process, one after another, about somebody and about nobody in random
  order, 1,000 times each (bench/telling-bench.ts). In how many of a hundred pairs the one about somebody took longer is Mann and Whitney's U: 50
  tells nothing, and chance alone keeps within 50 ± ${Math.max(...telling.map(chance)).toFixed(1)}. The dearest is a wrong password of an account that exists (${(telling.find(({ name }) => name === BY_NAME)?.somebody ?? 0).toFixed(2)} ms).
- Duplicates are judged on a labelled set of a seed of its own (tests/registered-twice.ts): ${duplicates.registrations.toLocaleString('en')} registrations, ${duplicates.pairs.toLocaleString('en')} pairs of one
  person, ${duplicates.suspected.toLocaleString('en')} suspected, ${duplicates.right.toLocaleString('en')} of them rightly. Look-ups, one after another, at the 99th of a hundred: ${duplicates.lookUps.map(({ patients, p99 }) => `${p99.toFixed(1)} ms among ${patients.toLocaleString('en')}`).join(', ')}.
- ${waiting(waitlist)}
- ${prescribing(results.prescribe)}
- ${ofTasks(careTasks)}
- ${ofReports(results.reports)}
- A search with all filters (speciality, language, circle, way, gender, length, new patients) over 5,000 practitioners and 60 days, one after another at the driver: ${crowded(limit)}.
  Over HTTP four connections ask. Visits are booked in two steps among the same people and hours; the constraint against overlaps is made after each, and so checks all.
- A year of hours is ${expand.shifts} shifts of five weekdays, two rules and 24 exceptions: ${times(expand.ours)}; ical.js takes ${times(expand.peer)} for the days alone.
- ${sent(mails)}
- ${ofReports(results.reports)}
- ${ofFhir(results)}
- ${loaded.join('\n- ')}
- 100,000 practitioners have no shifts and claims behind their free ranges, since find reads neither.`
}
