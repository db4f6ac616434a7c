import { type RawBuilder, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import { partsOf } from '../derived-parameters.ts'
import type { Query } from '../query/query.ts'

export interface SortKey {
  by: RawBuilder<unknown>
  /** What a cursor carries is text: how it becomes a value again. */
  cast: (value: RawBuilder<unknown>) => RawBuilder<unknown>
  /** Whether such a text can be one: what a caller made up does not get as far as the database. */
  isMark: (text: string) => boolean
  descending: boolean
}

type Kind = Pick<SortKey, 'cast' | 'isMark'>

const asInstant: Kind = { cast: (value) => sql`(${value})::timestamptz`, isMark: isInstant }
const asText: Kind = { cast: (value) => sql`(${value})::text`, isMark: () => true }
const asNumber: Kind = { cast: (value) => sql`(${value})::float8`, isMark: isNumber }

/** As PostgreSQL writes it: `2031-03-03 09:00:00+00`. */
function isInstant(text: string): boolean {
  const [, day, time, zone] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)([+-]\d\d)$/.exec(text) ?? []
  if (day === undefined) return /^-?infinity$/.test(text)
  return !Number.isNaN(Date.parse(`${day}T${time}${zone}:00`))
}

/** Neither too great for its type nor too small. */
function isNumber(text: string): boolean {
  if (/^-?Infinity$/.test(text)) return true
  if (!/^-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]\d{1,3})?$/.test(text)) return false
  return Number.isFinite(Number(text)) && (Number(text) !== 0 || /^-?0$/.test(text))
}

/** Of several values the first counts; upwards the least, downwards the greatest. What has none comes last, either way. */
export const sortKeysOf = (sort: Query['sort'], types: readonly string[]): SortKey[] =>
  sort.map(({ parameter, descending }) => {
    const { code, type } = parameter
    const names = types.flatMap((one) => (partsOf(parameter) ?? [code]).map((name) => `${one}.${name}`))
    const of = (table: string, column: string) =>
      sql`(select ${descending ? sql`max` : sql`min`}(i.${sql.ref(column)}) from ${sql.table(`platform.${table}`)} i where i.key = r.key and i.parameter = any (${names}::text[]))`
    if (code === '_lastUpdated') return { by: sql`r.changed_at`, ...asInstant, descending }
    if (code === '_id') return { by: sql`r.id collate "C"`, ...asText, descending }
    if (type === 'date') {
      const last = descending ? sql`'-infinity'` : sql`'infinity'`
      return {
        by: sql`coalesce(${of('fhir_date', descending ? 'high' : 'low')}, ${last}::timestamptz)`,
        ...asInstant,
        descending,
      }
    }
    if (type === 'number' || type === 'quantity') {
      const last = descending ? sql`'-infinity'` : sql`'infinity'`
      return {
        by: sql`coalesce(${of('fhir_quantity', descending ? 'high' : 'low')}, ${last}::float8)`,
        ...asNumber,
        descending,
      }
    }
    if (type === 'string' || type === 'uri') {
      const last = descending ? '' : '\u{10ffff}'
      return { by: sql`coalesce(${of('fhir_string', 'value')}, ${last}) collate "C"`, ...asText, descending }
    }
    if (type === 'token' || type === 'reference') {
      const column = type === 'token' ? sql`r.tokens` : sql`r.refs`
      const last = descending ? '' : '\u{10ffff}'
      const plain = type === 'token' ? sql` and strpos(k, '|') = 0` : sql`` // the code alone: systems are no order that anybody means
      const prefixes = sql.join(
        names.map((name) => sql`starts_with(k, ${`${name}=`})`),
        sql` or `,
      )
      return {
        by: sql`coalesce((select ${descending ? sql`max` : sql`min`}(substr(k, strpos(k, '=') + 1) collate "C") from unnest(${column}) k where (${prefixes})${plain}), ${last}) collate "C"`,
        ...asText,
        descending,
      }
    }
    throw new Problem('invalid', 'Sorting by a parameter of this kind is not answered here.', {
      errors: [
        {
          pointer: '/query/_sort',
          detail: 'must name parameters that have one value: dates, strings, numbers, tokens or references',
        },
      ],
    })
  })
