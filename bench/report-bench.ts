import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { PrintedDocument } from '#services/reports/printing/printed-document.ts'
import { closePresses, toPdf } from '#services/reports/printing/to-pdf.ts'
import { keptOf } from '../tests/kept-record.ts'
import { syntheticRecord } from '../tests/synthetic-record.ts'
import { type Place, withDatabase } from './database.ts'
import type { HouseMessage } from './house-server.ts'
import { type Figures, Load } from './measure.ts'
import { type ServerState, startPartner } from './messages.ts'
import { accountOf, makeRecords, patientOf, tokenFor } from './records.ts'
import { say } from './say.ts'

// What a practitioner waits for at a visit: the summary and the timeline of a patient with ten years of records, a draft that is saved, and a report as PDF; each beside a floor.

export interface ReportFigures {
  entries: number
  summary: Beside<Figures>
  timeline: Beside<Figures>
  draft: Beside<Spread>
  pdf: PdfFigures
}

interface Beside<F> {
  house: F
  floor: F
}

interface Spread {
  p50: number
  p99: number
}

interface PdfFigures extends Beside<Spread> {
  bytes: number
  perSecond: number
  /** Of this process with its threads, in MB: after the first 100, and after all. */
  rss: readonly [first: number, last: number]
}

const PATIENTS = 5_000
const RECORDS = 4
const SAVED = 200

interface Asked {
  port: number
  token: string
  patient: string
}

export async function benchReports(place: Place, seconds = 8): Promise<ReportFigures> {
  const { appUrl, ownerUrl } = await makeRecords(place, PATIENTS)
  const env = {
    ...{ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: place.folder },
    ...{ PUBLIC_URL: 'http://openhcs.test', RATE_LIMIT_PER_MINUTE: '10000000', BODY_LIMIT_BYTES: '1048576' },
  }
  const house = startPartner<HouseMessage, ServerState>('./house-server.ts', env)
  const floor = startPartner<{ kind: 'state' }, ServerState>('./floor-fhir.ts', env)
  const load = new Load(place.database.dataDirectory)
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  try {
    const { port } = await house.ask({ kind: 'state' })
    const asked = { port, token: tokenFor(0), patient: patientOf(0) }
    const entries = await record(asked)
    const read = async (server: typeof house | typeof floor, url: string): Promise<Figures> => {
      const file = join(place.folder, 'report.json')
      writeFileSync(file, JSON.stringify([{ token: asked.token, method: 'GET', url }]))
      return load.warmThenMeasure(server, { file, connections: 1, seconds, from: 0, until: 1, wrap: true }, '200')
    }
    const [ofSummary, page] = [`/fhir/R4/Patient/${asked.patient}/$summary`, `/v1/patients/${asked.patient}/timeline`]
    return {
      entries,
      summary: { house: await read(house, ofSummary), floor: await read(floor, ofSummary) },
      timeline: { house: await read(house, page), floor: await read(floor, `/?patient=${asked.patient}`) },
      draft: await drafts(asked, owner),
      pdf: await pdfs(),
    }
  } finally {
    await owner.end()
    await load.stop()
    await house.stop()
    await floor.stop()
  }
}

async function ask({ port, token }: Asked, method: string, path: string, body: object, headers = {}) {
  const own = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: own, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as { id: string; version: number }
}

/** How many entries it has by now. */
async function record(asked: Asked): Promise<number> {
  let entries = 0
  for (let seed = 0; seed < RECORDS; seed++) {
    const bundle = keptOf(syntheticRecord(seed), asked.patient)
    await ask(asked, 'POST', '/fhir/R4', bundle, { 'content-type': 'application/fhir+json' })
    entries += bundle.entry.length
  }
  return entries
}

/** By turns, so that both meet the same noise. The floor locks a row, changes it and waits for the disk. */
async function drafts(asked: Asked, owner: pg.Client): Promise<Beside<Spread>> {
  await owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'licence', 'Practitioner', gen_random_uuid(), '{practise}', '2020-01-01')`,
    [accountOf(0)],
  )
  await owner.query(`create table public.floor_draft as select 1 as id, '{}'::jsonb as sections, 1 as version`)
  const { id } = await ask(asked, 'POST', '/v1/consultations', { patient: asked.patient })
  const [house, floor]: [number[], number[]] = [[], []]
  for (let version = 1; version <= SAVED; version++) {
    const text = 'Cough for a week, and no fever. '.repeat(20 + (version % 20))
    const begun = performance.now()
    await ask(
      asked,
      'PATCH',
      `/v1/consultations/${id}/draft`,
      { sections: { history: text } },
      { 'if-match': `"${version}"` },
    )
    const between = performance.now()
    await owner.query('begin; select * from public.floor_draft where id = 1 for update')
    await owner.query('update public.floor_draft set sections = $1, version = version + 1 where id = 1', [
      { history: text },
    ])
    await owner.query('commit')
    house.push(between - begun)
    floor.push(performance.now() - between)
  }
  return { house: spread(house), floor: spread(floor) }
}

const WARM = 40
const ALONE = 100
const TOGETHER = 300

const documentOf = (version: number, rows: number): PrintedDocument => ({
  ...{ id: `bench-${version}`, language: 'en', title: 'Visit summary', version },
  about: { name: 'Saba Tesfaye', born: '1987-06-05' },
  issued: {
    at: new Date('2031-03-01T08:00:00Z'),
    zone: 'Africa/Accra',
    by: ['Dr Abel Nemo'],
    organisation: ['Fictional Clinic'],
  },
  sections:
    rows === 0
      ? []
      : [
          {
            heading: 'Reason for visit',
            blocks: [{ kind: 'paragraph', text: `Cough, the ${version}th. `.repeat(20) }],
          },
          {
            heading: 'Medicines',
            blocks: [
              {
                ...{ kind: 'table', columns: ['What', 'Since', 'Dose'] },
                rows: Array.from({ length: rows }, (_, n) => [
                  `Lisinopril 10 mg ${version}.${n}`,
                  '1 March 2031',
                  'One in the morning',
                ]),
              },
            ],
          },
        ],
})

/** Two pages, another document each time: alone, and as many at once as keep both threads busy. The floor is a page with nothing on it but its head. */
async function pdfs(): Promise<PdfFigures> {
  let made = 0
  let bytes = 0
  const timed = async (rows: number) => {
    const begun = performance.now()
    bytes = (await toPdf(documentOf(++made, rows), 'a4')).length
    return performance.now() - begun
  }
  const ROWS = 30
  const together = (all: number) =>
    Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let n = 0; n < all / 4; n++) await timed(ROWS)
      }),
    )
  await together(WARM)
  const [house, floor]: [number[], number[]] = [[], []]
  for (let n = 0; n < ALONE; n++) {
    floor.push(await timed(0))
    house.push(await timed(ROWS))
  }
  const first = megabytes()
  const begun = performance.now()
  await together(TOGETHER)
  const perSecond = (TOGETHER * 1_000) / (performance.now() - begun)
  const rss = [first, megabytes()] as const
  await closePresses()
  return { house: spread(house), floor: spread(floor), bytes, perSecond, rss }
}

const megabytes = () => Math.round(process.memoryUsage.rss() / 1_048_576)

function spread(times: number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

if (import.meta.main)
  await withDatabase(async (place) => {
    say(JSON.stringify(await benchReports(place), null, 2))
  })
