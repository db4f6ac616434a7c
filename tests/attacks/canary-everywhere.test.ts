import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TSchema } from 'typebox'
import type { OperationSpec } from '#platform/operation.ts'
import { operations } from '../access/callers.ts'
import { openStreet, send } from './fields/asking.ts'
import { isKept } from './fields/not-kept.ts'
import { type Field, fieldsOf, fit, withAt } from './fields/text-fields.ts'
import { type Street, turnsOf, type Way, wayOf } from './fields/ways.ts'

// Generated from the contracts: a canary in every text of every operation, once so that it is taken and once wherever a string can be put at all. None of them
// may be in what is written down beside the records. An operation that is never answered with 2xx fails the run, unless it is named here.

const CANARY = 'Canary'
const LEAKED = /canary/i

/** Why it is not brought to 2xx here. */
const unreached: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'readBulkExport endBulkExport readBulkFile readBulkImport readBulkFaults'
      .split(' ')
      .map((id) => [id, 'apps that come for themselves, and who brings something in: services/records/bulk']),
  ),
  claimRecord: 'a desk gives the code: services/registry/desk tries it, and canary.test.ts what people enter there',
}

/** A canary in the form that the field asks for, where it has room for one. */
function canaryFor({ schema, pointer }: Field): string | undefined {
  const name = `${CANARY}${pointer.replace(/\W/g, '')}`
  if (schema.format === 'email') return `${name.toLowerCase()}@example.org`
  return (schema.maxLength ?? 300) < CANARY.length ? undefined : fit(name, schema)
}

function filled(body: unknown, fields: readonly Field[]): unknown {
  return fields.reduce((filling, field) => {
    const canary = canaryFor(field)
    return canary === undefined ? filling : withAt(filling, field.pointer, canary)
  }, body)
}

const takenIn = (operation: OperationSpec, lacks: readonly string[]) =>
  fieldsOf(operation.body).filter(
    ({ free, schema, pointer }) =>
      ((free && isKept(operation, pointer)) || schema.format === 'email') &&
      !lacks.some((part) => pointer.startsWith(`${part}/`)),
  )

/** The way as it is, with a canary wherever the text is kept, or looked for. */
const asTaken = (operation: OperationSpec, way: Way, lacks: readonly string[]): Way =>
  way.body === undefined ? way : { ...way, body: filled(way.body, takenIn(operation, lacks)) }

/** In the path, in the query, in every string and under a name that nobody knows: most are refused. */
function asRefused({ body, query, params }: OperationSpec, way: Way): Way {
  const names = (schema: TSchema | undefined) =>
    Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
  return {
    as: way.as,
    params: Object.fromEntries(names(params).map((name) => [name, `${CANARY}${name}`])),
    query: [...names(query), 'unknown'].map((name) => `${name}=${CANARY}${name}`).join('&'),
    ...(body && { body: { ...(filled(way.body ?? {}, fieldsOf(body)) as object), [`${CANARY}Member`]: CANARY } }),
    ...(way.upload && { upload: Buffer.from(`${CANARY},${CANARY}\n${CANARY}`) }),
  }
}

/** Whether it came to 2xx; and faults, in words. */
async function tried(
  street: Street,
  operation: OperationSpec,
): Promise<{ reached: boolean; faults: string[]; last: string }> {
  const way = await wayOf(street, operation)
  const faults: string[] = []
  for (const wrong of [asRefused(operation, way), { ...asRefused(operation, way), params: way.params ?? {} }]) {
    const { status, headers, body } = await send(street, operation, wrong)
    if (status >= 500) faults.push(`${operation.id}: ${status}`)
    if (status >= 400 && LEAKED.test(JSON.stringify([headers, body]).replaceAll(`${CANARY}Member`, '')))
      faults.push(`${operation.id} repeats what it refuses`)
  }
  const [first, ...others] = turnsOf(operation)
  const lasts = [await taken(street, operation, way, first?.lacks ?? [], faults)]
  for (const { row, lacks } of others)
    lasts.push(await taken(street, operation, await wayOf(street, operation, row), lacks, faults))
  return { reached: lasts.every((last) => last.startsWith('2')), faults, last: lasts.join(', ') }
}

async function taken(street: Street, operation: OperationSpec, way: Way, lacks: readonly string[], faults: string[]) {
  const { status, headers, body } = await send(street, operation, asTaken(operation, way, lacks))
  if (LEAKED.test(JSON.stringify(headers))) faults.push(`${operation.id}: in the headers`)
  return `${status} ${JSON.stringify(body)}`
}

/** What is written beside the records: jobs and events, the audit, metrics, and what a mail says of itself outside its text. */
async function writtenBeside({ house, smtp }: Street): Promise<Record<string, string>> {
  const all = async (text: string) => JSON.stringify((await house.owner.query(text)).rows)
  return {
    jobs: await all('select payload, key, last_error from graphile_worker._private_jobs'),
    audit: await all('select * from platform.audit_event'),
    metrics: (await house.anonymous.get('/metrics')).body,
    mails: JSON.stringify(smtp.mails.map(({ subject }) => subject)),
  }
}

const leaksIn = (places: Record<string, string>): string[] =>
  Object.entries(places).flatMap(([where, text]) => {
    const [found] = /.{0,80}canary.{0,80}/i.exec(text) ?? []
    return found === undefined ? [] : [`${where}: ${found}`]
  })

const BATCH = 6
const batches = Array.from({ length: Math.ceil(operations.length / BATCH) }, (_, i) =>
  operations.slice(i * BATCH, (i + 1) * BATCH),
)

describe('a canary in every string of every operation', { concurrency: 2 }, () => {
  for (const batch of batches)
    it(`is in nothing written beside the records: ${batch[0]?.id} to ${batch.at(-1)?.id}`, async (t) => {
      const lines: string[] = []
      const log = (line: string) => lines.push(line)
      const faults: string[] = []
      const again = await together(batch, log, faults)
      for (const operation of again) faults.push(...(await alone(operation, log)))
      faults.push(...leaksIn({ log: lines.join('') }))
      assert.ok(lines.length > batch.length, 'there was something to look at')
      t.diagnostic(`in a world of their own: ${again.map(({ id }) => id)}`)
      assert.deepEqual(faults, [])
    })

  it('names no operation as unreached that is not there', () => {
    const ids = new Set(operations.map(({ id }) => id))
    assert.deepEqual(
      Object.keys(unreached).filter((id) => !ids.has(id)),
      [],
    )
  })
})

/** In one world, one after the other. Those that were not answered with 2xx are left. */
async function together(batch: readonly OperationSpec[], log: (line: string) => void, faults: string[]) {
  await using street = await openStreet(log)
  const left: OperationSpec[] = []
  for (const operation of batch) {
    const { reached, faults: found } = await tried(street, operation)
    faults.push(...found)
    if (!reached) left.push(operation)
  }
  faults.push(...leaksIn(await writtenBeside(street)))
  await street.house.work()
  faults.push(...leaksIn(await writtenBeside(street)))
  return left
}

/** What others have taken away is asked about again, where nobody has been. */
async function alone(operation: OperationSpec, log: (line: string) => void): Promise<string[]> {
  await using street = await openStreet(log)
  const { reached, faults, last } = await tried(street, operation)
  if (reached === operation.id in unreached)
    faults.push(
      `${operation.id} was ${reached ? 'answered with 2xx, and is named as unreached' : `never answered with 2xx, but with ${last}`}`,
    )
  await street.house.work()
  return [...faults, ...leaksIn(await writtenBeside(street))]
}
