import pg from 'pg'
import { newId } from '#platform/ids.ts'
import type { Country } from './country.ts'

export interface AccessFigures {
  /** Median milliseconds of one statement that only answers, and of one that also decides. */
  floor: number
  decided: number
  decidedSensitive: number
}

const GRANTS = 1_000
const EACH = 3_000

/** What deciding costs, for a practitioner who treats a thousand people: the same trip to the database with and without it, in turn. */
export async function benchAccess({ ownerUrl }: Country): Promise<AccessFigures> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const account = newId()
    const subjects = Array.from({ length: GRANTS }, newId)
    await client.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       select gen_random_uuid(), $1::uuid, 'treatment', 'Patient', s, '{see-record}'::text[], now() - interval '1 day' from unnest($2::uuid[]) s
       union all select gen_random_uuid(), $1::uuid, 'licence', 'Practitioner', gen_random_uuid(), '{practise}'::text[], now() - interval '1 day'`,
      [account, subjects],
    )
    await client.query('analyze platform.access_grant')
    const statements = {
      floor: { name: 'floor', text: 'select $1::uuid, $2::uuid, $3::text' },
      decided: { name: 'decided', text: 'select platform.may($1, $2, $3, now())' },
      decidedSensitive: { name: 'sensitive', text: `select platform.may_see($1, $2, $3, 'mental-health', now())` },
    }
    const seen = { floor: [] as number[], decided: [] as number[], decidedSensitive: [] as number[] }
    for (let i = 0; i < EACH; i++)
      for (const [kind, statement] of Object.entries(statements)) {
        const values = [account, subjects[(i * 7) % GRANTS], 'see-record']
        const began = performance.now()
        const { rows } = await client.query({ ...statement, values })
        seen[kind as keyof typeof seen].push(performance.now() - began)
        if (kind !== 'floor' && !Object.values(rows[0]).includes('treatment')) throw new Error('It was decided wrongly')
      }
    return { floor: median(seen.floor), decided: median(seen.decided), decidedSensitive: median(seen.decidedSensitive) }
  } finally {
    await client.end()
  }
}

const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
