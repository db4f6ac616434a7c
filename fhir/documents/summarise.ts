import type { Kysely } from 'kysely'
import type { Context } from '#platform/context.ts'
import { languageOf } from '#platform/language.ts'
import { parseExact } from '../decimal.ts'
import { nowhere } from '../interactions/read.ts'
import type { Resource } from '../resource.ts'
import { currentOf } from '../store/current.ts'
import { maySeePatient } from '../store/everything.ts'
import { gather, readSubject } from '../store/gather.ts'
import { noteSeen } from '../store/note-seen.ts'
import { seerOf } from '../store/seer.ts'
import { patientSummary } from './patient-summary.ts'
import { kinds, supportingTypes } from './sections.ts'
import { words } from './words.ts'

export interface ToSummarise {
  base: string
  patient: string
  /** BCP 47. */
  language: string
  /** What may be read. */
  types: readonly string[]
}

/**
 * A summary of a patient's record as far as whoever asks may see it, with an audit row of the summary and of all that is in it. Throws `not-found` where they may not see
 * the record.
 */
export async function summarise(
  ctx: Context<unknown>,
  { base, patient, language, types }: ToSummarise,
): Promise<Resource & { id: string }> {
  const seer = seerOf(ctx)
  const read = async (db: Kysely<unknown>) => {
    const subject = await readSubject(db, patient, seer)
    if (!(await maySeePatient(db, subject.id, seer))) throw nowhere()
    const wanted = kinds.filter(({ type }) => types.includes(type))
    const rows = (await gather(db, subject.id, wanted, seer)).map((row) => ({ ...row, resource: parsed(row.body) }))
    const names = supportingTypes.filter((type) => types.includes(type))
    const to = rows.flatMap(({ refs }) => refs.map((ref) => ref.slice(ref.indexOf('=') + 1).replace(`${base}/`, '')))
    const targets = [...new Set(to)]
      .map((name) => name.split('/'))
      .filter(([type = '', _, more]) => names.includes(type) && more === undefined)
    const beside = await currentOf(
      db,
      targets.map(([type = '', id = '']) => ({ type, id })),
      seer,
    )
    return { subject, rows, beside: [...beside.values()] }
  }
  const { subject, rows, beside } = await ctx.database.apart((db) => read(db as Kysely<unknown>))
  const supporting = beside.flatMap(({ body }) => (body === null ? [] : [parsed(body)]))
  const document = patientSummary({
    ...{ base, at: ctx.now(), language, words: words[languageOf(language) ?? 'en'] },
    patient: subject.found ? parsed(subject.found.body) : { resourceType: 'Patient', id: subject.id },
    ...{ rows, supporting },
  })
  const itself = { type: 'Composition', id: document.id, about: [subject.id] }
  await noteSeen(ctx, [itself, ...(subject.found ? [subject.found] : []), ...rows, ...beside])
  return document
}

const parsed = (body: string) => parseExact(body) as Resource & { id: string }
