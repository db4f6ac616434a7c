import { Ajv } from 'ajv'
import type { TSchema } from 'typebox'
import type { OperationSpec } from '#platform/operation.ts'
import { refused } from './hostile-texts.ts'

/** A place in a body where text is asked for. */
export interface Field {
  /** JSON pointer within the body; of a list its first member. */
  pointer: string
  schema: { pattern?: string; format?: string; minLength?: number; maxLength?: number }
  /** Takes whatever people write. The others take one form only: a date, a language, a number. */
  free: boolean
  /** Paragraphs: line ends and tabs are in order. */
  prose: boolean
}

const ajv = new Ajv({ strict: false, formats: {} })
const takes = ({ pattern, minLength, maxLength }: Field['schema'], text: string) =>
  ajv.validate(
    { type: 'string', ...(pattern !== undefined && { pattern }), minLength: minLength ?? 0, maxLength },
    text,
  )

const PROBE = `<"'=\u202e\u0301漢{>`

interface Json {
  type?: string
  properties?: Record<string, TSchema>
  items?: TSchema
  enum?: unknown[]
  const?: unknown
  anyOf?: TSchema[]
  format?: string
}

export function fieldsOf(schema: TSchema | undefined, pointer = ''): Field[] {
  const { type, properties, items, enum: values, const: only, anyOf, format } = (schema ?? {}) as Json
  if (properties) return Object.entries(properties).flatMap(([name, one]) => fieldsOf(one, `${pointer}/${name}`))
  if (items) return fieldsOf(items, `${pointer}/0`)
  if (anyOf) return anyOf.flatMap((one) => fieldsOf(one, pointer))
  if (type !== 'string' || values || only !== undefined) return []
  const text = schema as Field['schema']
  const free = format === undefined && takes(text, fit(PROBE, text))
  return [{ pointer, schema: text, free, prose: free && takes({ ...text, minLength: 0 }, 'a\tb\r\nc') === true }]
}

export const freeFieldsOf = ({ body }: OperationSpec): Field[] => fieldsOf(body).filter(({ free }) => free)

/** A text in the length that a field asks for, with `mark` behind its last sign: gaps at its end stay there. Lengths are in code points. */
export function fit(text: string, { minLength = 0, maxLength = 300 }: Field['schema'], mark = ''): string {
  const [, seen = '', gap = ''] = /^(.*?)(\s*)$/su.exec(text) ?? []
  const room = maxLength - [...mark].length - gap.length
  const signs = [...seen].slice(0, room)
  const short = minLength - signs.length - [...mark].length - gap.length
  return `${signs.join('')}${'·'.repeat(Math.max(0, short))}${mark}${gap}`
}

/** What this field must refuse; beside that, one sign more than it takes. */
export const refusedBy = ({ schema, prose }: Field): readonly { name: string; text: unknown }[] => [
  ...refused.filter(({ proseToo }) => proseToo || !prose),
  ...(schema.maxLength === undefined ? [] : [{ name: 'too long', text: 'x'.repeat(schema.maxLength + 1) }]),
]

/** A copy of a body with something in one place of it; what leads there is made. */
export function withAt(body: unknown, pointer: string, value: unknown): unknown {
  const [, name = '', ...rest] = pointer.split('/')
  if (pointer === '') return value
  const below = rest.length === 0 ? '' : `/${rest.join('/')}`
  if (/^\d+$/.test(name)) {
    const list = [...((body as unknown[] | undefined) ?? [])]
    list[Number(name)] = withAt(list[Number(name)], below, value)
    return list
  }
  const object = (body as Record<string, unknown> | undefined) ?? {}
  return { ...object, [name]: withAt(object[name], below, value) }
}
