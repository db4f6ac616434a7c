import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resource } from '#fhir/resource.ts'
import { nameOf, syntheticRecord } from '../tests/synthetic-record.ts'
import { openReader } from './bare-driver.ts'
import { type Place, withDatabase } from './database.ts'
import { databaseCpu } from './database-cpu.ts'
import type { ImportState } from './import-server.ts'
import { startPartner } from './messages.ts'
import { makeRecords, newRow } from './records.ts'
import { say } from './say.ts'

export interface ImportFigures {
  resources: number
  megabytes: number
  house: Rate
  floor: Rate
}

interface Rate {
  perSecond: number
  /** Milliseconds of processor for a thousand resources. */
  cpu: number
  databaseCpu: number | undefined
}

/** Each of about 530 resources of 26 types. */
const PATIENTS = 100
const WARM = 10
/** Patients who are here, each with five resources: of an empty store the server guesses for a minute that reading it whole is quickest. */
const ALREADY = 3_000
const AT_ONCE = 3
const BATCH = 500

/** A file of whole records, as `openhcs import-fhir` takes it in; beside it, the same rows by the bare driver: made before, checked by nobody, by as many connections. */
export async function benchImport({ database, folder }: Place, patients = PATIENTS): Promise<ImportFigures> {
  const { appUrl, ownerUrl } = await makeRecords({ database, folder }, ALREADY)
  const cpuNow = () => databaseCpu(database.dataDirectory)
  const rateOf = async (count: number, work: () => Promise<number>): Promise<Rate> => {
    const [began, before] = [performance.now(), cpuNow()]
    const cpu = await work()
    const seconds = (performance.now() - began) / 1_000
    const of = before === undefined ? undefined : (((cpuNow() ?? 0) - before) / count) * 1_000
    return { perSecond: count / seconds, cpu: (cpu / count) * 1_000, databaseCpu: of }
  }
  const house = startPartner<{ file: string }, ImportState>('./import-server.ts', {
    ...{ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: folder },
    PUBLIC_URL: 'http://openhcs.test',
  })
  try {
    const [warm, file] = [join(folder, 'warm.ndjson'), join(folder, 'import.ndjson')]
    writeFileSync(warm, linesOf(recordsOf(patients, WARM)))
    const lines = linesOf(recordsOf(0, patients))
    writeFileSync(file, lines)
    await house.ask({ file: warm })
    const resources = lines.split('\n').length
    const ofHouse = await rateOf(resources, async () => {
      const { cpu, created, refused } = await house.ask({ file })
      if (created !== resources || refused > 0) throw new Error(`${created} of ${resources} were taken in`)
      return cpu
    })
    const bare = await openFloor(ownerUrl)
    await bare.write(batchesOf(recordsOf(patients * 2, WARM)))
    const batches = batchesOf(recordsOf(patients * 3, patients))
    const ofFloor = await rateOf(resources, async () => {
      const before = process.cpuUsage()
      await bare.write(batches)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000
    })
    await bare.close()
    return { resources, megabytes: lines.length / 1_048_576, house: ofHouse, floor: ofFloor }
  } finally {
    await house.stop()
  }
}

/** Records of these seeds, under their own ids. */
const recordsOf = (from: number, count: number): Resource[] =>
  Array.from({ length: count }, (_, n) => syntheticRecord(from + n + 1)).flatMap(({ entry }) => {
    const names = new Map(entry.map((one) => [one.fullUrl, nameOf(one)]))
    const text = JSON.stringify(entry.map(({ resource }) => resource))
    return JSON.parse(text.replace(/urn:uuid:[0-9a-f-]{36}/g, (urn) => names.get(urn) ?? urn)) as Resource[]
  })

const linesOf = (resources: readonly Resource[]) => resources.map((one) => JSON.stringify(one)).join('\n')

function batchesOf(resources: readonly Resource[]): string[] {
  const at = new Date()
  const rows = resources.map((one, n) => newRow(one, String(one.id), n % BATCH, at))
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, n) =>
    JSON.stringify(rows.slice(n * BATCH, (n + 1) * BATCH)),
  )
}

async function openFloor(url: string) {
  const options = '-c search_path=platform -c timezone=UTC'
  const connections = await Promise.all(Array.from({ length: AT_ONCE }, () => openReader(url, options)))
  return {
    async write(batches: readonly string[]): Promise<void> {
      const left = [...batches]
      const work = async ({ send }: (typeof connections)[number]) => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) await send('select fhir_write($1)', [one])
      }
      await Promise.all(connections.map(work))
    },
    close: () => Promise.all(connections.map((one) => one.close())),
  }
}

/** Of a measurement by itself: of so many patients. */
async function alone(place: Place): Promise<void> {
  const { resources, megabytes, house, floor } = await benchImport(place, Number(process.argv[2] ?? PATIENTS))
  say(`import of ${resources.toLocaleString('en')} resources, ${megabytes.toFixed(0)} MB`)
  for (const [who, one] of Object.entries({ house, floor }))
    say(
      `${who}: ${one.perSecond.toFixed(0)} resources/s; for a thousand ${one.cpu.toFixed(0)} CPU-ms, database ${one.databaseCpu?.toFixed(0)} CPU-ms`,
    )
}

if (import.meta.main) await withDatabase(alone)
