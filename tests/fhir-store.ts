import assert from 'node:assert/strict'
import type pg from 'pg'
import { indexOf } from '#fhir/indexing/index-of.ts'
import type { Resource } from '#fhir/resource.ts'
import { rowOf } from '#fhir/store/change.ts'
import { concernsOf } from '#fhir/store/concerns.ts'
import type { Client } from '#platform/testing.ts'

// What really lies in the store of FHIR resources (platform/migrations/0016_fhir_store.sql), seen past everything that writes and reads it.

export interface Version {
  type: string
  id: string
  version: number
  change: number
  /** As meta.lastUpdated has it. */
  changedAt: string
  method: string
  /** Undefined: deleted. */
  body: Resource | undefined
}

/** All that is and was, by resource, in the order of versions. */
export async function versionsIn(owner: pg.Client): Promise<Version[]> {
  const { rows } = await owner.query(
    `select r.type, r.id, v.version, v.change, v.changed_at, v.method, v.body from platform.fhir_resource r
     join (select key, version, change, changed_at, method, body from platform.fhir_resource
       union all select key, version, change, changed_at, method, body from platform.fhir_past) v using (key)
     order by r.type, r.id, v.version`,
  )
  return rows.map(({ body, changed_at, change, ...rest }) => ({
    ...rest,
    change: Number(change),
    changedAt: changed_at.toISOString(),
    body: body === null ? undefined : (JSON.parse(body) as Resource),
  }))
}

/** Rows that belong to no resource that is there. */
export async function orphans(owner: pg.Client): Promise<string[]> {
  const tables = ['fhir_string', 'fhir_date', 'fhir_quantity', 'fhir_position']
  const found: string[] = []
  for (const table of tables) {
    const { rows } = await owner.query(
      `select i.key from platform.${table} i left join platform.fhir_resource r on r.key = i.key and r.body is not null where r.key is null`,
    )
    found.push(...rows.map(({ key }) => `${table} ${key}`))
  }
  const { rows } = await owner.query(
    `select p.key from platform.fhir_past p left join platform.fhir_resource r using (key) where r.key is null or p.version >= r.version`,
  )
  return [...found, ...rows.map(({ key }) => `fhir_past ${key}`)]
}

interface Found {
  tokens: string[]
  refs: string[]
  strings: { parameter: string; value: string; exact: string }[]
  dates: { parameter: string; low: string; high: string }[]
  quantities: { parameter: string; unit: string; low: number; high: number }[]
  positions: { latitude: number; longitude: number }[]
}

const NOTHING: Found = { tokens: [], refs: [], strings: [], dates: [], quantities: [], positions: [] }

/** Its lists of columns, as rows. */
function foundBy(row: ReturnType<typeof rowOf>): Found {
  if (row.body === null) return NOTHING
  const { tokens, refs } = row
  return {
    ...{ tokens, refs },
    strings: (row.string_parameters ?? []).map((parameter, n) => ({
      parameter,
      value: row.string_values?.[n] ?? '',
      exact: row.string_exacts?.[n] ?? '',
    })),
    dates: (row.date_parameters ?? []).map((parameter, n) => ({
      parameter,
      low: row.date_lows?.[n] ?? '',
      high: row.date_highs?.[n] ?? '',
    })),
    quantities: (row.quantity_parameters ?? []).map((parameter, n) => ({
      parameter,
      unit: row.quantity_units?.[n] ?? '',
      low: row.quantity_lows?.[n] ?? Number.NaN,
      high: row.quantity_highs?.[n] ?? Number.NaN,
    })),
    positions: (row.latitudes ?? []).map((latitude, n) => ({ latitude, longitude: row.longitudes?.[n] ?? Number.NaN })),
  }
}

const lines = ({ tokens, refs, strings, dates, quantities, positions }: Found): string[] =>
  [
    ...tokens.map((one) => `token ${one}`),
    ...refs.map((one) => `reference ${one}`),
    ...strings.map(({ parameter, value, exact }) => `string ${parameter} ${value} ${exact}`),
    ...dates.map(({ parameter, low, high }) => `date ${parameter} ${instant(low)} ${instant(high)}`),
    ...quantities.map(({ parameter, unit, low, high }) => `quantity ${parameter} ${unit} ${low} ${high}`),
    ...positions.map(({ latitude, longitude }) => `position ${latitude} ${longitude}`),
  ].sort()

const instant = (text: string) => (text.endsWith('infinity') ? text : new Date(text).toISOString())

const FOUND_BY = `
  select r.type, r.id, r.version, r.body, r.tokens, r.refs,
    coalesce((select json_agg(i) from platform.fhir_string i where i.key = r.key), '[]') as strings,
    coalesce((select json_agg(i) from platform.fhir_date i where i.key = r.key), '[]') as dates,
    coalesce((select json_agg(i) from platform.fhir_quantity i where i.key = r.key), '[]') as quantities,
    coalesce((select json_agg(i) from platform.fhir_position i where i.key = r.key), '[]') as positions
  from platform.fhir_resource r`

/** Resources that are not found by what they say, and by that alone. */
export async function indexFaults(owner: pg.Client, base: string): Promise<string[]> {
  const { rows } = await owner.query(FOUND_BY)
  return rows.flatMap(({ type, id, version, body, ...found }) => {
    const resource = body === null ? undefined : (JSON.parse(body) as Resource)
    const of = { type, id, version, at: new Date(), method: 'PUT' as const, resource }
    const index = resource && indexOf(resource, { base })
    const wanted = index ? foundBy(rowOf({ ...of, index, concerns: concernsOf(resource, index) }, 0)) : NOTHING
    try {
      assert.deepEqual(lines(found as Found), lines(wanted))
      return []
    } catch (error) {
      return [`${type}/${id}: ${(error as Error).message}`]
    }
  })
}

/** Every entry of a history, page after page: `id version method`. */
export async function historyOf(client: Client, url: string): Promise<string[]> {
  const listed: string[] = []
  for (let next: string | undefined = url; next; ) {
    const { status, body } = await client.get(next)
    assert.equal(status, 200, JSON.stringify(body))
    for (const { fullUrl, request, response } of body.entry ?? [])
      listed.push(`${fullUrl.split('/').at(-1)} ${/\d+/.exec(response.etag)?.[0]} ${request.method}`)
    next = body.link
      .find(({ relation }: { relation: string }) => relation === 'next')
      ?.url.replace('http://openhcs.test', '')
  }
  return listed
}
