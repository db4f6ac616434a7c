import { type Insertable, sql, type Transaction } from 'kysely'
import type { AccessGrant, Tables } from '../database.ts'

type Tx = Transaction<Tables>
type NewGrant = Insertable<AccessGrant>

export const insertGrant = (tx: Tx, row: NewGrant) => tx.insertInto('platform.access_grant').values(row).execute()

/** Ends what followed from a mandate. It is gone on the next request, since nobody keeps a copy. */
export const revokeGrants = (tx: Tx, source: string, now: Date) =>
  tx
    .updateTable('platform.access_grant')
    .set({ revoked_at: now })
    .where('source_id', '=', source)
    .where('revoked_at', 'is', null)
    .execute()

/** What a guardian may do for this child now; undefined for whoever is none. */
export const guardianOf = async (tx: Tx, of: { account: string; patient: string; now: Date }) => {
  const { rows } = await sql<{ powers: string[]; valid_until: Date }>`
    select powers, valid_until from platform.access_grant
    where account_id = ${of.account} and subject_id = ${of.patient} and 'grant' = any (powers)
      and revoked_at is null and valid_from <= ${of.now} and valid_until > ${of.now} limit 1`.execute(tx)
  return rows[0]
}

// A treatment has the id of its appointment. So whichever of `booked` and `cancelled` is delivered first, the outcome is the same:
// a cancelled one leaves its row behind, and a late booking finds it there.

export const insertTreatment = (tx: Tx, row: NewGrant) =>
  tx
    .insertInto('platform.access_grant')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .execute()

export const endTreatment = (tx: Tx, row: NewGrant, now: Date) =>
  tx
    .insertInto('platform.access_grant')
    .values({ ...row, revoked_at: now })
    .onConflict((c) => c.column('id').doUpdateSet({ revoked_at: sql`coalesce(access_grant.revoked_at, ${now})` }))
    .execute()

export const moveTreatment = (tx: Tx, appointment: string, until: Date) =>
  tx
    .updateTable('platform.access_grant')
    .set({ valid_until: until })
    .where('id', '=', appointment)
    .where('revoked_at', 'is', null)
    .execute()

export const practitionerAccount = (tx: Tx, practitioner: string) =>
  tx.selectFrom('practitioner').select('account_id').where('id', '=', practitioner).executeTakeFirst()
