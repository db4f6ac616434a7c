import { type Kysely, sql } from 'kysely'

/** When each of these, whom whoever asks has been shown, was written first; by its id. */
export async function firstWritten(
  db: Kysely<unknown>,
  type: string,
  ids: readonly string[],
): Promise<Map<string, Date>> {
  const { rows } = await sql<{ id: string; at: Date }>`
    select r.id, coalesce(p.changed_at, r.changed_at) as at from platform.fhir_resource r
    left join platform.fhir_past p on p.key = r.key and p.version = 1 where r.type = ${type} and r.id = any (${[...ids]}::text[])`.execute(
    db,
  )
  return new Map(rows.map(({ id, at }) => [id, at]))
}
