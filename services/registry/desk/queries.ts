import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { DeskGrant, Membership, Tables } from '../database.ts'
import { containing } from '../queries/places.ts'
import { type ClaimCode, columns, type Organisation, type Patient } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type OrganisationRow = Selectable<Organisation>
export type MembershipRow = Pick<
  Selectable<Membership>,
  'id' | 'account_id' | 'organisation_id' | 'function' | 'given_at'
>
export type DeskFunction = 'desk' | 'manager'

export const organisation = (db: Db, id: string) =>
  db.selectFrom('organisation').select(columns.organisation).where('id', '=', id).executeTakeFirst()

export const holdInUse = (tx: Tx, id: string) =>
  tx
    .selectFrom('organisation')
    .select('id')
    .where('id', '=', id)
    .where('deactivated_at', 'is', null)
    .forShare()
    .executeTakeFirst()

export const insertOrganisation = (tx: Tx, row: Insertable<Organisation>) =>
  tx.insertInto('organisation').values(row).returning(columns.organisation).executeTakeFirstOrThrow()

export const updateOrganisation = (
  tx: Tx,
  id: string,
  version: number | undefined,
  change: Partial<OrganisationRow>,
  now: Date,
) =>
  tx
    .updateTable('organisation')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .$if(version !== undefined, (query) => query.where('version', '=', version as number))
    .returning(columns.organisation)
    .executeTakeFirst()

export const searchOrganisations = (
  db: Db,
  of: { q: string | undefined; after: { name: string; id: string } | undefined; limit: number },
) =>
  db
    .selectFrom('organisation')
    .select(columns.organisation)
    .where('deactivated_at', 'is', null)
    .$if(of.q !== undefined, (query) =>
      query.where(
        sql<boolean>`(fold(name || ' ' || city) like fold(${containing(of.q as string)}) or fold(${of.q as string}) <% fold(name || ' ' || city))`,
      ),
    )
    .$if(of.after !== undefined, (query) =>
      query.where(sql<boolean>`(name, id) > (${of.after?.name}, ${of.after?.id}::uuid)`),
    )
    .orderBy('name')
    .orderBy('id')
    .limit(of.limit + 1)
    .execute()

const at = (account: string, functions: readonly DeskFunction[]) =>
  sql<boolean>`platform.works_at(${account}, organisation.id, ${functions}::text[])`

/** An organisation in use where this account works as one of these; an administrator stands for every function where that is said. */
export const workplace = (
  db: Db,
  id: string,
  of: { account: string; functions: readonly DeskFunction[]; administrator?: boolean },
) =>
  db
    .selectFrom('organisation')
    .select(['id', 'deactivated_at'])
    .where('id', '=', id)
    .where(sql<boolean>`(${of.administrator ?? false} or (deactivated_at is null and ${at(of.account, of.functions)}))`)
    .executeTakeFirst()

const MEMBERSHIP = ['id', 'account_id', 'organisation_id', 'function', 'given_at'] as const

export const insertMembership = (tx: Tx, row: MembershipRow & { given_by: string }) =>
  tx.insertInto('platform.membership').values(row).execute()

export const memberships = (
  db: Db,
  of: ({ organisation: string } | { account: string }) & { before: string | undefined; limit: number },
) =>
  db
    .selectFrom('platform.membership')
    .select(MEMBERSHIP)
    .where((eb) =>
      'organisation' in of ? eb('organisation_id', '=', of.organisation) : eb('account_id', '=', of.account),
    )
    .where('ended_at', 'is', null)
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

/** By oneself, by who may say who works there, or by an administrator. */
export const endMembership = (tx: Tx, id: string, by: { account: string; administrator: boolean; now: Date }) =>
  tx
    .updateTable('platform.membership')
    .set({ ended_at: by.now, ended_by: by.account })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where(
      sql<boolean>`(${by.administrator} or account_id = ${by.account} or platform.works_at(${by.account}, organisation_id, '{manager}'))`,
    )
    .returning(MEMBERSHIP)
    .executeTakeFirst()

export const endMemberships = (tx: Tx, organisation: string, by: { account: string; now: Date }) =>
  tx
    .updateTable('platform.membership')
    .set({ ended_at: by.now, ended_by: by.account })
    .where('organisation_id', '=', organisation)
    .where('ended_at', 'is', null)
    .execute()

export const insertDeskGrant = (tx: Tx, row: Insertable<DeskGrant>) =>
  tx.insertInto('platform.desk_grant').values(row).execute()

/** Whether this account keeps a record for somebody who cannot do it themselves; the row is locked, so that they cannot take it over meanwhile. */
export async function keptAtDesk(tx: Tx, kind: 'patient' | 'practitioner', id: string, account: string, now: Date) {
  const { rows } = await sql`
    select from ${sql.table(kind)} where id = ${id} and account_id is null and not is_somebodys(id) and platform.may(${account}, id, 'keep-profile', ${now}) = 'desk'
    for no key update`.execute(tx)
  return rows.length > 0
}

/** Whether nobody signs in for this patient; locked, so that nobody takes it over meanwhile. */
export async function holdNobodys(tx: Tx, patient: string): Promise<boolean> {
  const { rows } = await sql`
    select from patient where id = ${patient} and id = survivor_of(id) and account_id is null and erased_at is null and not is_somebodys(id)
    for no key update`.execute(tx)
  return rows.length > 0
}

/** Whether this account works where the colleague does, or where the patient was registered. */
export async function worksBeside(
  db: Db,
  of: { account: string; colleague: string; patient: string },
): Promise<boolean> {
  const { rows } = await sql`
    select from platform.membership m
    where m.account_id = ${of.account} and m.ended_at is null and (
      exists (
        select from platform.membership c
        where c.account_id = ${of.colleague} and c.organisation_id = m.organisation_id and c.ended_at is null)
      or exists (
        select from platform.desk_grant d
        where d.subject_id = ${of.patient} and d.organisation_id = m.organisation_id and d.source_id = d.subject_id and d.revoked_at is null))
    limit 1`.execute(db)
  return rows.length > 0
}

export const looksAfter = (organisation: string, subject: string, now: Date) => sql<boolean>`exists (
  select from platform.desk_grant d where d.organisation_id = ${organisation} and d.subject_id = ${sql.ref(subject)}
    and d.revoked_at is null and d.valid_from <= ${now} and (d.valid_until is null or d.valid_until > ${now}))`

export type FoundPatient = Pick<Selectable<Patient>, 'id' | 'name' | 'birth_date' | 'gender' | 'phone' | 'account_id'>

export const patientsOf = (
  db: Db,
  organisation: string,
  of: {
    name: string | undefined
    birthDate: string | undefined
    phone: string | null | undefined
    before: string | undefined
    now: Date
    limit: number
  },
): Promise<FoundPatient[]> =>
  db
    .selectFrom('patient')
    .select(['id', 'name', 'birth_date', 'gender', 'phone', 'account_id'])
    .where(looksAfter(organisation, 'patient.id', of.now))
    .where('deactivated_at', 'is', null)
    .$if(of.name !== undefined, (query) =>
      query.where(
        sql<boolean>`(fold(name) like fold(${containing(of.name ?? '')}) or fold(${of.name ?? ''}) <% fold(name))`,
      ),
    )
    .$if(of.birthDate !== undefined, (query) => query.where('birth_date', '=', of.birthDate as string))
    .$if(of.phone !== undefined, (query) => query.where('phone', '=', of.phone as string))
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

// Visits. The id follows from appointment and organisation: so whichever of `booked` and `cancelled` is delivered first, the outcome is the same.

export interface Visit {
  appointment: string
  organisation: string
  patient: string
  until: Date | null
  now: Date
}

const written = ({ appointment, organisation, patient, until, now }: Visit, revoked: Date | null) => sql`
  insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from, valid_until, revoked_at)
  values (md5(${appointment}::text || ${organisation}::text)::uuid, ${organisation}, 'Patient', ${patient}, ${appointment}, ${now}, ${until}, ${revoked})`

/** As the visit is now; one that was cancelled stays so. Where the place is of another organisation than before, that one has no part in it any more. */
export async function keepVisit(tx: Tx, appointment: string, visit: Visit | undefined, now: Date): Promise<void> {
  await sql`
    update platform.desk_grant set revoked_at = ${now}
    where source_id = ${appointment} and organisation_id is distinct from ${visit?.organisation ?? null}::uuid and revoked_at is null`.execute(
    tx,
  )
  if (!visit) return
  await sql`${written(visit, null)} on conflict (id) do update set valid_until = excluded.valid_until, revoked_at = null
    where desk_grant.valid_until is not null`.execute(tx)
}

export const endVisit = (tx: Tx, visit: Visit) =>
  sql`${written(visit, visit.now)} on conflict (id) do update set valid_until = null, revoked_at = coalesce(desk_grant.revoked_at, excluded.revoked_at)`.execute(
    tx,
  )

/** Who awaits the patient: the organisation whose place it is; without a place, the one whose desk keeps the practitioner's hours. */
export async function organisationAt(db: Db, of: { place: string | undefined; practitioner: string }) {
  const { rows } = await sql<{ id: string | null }>`
    select organisation_id as id from place where id = ${of.place ?? null}
    union all
    select organisation_id from practitioner
    where ${of.place ?? null}::uuid is null and id = ${of.practitioner} and account_id is null and not is_somebodys(id)`.execute(
    db,
  )
  return rows[0]?.id ?? null
}

// Claim codes

export const replaceCode = (tx: Tx, subject: string, now: Date) =>
  tx
    .updateTable('claim_code')
    .set({ replaced_at: now })
    .where('subject_id', '=', subject)
    .where('used_at', 'is', null)
    .where('replaced_at', 'is', null)
    .execute()

export const insertCode = (tx: Tx, row: Insertable<ClaimCode>) => tx.insertInto('claim_code').values(row).execute()

export interface Claimed {
  subject_type: 'Patient' | 'Practitioner'
  subject_id: string
}

/**
 * Takes effect once: whoever comes second finds it used. Not for who works at the desk that could have printed it, nor for who acts for
 * the person: it would open the record to them, and to a guardian beyond the childhood.
 */
export async function useCode(
  tx: Tx,
  of: { hashes: Buffer[]; birthDate: string | undefined; account: string; now: Date },
): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`
    update claim_code c set used_at = ${of.now}, used_by = ${of.account}
    where c.code_hash = any(${of.hashes}) and c.used_at is null and c.replaced_at is null and c.expires_at > ${of.now}
      and c.made_by <> ${of.account} and not exists (
        select from platform.membership m join platform.desk_grant d on d.organisation_id = m.organisation_id and d.source_id = d.subject_id
        where m.account_id = ${of.account} and m.ended_at is null and d.subject_id = c.subject_id)
      and not exists (
        select from platform.access_grant g where g.account_id = ${of.account} and g.subject_id = c.subject_id and g.relationship = 'mandate')
      and (c.subject_type = 'Practitioner' or exists (
        select from patient p where p.id = c.subject_id and p.birth_date = ${of.birthDate ?? null}::date))
    returning subject_type, subject_id`.execute(tx)
  return rows[0]
}

export async function giveAccount(tx: Tx, kind: 'patient' | 'practitioner', id: string, account: string, now: Date) {
  const { rows } = await sql`
    update ${sql.table(kind)} set account_id = ${account}, version = version + 1, updated_at = ${now}
    where id = ${id} and account_id is null and erased_at is null and not is_somebodys(id) returning id`.execute(tx)
  return rows.length > 0
}

/** What verifying them would have written, had there been an account. */
export const licencesToGrant = (tx: Tx, practitioner: string, now: Date) =>
  tx
    .selectFrom('licence')
    .select(['id', 'practitioner_id', 'valid_from', 'valid_until'])
    .where('practitioner_id', '=', practitioner)
    .where('status', '=', 'verified')
    .where(sql<boolean>`upper(holds) > ${now}`)
    .execute()

/** `false` when there are `most` already. One account's are counted one after another, and before the code is looked at. */
export async function beginAttempt(
  tx: Tx,
  of: { id: string; account: string; now: Date; since: Date; most: number },
): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended('claim ' || ${of.account}, 0))`.execute(tx)
  const { rows } = await sql`
    insert into claim_attempt (id, account_id, at) select ${of.id}, ${of.account}, ${of.now}
    where (select count(*) from claim_attempt where account_id = ${of.account} and at > ${of.since}) < ${of.most} returning id`.execute(
    tx,
  )
  return rows.length > 0
}

export const forgiveAttempt = (tx: Tx, id: string) => tx.deleteFrom('claim_attempt').where('id', '=', id).execute()

/**
 * A slip that was found: whoever has it may not go through all birth dates. The attempt is written once more, so that a code that nobody was
 * given costs a write as well, and takes as long.
 */
export const countWrong = (tx: Tx, of: { hashes: Buffer[]; most: number; now: Date; attempt: string }) =>
  sql`with slip as (
      update claim_code set wrong = wrong + 1, replaced_at = case when wrong + 1 >= ${of.most} then ${of.now}::timestamptz end
      where code_hash = any(${of.hashes}) and used_at is null and replaced_at is null)
    update claim_attempt set at = at where id = ${of.attempt}`.execute(tx)

export const dropAttempts = (tx: Tx, before: Date) => tx.deleteFrom('claim_attempt').where('at', '<', before).execute()
