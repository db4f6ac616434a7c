import { type Kysely, sql } from 'kysely'
import type { ReportsTables } from '../tables.ts'

export async function manages(db: Kysely<ReportsTables>, account: string, organisation: string): Promise<boolean> {
  const { rows } = await sql<{ manages: boolean }>`
    select platform.works_at(${account}, ${organisation}, '{manager}') as manages`.execute(db)
  return rows[0]?.manages === true
}
