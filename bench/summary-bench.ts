import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptOf } from '../tests/kept-record.ts'
import { syntheticRecord } from '../tests/synthetic-record.ts'
import { type Place, withDatabase } from './database.ts'
import type { HouseMessage } from './house-server.ts'
import { Load } from './measure.ts'
import { type ServerState, startPartner } from './messages.ts'
import { makeRecords, patientOf, tokenFor } from './records.ts'
import { say } from './say.ts'

// $summary of a patient with some 2,000 entries among so many others, by one client, beside the least that reads as many rows: node bench/summary-bench.ts

const PATIENTS = 5_000
const RECORDS = 4
const SECONDS = 8

async function measured(place: Place): Promise<void> {
  const { appUrl, ownerUrl } = await makeRecords(place, PATIENTS)
  const env = {
    ...{ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: place.folder, OPENHCS_SERVICES: 'records' },
    ...{ PUBLIC_URL: 'http://openhcs.test', RATE_LIMIT_PER_MINUTE: '10000000', BODY_LIMIT_BYTES: '1048576' },
  }
  const house = startPartner<HouseMessage, ServerState>('./house-server.ts', env)
  const floor = startPartner<{ kind: 'state' }, ServerState>('./floor-fhir.ts', env)
  const load = new Load(place.database.dataDirectory)
  const [patient, token] = [patientOf(0), tokenFor(0)]
  try {
    const { port } = await house.ask({ kind: 'state' })
    let entries = 0
    for (let seed = 0; seed < RECORDS; seed++) {
      const bundle = keptOf(syntheticRecord(seed), patient)
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' }
      const sent = { method: 'POST', headers, body: JSON.stringify(bundle) }
      const { status } = await fetch(`http://127.0.0.1:${port}/fhir/R4`, sent)
      if (status !== 200) throw new Error(`A record was answered with ${status}`)
      entries += bundle.entry.length
    }
    const file = join(place.folder, 'summary.json')
    writeFileSync(file, JSON.stringify([{ token, method: 'GET', url: `/fhir/R4/Patient/${patient}/$summary` }]))
    const job = { file, connections: 1, seconds: SECONDS, from: 0, until: 1, wrap: true }
    say(`${entries} entries of one patient, among ${PATIENTS} patients`)
    for (const [who, server] of Object.entries({ house, floor })) {
      const { p50, p99, cpu, databaseCpu, statements, bytes } = await load.warmThenMeasure(server, job, '200')
      say(
        `${who}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${cpu.toFixed(2)} CPU-ms, database ${databaseCpu?.toFixed(2)} CPU-ms, ${statements.toFixed(2)} statements, ${bytes.toFixed(0)} bytes`,
      )
    }
  } finally {
    await load.stop()
    await house.stop()
    await floor.stop()
  }
}

await withDatabase(measured)
