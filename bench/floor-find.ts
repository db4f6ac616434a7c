import { authenticate } from '#platform/auth.ts'
import { type FoundRow, findStatement } from '#services/scheduling/queries/find.ts'
import type { Send } from './bare-driver.ts'
import { filterOf } from './searches.ts'

const PAGE = 20

/** The same statement and the same page as the house's, with nothing checked. */
export async function findPage(send: Send, url: string): Promise<string> {
  const { text, values } = findStatement(filterOf(url, new Date()))
  const rows = (await send(text, values)) as unknown as FoundRow[]
  const last = rows.length > PAGE ? rows[PAGE - 1] : undefined
  return JSON.stringify({ items: rows.slice(0, PAGE).map(itemOf), ...(last && { next: cursorOf(last) }) })
}

const cursorOf = ({ slot, id }: FoundRow) => Buffer.from(JSON.stringify([slot.toISOString(), id])).toString('base64url')

function itemOf({ place_id, place_name, zone, km, slot, minutes, ...row }: FoundRow): object {
  return {
    id: row.id,
    name: row.name,
    gender: row.gender,
    languages: row.languages,
    specialities: row.specialities,
    modes: row.modes,
    place: { id: place_id, name: place_name, zone, ...(km !== null && { distanceKm: Math.round(km * 10) / 10 }) },
    next: { start: slot.toISOString(), end: new Date(slot.getTime() + minutes * 60_000).toISOString() },
  }
}

/** The statement by which the house knows who asks. */
export async function sessionStatement(token: string): Promise<{ text: string; values: readonly unknown[] }> {
  let seen = { text: '', values: [] as readonly unknown[] }
  const db = {
    async executeQuery({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) {
      seen = { text: sql, values: parameters }
      return { rows: [] }
    },
  }
  await authenticate(db as never, token, new Date())
  return seen
}
