import type { Kysely } from 'kysely'
import type { Context } from '#platform/context.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import { parseExact } from '../decimal.ts'
import { noteSeen } from '../store/note-seen.ts'
import { seerOf } from '../store/seer.ts'
import { type Lived, readTimeline } from '../store/timeline.ts'
import { type Kept, type Parameters, queryOf } from './read.ts'

export interface Lives {
  patient: string
  types: readonly string[]
  from?: string | undefined
  until?: string | undefined
  cursor?: string | undefined
  limit: number
  /** What else is asked of them, as FHIR has it; of one type alone. */
  where?: Parameters
  oldestFirst?: boolean
}

export interface Event {
  /** When it was, RFC 3339 in UTC. */
  at: string
  resource: Kept
}

/** A page of what happened to a patient, the newest first unless it is asked otherwise, as far as whoever asks may see it. */
export async function timelineOf<T>(
  given: Context<T>,
  { patient, types, cursor, limit, where, ...asked }: Lives,
): Promise<{ events: Event[]; next: string | undefined }> {
  const ctx = given as unknown as Context<unknown>
  const behind = decodeCursor(cursor, ['instant', 'integer']) as [string, number] | undefined
  const query = where && queryOf(ctx, String(types[0]), where)
  const wanted = { from: undefined, until: undefined, ...asked, patient, types, query, behind, limit: limit + 1 }
  const rows = await ctx.database.apart((db) => readTimeline(db as Kysely<unknown>, wanted, seerOf(ctx)))
  const shown = rows.slice(0, limit)
  await noteSeen(ctx, shown)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { events: shown.map(eventOf), next: last && encodeCursor([last.mark, last.key]) }
}

const eventOf = (row: Lived): Event => ({ at: instantOf(row), resource: parseExact(row.body) as Kept })

const instantOf = ({ care_at }: Lived): string => new Date(care_at).toISOString()
