import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exampleOf } from '#platform/openapi.ts'
import type { OperationSpec } from '#platform/operation.ts'
import type { Answer } from '#platform/testing.ts'
import { operations } from '../access/callers.ts'
import { openStreet, send, textsIn } from './fields/asking.ts'
import { kept } from './fields/hostile-texts.ts'
import { isKept } from './fields/not-kept.ts'
import { type Field, fieldsOf, fit, refusedBy, withAt } from './fields/text-fields.ts'
import { rowWayOf, type Street } from './fields/ways.ts'

// What is no text is refused with the place where it is, in every operation that takes a text; and nothing that is sent breaks anything.

const writers = operations.filter(({ body }) => fieldsOf(body).length > 0)

/** The body of the row, with what it leaves out and is needed beside this text. */
function bodyAround({ body: schema }: OperationSpec, body: unknown, pointer: string): unknown {
  const example = (schema ? exampleOf(schema) : {}) as Record<string, unknown>
  const needed = new Set([...((schema?.required ?? []) as string[]), pointer.split('/')[1]])
  return { ...Object.fromEntries(Object.entries(example).filter(([name]) => needed.has(name))), ...(body as object) }
}

function ask(street: Street, operation: OperationSpec, pointer: string, text: unknown): Promise<Answer> {
  const way = rowWayOf(street, operation)
  return send(street, operation, { ...way, body: withAt(bodyAround(operation, way.body, pointer), pointer, text) })
}

/** Broken Unicode is found before anything is known of fields. */
const BROKEN = /^(NUL|half a pair)/

async function acceptedBy(street: Street, operation: OperationSpec, field: Field): Promise<string[]> {
  const faults: string[] = []
  for (const { name, text } of refusedBy(field)) {
    const { status, body } = await ask(street, operation, field.pointer, text)
    const named = (body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer)
    const place = BROKEN.test(name) ? '/body' : `/body${field.pointer}`
    if (status !== 400 || !named.some((one: string) => one.startsWith(place)))
      faults.push(`${operation.id} ${field.pointer}: ${name}: ${status} ${JSON.stringify(named)}`)
  }
  return faults
}

const accepted = async (street: Street, only: (operation: OperationSpec, field: Field) => boolean) => {
  const faults: string[] = []
  for (const operation of writers)
    for (const field of fieldsOf(operation.body))
      if (only(operation, field)) faults.push(...(await acceptedBy(street, operation, field)))
  return faults
}

/** At the text itself; on the FHIR face also at the resource that it lies in, where that is not what was asked for, or does not say what it is. */
function isPlaced({ fhir }: OperationSpec, { pointer }: Field, errors: { pointer: string }[]): boolean {
  const place = `/body${pointer}`
  const within = (one: string) => /\/resource$/.test(one) && place.startsWith(one)
  return errors.some(
    (one) => one.pointer.startsWith(place) || (fhir && within(one.pointer.replace(/\/resourceType$/, ''))),
  )
}

/** A text of each kind where a form is asked for, or where it is compared: refused with its place, or taken as it is; repeated to nobody. */
async function brokenBy(street: Street, operation: OperationSpec, field: Field, at: number): Promise<string[]> {
  const faults: string[] = []
  for (const { name, texts } of kept) {
    const text = fit(texts[at % texts.length] ?? '', field.schema)
    const { status, body } = await ask(street, operation, field.pointer, text)
    const where = `${operation.id} ${field.pointer}: ${name}: ${status}`
    if (status >= 500) faults.push(where)
    if (body.code === 'invalid' && !isPlaced(operation, field, body.errors)) faults.push(`${where} without its place`)
    if (
      status >= 400 &&
      /[^a-z-]/.test(text) &&
      text.length > 9 &&
      textsIn(body).some(([, told]) => told.includes(text))
    )
      faults.push(`${where} repeats it`)
  }
  return faults
}

describe('what is no text', () => {
  it('is refused with its place by every field that takes free text and keeps it', async () => {
    await using street = await openStreet()
    assert.deepEqual(await accepted(street, (operation, { free, pointer }) => free && isKept(operation, pointer)), [])
  })

  it('is refused by every field of a form of its own', async () => {
    await using street = await openStreet()
    assert.deepEqual(await accepted(street, (_, { free }) => !free), [])
  })
})

describe('a hostile text', () => {
  it('breaks nothing where a form is asked for, or where it is compared with a secret or looked for', async () => {
    await using street = await openStreet()
    const faults: string[] = []
    let at = 0
    for (const operation of writers)
      for (const field of fieldsOf(operation.body))
        if (!field.free || !isKept(operation, field.pointer))
          faults.push(...(await brokenBy(street, operation, field, at++)))
    assert.deepEqual(faults, [])
  })
})
