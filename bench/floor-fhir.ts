import { createServer, type IncomingMessage } from 'node:http'
import { newId } from '#platform/ids.ts'
import { openPool, openReader, type Send } from './bare-driver.ts'
import { answerTo, type ServerState } from './messages.ts'
import { portOf, processState } from './process-state.ts'
import { FHIR_BASE, newRow, observationFor, PAGE, patientFor } from './records.ts'

// The least that could answer the same: bare node:http, the bare driver, the same rows. It knows nobody, checks nothing, notes nothing, and what resources are
// found by it made once, before anybody asked.

const { DATABASE_OWNER_URL = '' } = process.env
/** Who writes for no room. */
const OPTIONS = '-c search_path=platform -c timezone=UTC'
const { send: reader } = await openReader(DATABASE_OWNER_URL, OPTIONS)
const connect = openPool(DATABASE_OWNER_URL, 10, OPTIONS)

const [ID, PATIENT] = ['id-of-the-example', 'patient-of-the-example']
const example = JSON.stringify([newRow(observationFor(PATIENT, 0), ID, 0, new Date())]).slice(1, -1)

const somebody = JSON.stringify([newRow(patientFor(0), ID, 0, new Date())]).slice(1, -1)

const server = createServer((request, response) => {
  answer(request).then(
    ({ status, body }) => {
      const length = Buffer.byteLength(body)
      response.writeHead(status, { 'content-type': 'application/fhir+json', 'content-length': length }).end(body)
    },
    (error: Error) => response.writeHead(500, { 'content-length': error.message.length }).end(error.message),
  )
})
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))

async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
  const { url = '', method } = request
  if (method === 'POST') return write(JSON.parse(await bodyOf(request)) as Sent)
  const patient = /\bpatient=([^&]+)/.exec(url)?.[1]
  const [, whose] = /Patient\/([^/]+)\/\$summary/.exec(url) ?? []
  if (whose !== undefined) return { status: 200, body: await summary(whose) }
  return { status: 200, body: patient ? await search(patient) : await read(url.slice(url.lastIndexOf('/') + 1)) }
}

async function read(id: string): Promise<string> {
  const [row] = await reader(`select body from fhir_resource where type = 'Observation' and id = $1`, [id])
  return String(row?.body)
}

async function search(patient: string): Promise<string> {
  const rows = await reader(
    `select id, body from fhir_resource where type = 'Observation' and body is not null and refs @> array['Observation.patient=Patient/' || $1] limit ${PAGE}`,
    [patient],
  )
  const entries = rows.map(
    ({ id, body }) => `{"fullUrl":"${FHIR_BASE}/Observation/${id}","resource":${body},"search":{"mode":"match"}}`,
  )
  return `{"resourceType":"Bundle","type":"searchset","entry":[${entries.join()}]}`
}

/** As many rows as a summary has, without choosing them. */
async function summary(patient: string): Promise<string> {
  const rows = await reader(
    `select body from fhir_resource where refs && array['Observation.$patient=' || $1, 'Condition.$patient=' || $1, 'Procedure.$patient=' || $1, 'Immunization.$patient=' || $1]
     and body is not null order by care_at desc, key desc limit 90`,
    [patient],
  )
  return `{"resourceType":"Bundle","type":"document","entry":[${rows.map(({ body }) => `{"resource":${body}}`).join()}]}`
}

interface Sent {
  resourceType?: string
  subject?: { reference: string }
  entry?: { resource: Sent }[]
}

async function write(sent: Sent): Promise<{ status: number; body: string }> {
  const all = (sent.entry?.map(({ resource }) => resource) ?? [sent]).map((one, place) => {
    const id = newId()
    const patient = one.subject?.reference.slice('Patient/'.length) ?? ''
    const row = one.resourceType === 'Patient' ? somebody : example
    return { id, row: row.replaceAll(ID, id).replaceAll(PATIENT, patient).replace('"place":0', `"place":${place}`) }
  })
  const { send, release } = await connect()
  try {
    await (send as Send)('select fhir_write($1)', [`[${all.map(({ row }) => row).join()}]`])
  } finally {
    release()
  }
  if (!sent.entry) return { status: 201, body: String((JSON.parse(all[0]?.row ?? '{}') as { body?: string }).body) }
  const entry = all.map(({ id }) => ({
    response: { status: '201 Created', location: `Observation/${id}/_history/1`, etag: 'W/"1"' },
  }))
  return { status: 200, body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }) }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

answerTo(
  async (_: { kind: 'state' }): Promise<ServerState> => ({ ...processState(portOf(server)), statements: 0, trips: 0 }),
)
process.on('disconnect', () => process.exit())
