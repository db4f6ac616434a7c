import { sql, type Transaction } from 'kysely'
import type { CarePlansTables } from '../tables.ts'

/** Who prescribes to the same patient at the same time waits, and then sees what was prescribed. */
export async function lockPrescriptions(tx: Transaction<CarePlansTables>, patient: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`prescriptions of ${patient}`}, 0))`.execute(tx)
}
