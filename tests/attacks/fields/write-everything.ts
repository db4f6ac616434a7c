import type { OperationSpec } from '#platform/operation.ts'
import { operations } from '../../access/callers.ts'
import { readerOf, send, textsIn } from './asking.ts'
import { fillers, type Kind } from './hostile-texts.ts'
import { isKept } from './not-kept.ts'
import { type Field, fit, freeFieldsOf, withAt } from './text-fields.ts'
import { type Street, turnsOf, type Way, wayOf } from './ways.ts'

interface Place {
  operation: OperationSpec
  row: number
  fields: readonly (Field & { mark: string })[]
}

let marks = 0
export const places: readonly Place[] = operations
  .flatMap((operation) => turnsOf(operation).map((turn) => ({ operation, ...turn })))
  .map(({ operation, row, lacks }) => ({
    ...{ operation, row },
    fields: freeFieldsOf(operation)
      .filter(({ pointer }) => isKept(operation, pointer) && !lacks.some((part) => pointer.startsWith(`${part}/`)))
      .map((field) => ({ ...field, mark: `·${(++marks).toString(36)}·` })),
  }))
  .filter(({ fields }) => fields.length > 0)

const textFor = ({ schema, mark }: Place['fields'][number], kind: Kind, at: number): string => {
  const text = kind.texts[at % kind.texts.length] ?? ''
  return fit(kind === fillers ? text.repeat(schema.maxLength ?? 300) : text, schema, mark)
}

export type Sent = { name: string; text: string; mark: string }[]

/** Writes a text of this kind into every field of every operation; which of them goes by `round`. */
export async function writeEverything(street: Street, kind: Kind, round: number) {
  const sent: Sent = []
  const faults: string[] = []
  for (const [i, place] of places.entries()) faults.push(...(await faultsOf(street, place, kind, round + i, sent)))
  return { sent, faults }
}

/** One request with a text of the kind in each field. */
async function faultsOf(street: Street, place: Place, kind: Kind, at: number, keep: Sent): Promise<string[]> {
  const { operation, row, fields } = place
  const sent = fields.map((field, i) => ({
    name:
      field.pointer
        .replace(/\/\d+$/, '')
        .split('/')
        .at(-1) ?? '',
    text: textFor(field, kind, at + i),
    mark: field.mark,
    pointer: field.pointer,
  }))
  const plain = await wayOf(street, operation, row)
  const way = { ...plain, body: sent.reduce((body, { pointer, text }) => withAt(body, pointer, text), plain.body) }
  const before = operation.method === 'POST' ? undefined : await readBy(way, readerOf(operation, way, undefined))
  const answer = await send(street, operation, way)
  if (answer.status >= 300) return [`${operation.id}: ${answer.status} ${JSON.stringify(answer.body)}`]
  keep.push(...sent)
  const after = await readBy(way, readerOf(operation, way, answer))
  return [
    ...alteredIn(answer.body, sent),
    ...(after === undefined ? [] : [...alteredIn(after, sent), ...missingIn(after, answer.body, sent)]),
    ...(before === undefined || after === undefined ? [] : othersChanged(before, after, way.body as object)),
  ].map((fault) => `${operation.id}: ${fault}`)
}

async function readBy({ as }: Way, path: string | undefined): Promise<Record<string, unknown> | undefined> {
  if (path === undefined) return undefined
  const { status, body } = await as.get(path)
  return status === 200 ? body : undefined
}

/** Texts that carry the mark of a field, and are not what was sent, or stand under another name. */
const alteredIn = (answer: unknown, sent: Sent): string[] =>
  textsIn(answer).flatMap(([name, text]) => {
    const field = sent.find(({ mark }) => text.includes(mark))
    if (!field) return []
    if (name === 'words') return [] // what a dose says, made of its parts
    if (text !== field.text) return [`${field.name} came back as ${JSON.stringify(text)}`]
    return name.toLowerCase().endsWith(field.name.toLowerCase()) ? [] : [`${field.name} came back as ${name}`]
  })

const missingIn = (read: unknown, answered: unknown, sent: Sent): string[] => {
  const texts = (value: unknown) => new Set(textsIn(value).map(([, text]) => text))
  const [there, was] = [texts(read), texts(answered)]
  return sent.flatMap(({ name, text }) =>
    was.has(text) && !there.has(text) ? [`${name} is answered, and not read`] : [],
  )
}

/**
 * What is the answer to a change: versions, and who made them; of a draft who changed which section; of a report also whether it was amended; of a plan who changed it, when and why; of a prescription
 * what it says in words, and what is said against it. */
const ANSWERS: ReadonlySet<string> = new Set([
  'version',
  'words',
  'overridden',
  'changed',
  'changes',
  'versions',
  'practitioner',
  'status',
])

const othersChanged = (before: Record<string, unknown>, after: Record<string, unknown>, body: object): string[] =>
  Object.keys({ ...before, ...after })
    .filter((name) => !ANSWERS.has(name) && !(name in body))
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => `${name} changed, which was not sent`)
