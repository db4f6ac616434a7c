import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'

export type Kept = 'patient' | 'practitioner' | 'organisation' | 'place'

/** Those of them that there are, which nobody else changes until the transaction ends. In the order of their ids, so that two who hold several do not wait for each other. */
export async function held(tx: Transaction<Tables>, table: Kept, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)} where id = any (${ids}::uuid[]) order by id for no key update`.execute(tx)
  return rows.map(({ id }) => id)
}

/** By which clock people live around an organisation: that of its newest place. */
export async function zoneAround(db: Kysely<Tables>, organisation: string): Promise<string | undefined> {
  const found = db
    .selectFrom('place')
    .select('zone')
    .where('organisation_id', '=', organisation)
    .where('deactivated_at', 'is', null)
  return (await found.orderBy('id', 'desc').limit(1).executeTakeFirst())?.zone
}
