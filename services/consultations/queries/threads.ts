import { type Kysely, sql, type Transaction } from 'kysely'
import type { ConsultationsTables } from '../tables.ts'

/** How somebody stands to a patient where it is about writing to each other; nothing where they may not see it. */
export interface Standing {
  relationship: string
  /** The mandate of a caregiver who gets the patient's messages, and so may answer them. */
  mandate: string | null
}

export async function standingTo(
  db: Kysely<ConsultationsTables>,
  { account, patient, category }: { account: string; patient: string; category: string },
  now: Date,
): Promise<Standing | undefined> {
  const { rows } = await sql<Standing>`
    select r.relationship,
      (select g.source_id from platform.access_grant g
       where g.account_id = ${account}::uuid and g.subject_id = ${patient}::uuid and g.relationship = 'mandate' and 'receive-messages' = any (g.powers)
         and g.revoked_at is null and g.valid_from <= ${now}::timestamptz and (g.valid_until is null or g.valid_until > ${now}::timestamptz)
       order by g.id limit 1) as mandate
    from (select platform.may_see(${account}, ${patient}, 'see-record', ${category}, ${now}) as relationship) r
    where r.relationship is not null`.execute(db)
  return rows[0]
}

/** Until the transaction ends: what several write at the same time is counted one after the other. */
export async function takeTurnToWrite(tx: Transaction<ConsultationsTables>, who: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`messages of ${who}`}, 0))`.execute(tx)
}
