import type { OperationSpec } from '#platform/operation.ts'
import type { Answer } from '#platform/testing.ts'
import { operations } from '../../access/callers.ts'
import { copyOfWorld } from '../../access/copies.ts'
import type { World } from '../../access/world.ts'
import { backendClient } from '../../bulk-client.ts'
import { openSmtp } from '../../smtp.ts'
import type { Street, Way } from './ways.ts'

export async function openStreet(log?: (line: string) => void): Promise<Street & AsyncDisposable> {
  const smtp = await openSmtp()
  const world = await copyOfWorld({ env: { SMTP_URL: smtp.url }, settled: true, ...(log && { log }) })
  return {
    ...world,
    smtp,
    app: await backendClient(world.house),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await smtp.close()
    },
  }
}

const HIGHEST_VERSION = 9
let address = 0

/** With whatever version the thing has by now. Each time from another address: some operations are limited for each. */
export async function send({ house }: World, operation: OperationSpec, way: Way): Promise<Answer> {
  const path = operation.url.replace(/:(\w+)/g, (_, name: string) => way.params?.[name] ?? `missing-${name}`)
  const payload = way.upload ?? way.raw ?? JSON.stringify(way.body)
  for (let version = 1; ; version++) {
    const { statusCode, headers, body } = await house.app.inject({
      method: operation.method,
      url: way.query ? `${path}?${way.query}` : path,
      remoteAddress: `10.1.${(++address >> 8) & 255}.${address & 255}`,
      headers: {
        ...(way.as.token && { authorization: `Bearer ${way.as.token}` }),
        ...(payload !== undefined && { 'content-type': mediaTypeOf(operation, way) }),
        ...(operation.access === 'BulkExport.c' && { prefer: 'respond-async' }),
        ...(operation.ifMatch && { 'if-match': `"${version}"` }),
      },
      ...(payload !== undefined && { payload }),
    })
    if (statusCode === 412 && version < HIGHEST_VERSION) {
      const { current } = JSON.parse(body) as { current?: string } // entries of records say which one it is
      if (current) version = Number(current.slice(1, -1)) - 1
      continue
    }
    const json = /\bjson\b/.test(String(headers['content-type'])) && body !== ''
    return {
      status: statusCode,
      headers: headers as Answer['headers'],
      body: json ? asProblem(JSON.parse(body)) : body,
    }
  }
}

interface Issue {
  code: string
  diagnostics: string
  expression?: string[]
}

/** An OperationOutcome as the problem that it tells of; anything else as it is. */
export function asProblem(body: { resourceType?: string; issue?: Issue[] }): unknown {
  if (body?.resourceType !== 'OperationOutcome') return body
  const [whole, ...faults] = body.issue as [Issue, ...Issue[]]
  const errors = faults.map(({ diagnostics: detail, expression = [] }) => ({
    pointer: pointerOf(expression[0]),
    detail,
  }))
  return { ...body, code: whole.code, detail: whole.diagnostics, errors }
}

/** `Parameters.parameter[0].name` → `/body/parameter/0/name`. */
const pointerOf = (expression = '') =>
  expression
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .reduce((pointer, name) => `${pointer}/${name}`, '')
    .replace(/^\/[A-Z]\w*/, '/body')

/** What providers of texts send. */
const FORM = 'application/x-www-form-urlencoded'

function mediaTypeOf({ upload }: OperationSpec, way: Way): string {
  if (!way.upload) return 'application/json'
  return (
    ['text/csv', 'image/png', 'application/fhir+ndjson', 'application/fhir+json'].find((type) =>
      upload?.mediaTypes.includes(type),
    ) ?? FORM
  )
}

/** What reads that which an operation writes: at its own address, or under the id that it answers with. */
export function readerOf({ url, method }: OperationSpec, { params }: Way, answer: Answer | undefined) {
  const reads = (address: string) => operations.find((one) => one.method === 'GET' && one.url === address)
  const fill = (address: string, more: Record<string, string>) =>
    address.replace(/:(\w+)/g, (_, name: string) => more[name] ?? '')
  if (method !== 'POST') return reads(url) && fill(url, params ?? {})
  const id = (answer?.body as { id?: string } | undefined)?.id
  return id !== undefined && reads(`${url}/:id`) ? fill(`${url}/:id`, { ...params, id }) : undefined
}

/** Every text in a JSON value, with the name of its member. */
export function textsIn(value: unknown, name = ''): [name: string, text: string][] {
  if (typeof value === 'string') return [[name, value]]
  if (Array.isArray(value)) return value.flatMap((one) => textsIn(one, name))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => textsIn(one, key))
}

/** Every text in every table. */
export async function storedTexts({ house: { owner } }: World): Promise<Set<string>> {
  const { rows: tables } = await owner.query(`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('platform', 'identity', 'registry', 'scheduling', 'consultations', 'reports', 'care_plans', 'notifications')`)
  const found = new Set<string>()
  for (const { name } of tables) {
    const { rows } = await owner.query(`select to_jsonb(t) as row from ${name} t`)
    for (const { row } of rows) {
      // A resource is kept as it is sent: what it says is in its JSON.
      const isResource = ['platform.fhir_resource', 'platform.fhir_past'].includes(name) && typeof row.body === 'string'
      const resource = isResource ? JSON.parse(row.body) : {}
      for (const [name, text] of [...textsIn(row), ...textsIn(resource)])
        found.add(name === 'div' ? readIn(text) : text)
    }
  }
  return found
}

/** What a narrative says. */
const readIn = (div: string): string =>
  div.replace(/<[^>]*>/g, '').replace(/&(amp|lt|gt|quot|#13);/g, (_, sign: string) => SIGNS[sign] ?? '')
const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#13': '\r' }
