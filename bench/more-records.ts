import { SETTLED, withClient } from './country.ts'
import type { Records } from './records.ts'

const TABLES = ['fhir_resource', 'fhir_string', 'fhir_date', 'fhir_quantity']

/**
 * Makes so many times as many of what makeRecords() made, in the database itself: each copy is of other patients, whom the same practitioners treat. What is searched
 * is put in its indexes at the end, as a loader of bulk data does.
 */
export async function multiply(records: Records, times: number): Promise<Records> {
  const { patients, ownerUrl } = records
  const began = performance.now()
  await withClient(ownerUrl, async (client) => {
    await client.query(`set search_path = platform; set synchronous_commit = off; set maintenance_work_mem = '256MB'`)
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `select c.relname as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i join pg_class c on c.oid = i.indexrelid
       where not i.indisunique and i.indrelid = any ($1::text[]::regclass[])`,
      [TABLES],
    )
    for (const { name } of indexes) await client.query(`drop index ${name}`)
    for (const [text, values] of copies(times, patients)) await client.query(text, values)
    await client.query(
      `select setval('fhir_resource_key_seq', max(key)), setval('fhir_change', max(change)) from fhir_resource`,
    )
    for (const { definition } of indexes) await client.query(definition)
    for (const step of SETTLED) await client.query(step)
  })
  const loadSeconds = (performance.now() - began) / 1_000
  return { ...records, patients: patients * times, observations: records.observations * times, loadSeconds }
}

function copies(times: number, patients: number): [text: string, values: unknown[]][] {
  const copy = `cross join generate_series(1, $1::int - 1) k cross join (select max(key) as keys from fhir_resource) m`
  const other = (id: string) => `left(${id}, 24) || lpad((right(${id}, 12)::int + k * $2::int)::text, 12, '0')`
  return [
    ...TABLES.slice(1).map((table): [string, unknown[]] => {
      const rest = { fhir_string: 'value, exact', fhir_date: 'low, high', fhir_quantity: 'unit, low, high' }[table]
      return [
        `insert into ${table} (key, parameter, ${rest}) select i.key + k * m.keys, parameter, ${rest} from ${table} i ${copy}`,
        [times],
      ]
    }),
    [
      `insert into fhir_resource (key, type, id, version, change, changed_at, method, body, about, categories, care_at, tokens, refs) overriding system value
       select key + k * m.keys, type, n.id, version, change + k * m.keys, changed_at, method, replace(replace(body, r.id, n.id), about[1], n.patient),
         array[n.patient], categories, care_at, tokens, array(select replace(one, about[1], n.patient) from unnest(refs) one)
       from fhir_resource r ${copy}
       cross join lateral (select ${other('about[1]')} as patient, format('o-%s-%s', split_part(r.id, '-', 2)::int + k * $2::int, split_part(r.id, '-', 3)) as id) n`,
      [times, patients],
    ],
    [
      `insert into access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       select gen_random_uuid(), account_id, relationship, subject_type, (${other('subject_id::text')})::uuid, powers, valid_from
       from access_grant cross join generate_series(1, $1::int - 1) k where relationship = 'treatment'`,
      [times, patients],
    ],
  ]
}
