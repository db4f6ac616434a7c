import type { Kysely } from 'kysely'
import type { Context } from '#platform/context.ts'
import { parseExact } from '../decimal.ts'
import { nowhere } from '../interactions/read.ts'
import type { Resource } from '../resource.ts'
import { maySeePatient } from '../store/everything.ts'
import { gather, readSubject } from '../store/gather.ts'
import { noteSeen } from '../store/note-seen.ts'
import { seerOf } from '../store/seer.ts'
import { ofPatient } from './document.ts'
import { kinds } from './sections.ts'

const CORE: ReadonlySet<string> = new Set(['problems', 'allergies', 'medicines', 'immunizations'])
const core = kinds.filter(({ section }) => CORE.has(section))
export const coreTypes: readonly string[] = [...new Set(core.map(({ type }) => type))]

export interface Core {
  patient: Resource & { id: string }
  /** The newest of each kind first, and all of them of this patient, whoever they were before a merge. */
  facts: (Resource & { id: string })[]
  /** How many there are beside those. */
  more: number
}

/**
 * Of these types, what a summary has of a patient's record as far as whoever asks may see it, with an audit row for each. Throws `not-found` where they may not see the
 * record.
 */
export async function coreOf(
  ctx: Context<unknown>,
  { patient: id, types }: { patient: string; types: readonly string[] },
): Promise<Core> {
  const seer = seerOf(ctx)
  const read = async (db: Kysely<unknown>) => {
    const subject = await readSubject(db, id, seer)
    if (!subject.found?.body || !(await maySeePatient(db, subject.id, seer))) throw nowhere()
    const wanted = core.filter(({ type }) => types.includes(type))
    return { patient: subject.found, rows: wanted.length === 0 ? [] : await gather(db, subject.id, wanted, seer) }
  }
  const { patient, rows } = await ctx.database.apart((db) => read(db as Kysely<unknown>))
  await noteSeen(ctx, [patient, ...rows])
  const totals = new Map(rows.map(({ section, type, total }) => [`${section} ${type}`, Number(total)]))
  return {
    patient: parsed(patient.body),
    facts: rows.map(({ body }) => ofPatient(parsed(body), `Patient/${patient.id}`)),
    more: [...totals.values()].reduce((sum, one) => sum + one, 0) - rows.length,
  }
}

const parsed = (body: string | null) => parseExact(body ?? '{}') as Resource & { id: string }
