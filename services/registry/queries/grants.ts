import { type Insertable, sql, type Transaction } from 'kysely'
import type { AccessGrant, Tables } from '../database.ts'

type Tx = Transaction<Tables>
type NewGrant = Insertable<AccessGrant>

export const newGrant = (tx: Tx, row: NewGrant) => tx.insertInto('platform.access_grant').values(row)

export const insertGrant = (tx: Tx, row: NewGrant) => newGrant(tx, row).execute()

/** Ends what followed from a mandate. It is gone on the next request, since nobody keeps a copy. */
export const revokeGrants = (tx: Tx, source: string, now: Date) =>
  tx
    .updateTable('platform.access_grant')
    .set({ revoked_at: now })
    .where('source_id', '=', source)
    .where('revoked_at', 'is', null)
    .execute()

// Who is out of use keeps what they were given, and may not use it: their grants are ended, and given back. What stands in `licence` and `mandate` decides,
// so that nothing comes back that was revoked meanwhile. The rows that decide are locked first, in a statement of its own: what waited for them sees them anew.

/** The first thing in a transaction that takes a practitioner out of use, or back. */
export const lockLicences = (tx: Tx, practitioner: string) =>
  tx.selectFrom('licence').select('id').where('practitioner_id', '=', practitioner).orderBy('id').forUpdate().execute()

/** Nobody practises while somebody else took them out of use; whoever did so themselves goes on treating whom they treat. */
export const settleLicences = (tx: Tx, practitioner: string, now: Date) =>
  sql`
    update platform.access_grant g set revoked_at = case when stands.so then null else ${now}::timestamptz end
    from platform.access_grant one join practitioner p on p.id = one.subject_id
      cross join lateral (select (p.deactivated_at is null or p.deactivated_by = p.account_id) and exists (
        select from licence l where l.id = one.source_id and l.status = 'verified') as so) stands
    where one.id = g.id and g.subject_id = ${practitioner} and g.relationship = 'licence' and (g.revoked_at is null) <> stands.so`.execute(
    tx,
  )

/** As `lockLicences`. */
export const lockMandatesOf = (tx: Tx, caregiver: string) =>
  tx.selectFrom('mandate').select('id').where('caregiver_id', '=', caregiver).orderBy('id').forUpdate().execute()

/** Mandates rest while their caregiver is out of use: of this caregiver, or those that this merge moved. */
export const settleMandates = (tx: Tx, of: { caregiver: string } | { merge: string }, now: Date) =>
  sql`
    update platform.access_grant g set revoked_at = case when stands.so then null else ${now}::timestamptz end
    from mandate m join caregiver c on c.id = m.caregiver_id
      cross join lateral (select m.revoked_at is null and c.deactivated_at is null as so) stands
    where g.source_id = m.id and g.relationship = 'mandate' and (g.revoked_at is null) <> stands.so
      and ${
        'caregiver' in of
          ? sql`m.caregiver_id = ${of.caregiver}`
          : sql`m.id in (select v.row_id from patient_merge_moved v where v.merge_id = ${of.merge} and v.what = 'mandate')`
      }`.execute(tx)

/** Held until the end of the transaction, so that nobody is taken out of use meanwhile. */
export const holdCaregiver = (tx: Tx, id: string) =>
  tx.selectFrom('caregiver').select('deactivated_at').where('id', '=', id).forShare().executeTakeFirst()

export const holdPractitioner = (tx: Tx, id: string) =>
  tx
    .selectFrom('practitioner')
    .select(['account_id', 'deactivated_at', 'deactivated_by'])
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst()

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

/** Of somebody who is seen without a booking: begins, ends and begins again with being called. The id follows from both, since another may see them later. */
export const settleTreatment = (
  tx: Tx,
  { entry, practitioner, ...row }: Omit<NewGrant, 'id'> & { entry: string; practitioner: string },
  stands: boolean,
  now: Date,
) =>
  tx
    .insertInto('platform.access_grant')
    .values({
      ...row,
      id: sql<string>`md5(${entry}::text || ${practitioner}::text)::uuid`,
      revoked_at: stands ? null : now,
    })
    .onConflict((c) =>
      c.column('id').doUpdateSet({
        revoked_at: stands ? null : sql`coalesce(access_grant.revoked_at, ${now})`,
        valid_until: sql`coalesce(excluded.valid_until, access_grant.valid_until)`,
      }),
    )
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
