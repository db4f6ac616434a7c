import { type Kysely, sql } from 'kysely'

/** Whether an administrator lets this app bring in what other systems know. */
export async function mayImport(db: Kysely<unknown>, client: string): Promise<boolean> {
  const { rows } = await sql`select from platform.client_grant where client_id = ${client} and imports`.execute(db)
  return rows.length > 0
}
