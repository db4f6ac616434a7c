import { Problem } from './errors.ts'

/** Opaque cursors: the sort key of the last row shown. They reveal nothing that the row itself did not show. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

const invalid = () =>
  new Problem('invalid', 'The cursor is not one that this operation gave.', {
    errors: [{ pointer: '/query/cursor', detail: 'Use the value of `next` as it came, or leave it out.' }],
  })

/** Parses a cursor; `kinds` names the parts expected. A part that would not survive the database's own parser is refused here. */
export function decodeCursor(
  cursor: string | undefined,
  kinds: readonly ('instant' | 'date' | 'uuid' | 'text' | 'number' | 'integer')[],
) {
  if (cursor === undefined) return undefined
  let key: unknown
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch (cause) {
    throw new Problem('invalid', 'The cursor is not one that this operation gave.', { cause })
  }
  if (!Array.isArray(key) || key.length !== kinds.length) throw invalid()
  for (const [i, kind] of kinds.entries()) if (!fits(key[i], kind)) throw invalid()
  return key as (string | number)[]
}

function fits(value: unknown, kind: string): boolean {
  if (kind === 'number') return Number.isFinite(value)
  if (kind === 'integer') return Number.isSafeInteger(value)
  if (typeof value !== 'string' || value.includes('\0')) return false
  if (kind === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
  if (kind === 'instant') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value))
  if (kind === 'date') return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
  return value.isWellFormed()
}

/** Cuts one row more than asked for into a page: its presence says that there is a next one. */
export function pageOf<Row, Item>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => readonly (string | number)[],
  toItem: (row: Row) => Item,
): { items: Item[]; next?: string } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(toItem)
  return rows.length > limit && last !== undefined ? { items, next: encodeCursor(keyOf(last)) } : { items }
}
