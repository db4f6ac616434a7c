import type pg from 'pg'
import { matchOf } from '../services/registry/duplicates/name-keys.ts'
import { type Registration, truth } from './registered-twice.ts'

// Finds duplicates in a labelled set as the service does, by its own function in the database, and counts what it found.

export interface Verdict {
  /** Pairs that are one person, pairs that were suspected, and those that are both. */
  pairs: number
  suspected: number
  right: number
  recall: number
  precision: number
  wrong: string[]
  missed: string[]
}

const AT_ONCE = 5_000

const idOf = (position: number) => `00000000-0000-7000-8000-${position.toString(16).padStart(12, '0')}`
const positionOf = (id: string) => Number.parseInt(id.slice(24), 16)

/** Writes patients and what they are compared by, as registration does. */
export async function loadRegistrations(owner: pg.Client, list: readonly Registration[]): Promise<void> {
  await owner.query('set search_path = registry, platform')
  for (let from = 0; from < list.length; from += AT_ONCE) {
    const rows = list.slice(from, from + AT_ONCE).map((one, i) => ({
      id: idOf(from + i),
      ...{ name: one.name, ...matchOf(one) },
    }))
    await owner.query(
      `with given as (
         select * from jsonb_to_recordset($1) as g(id uuid, name text, birth_date date, gender text, phone text, tokens text[], skeletons text[], letters text[], keys text[])),
       made as (
         insert into patient (id, name, birth_date, gender, language, zone, phone, created_at, updated_at)
         select id, name, birth_date, gender, 'en', 'UTC', phone, now(), now() from given)
       insert into patient_match (patient_id, patient_version, tokens, skeletons, letters, birth_date, gender, phone, keys)
       select id, 1, tokens, skeletons, letters, birth_date, gender, phone, keys from given`,
      [JSON.stringify(rows)],
    )
  }
  await owner.query('analyze patient_match, patient')
}

/** Everybody is looked up, as at their registration; each pair counts once. */
export async function judge(owner: pg.Client, list: readonly Registration[]): Promise<Verdict> {
  const { rows } = await owner.query<{ one: string; other: string }>(
    `select distinct least(m.patient_id, c.patient_id) as one, greatest(m.patient_id, c.patient_id) as other
     from patient_match m cross join lateral match_candidates(m) c`,
  )
  const suspected = new Set(rows.map(({ one, other }) => `${positionOf(one)} ${positionOf(other)}`))
  const pairs = truth(list)
  const right = [...suspected].filter((pair) => pairs.has(pair)).length
  const shown = (pair: string) =>
    pair
      .split(' ')
      .map((at) => Object.values(list[Number(at)] ?? {}).join(' '))
      .join(' | ')
  return {
    ...{ pairs: pairs.size, suspected: suspected.size, right },
    recall: right / pairs.size,
    precision: right / suspected.size,
    wrong: [...suspected].filter((pair) => !pairs.has(pair)).map(shown),
    missed: [...pairs].filter((pair) => !suspected.has(pair)).map(shown),
  }
}
