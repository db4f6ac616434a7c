import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { type Consent, columns } from '../tables.ts'

type Tx = Transaction<Tables>
export type ConsentRow = Selectable<Consent>

export const insertConsent = (tx: Tx, row: Insertable<Consent>) =>
  tx.insertInto('consent').values(row).returning(columns.consent).executeTakeFirstOrThrow()

export const newestConsents = (db: Kysely<Tables>, patient: string) =>
  db
    .selectFrom('consent')
    .select(columns.consent)
    .distinctOn(['purpose', 'category'])
    .where('patient_id', '=', patient)
    .orderBy('purpose')
    .orderBy('category')
    .orderBy('id', 'desc')
    .execute()

export async function patientOfConsent(db: Kysely<Tables>, id: string): Promise<string | undefined> {
  const row = await db.selectFrom('consent').select('patient_id').where('id', '=', id).executeTakeFirst()
  return row?.patient_id
}

/** Where every room looks; see `may` and `may_see` in the ground's migration 0008. */
export async function setRefusal(
  tx: Tx,
  of: { subject_id: string; purpose: string; category: string },
  refused: boolean,
  since: Date,
): Promise<void> {
  if (refused)
    await tx
      .insertInto('platform.refusal')
      .values({ ...of, since })
      .onConflict((c) => c.doNothing())
      .execute()
  else
    await tx
      .deleteFrom('platform.refusal')
      .where('subject_id', '=', of.subject_id)
      .where('purpose', '=', of.purpose)
      .where('category', '=', of.category)
      .execute()
}
