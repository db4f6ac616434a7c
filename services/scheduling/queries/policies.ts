import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

export type PolicyOwner = 'Practitioner' | 'Organisation'

export interface PolicyRow {
  cancel_minutes: number
  move_minutes: number
  moves: number | null
  contact: string
  version: number
}

export async function policyOf(db: Kysely<SchedulingTables>, owner: string): Promise<PolicyRow | undefined> {
  const { rows } = await sql<PolicyRow>`
    select cancel_minutes, move_minutes, moves, contact, version from booking_policy where owner_id = ${owner}`.execute(
    db,
  )
  return rows[0]
}

/** Whether there is anything here of whose visits this could be. */
export async function hasVisits(db: Kysely<SchedulingTables>, type: PolicyOwner, owner: string): Promise<boolean> {
  const { rows } = await sql`
    select from practitioner where ${type} = 'Practitioner' and id = ${owner}
    union all select from place where ${type} = 'Organisation' and organisation_id = ${owner}
    union all select from platform.membership where ${type} = 'Organisation' and organisation_id = ${owner}
    union all select from booking_policy where owner_type = ${type} and owner_id = ${owner} limit 1`.execute(db)
  return rows.length > 0
}

export async function managesOrganisation(
  tx: Transaction<SchedulingTables>,
  account: string,
  organisation: string,
): Promise<boolean> {
  const { rows } = await sql<{ manages: boolean }>`
    select platform.works_at(${account}, ${organisation}, '{manager}') as manages`.execute(tx)
  return rows[0]?.manages === true
}

/** Version 1 is that of a policy that nobody has written. False when the version is not the present one. */
export async function keepPolicy(
  tx: Transaction<SchedulingTables>,
  type: PolicyOwner,
  owner: string,
  { version, ...row }: PolicyRow,
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into booking_policy (owner_id, owner_type, cancel_minutes, move_minutes, moves, contact, version, updated_at)
    select ${owner}::uuid, ${type}, ${row.cancel_minutes}::int, ${row.move_minutes}::int, ${row.moves}::smallint, ${row.contact}, 2, ${now}::timestamptz
    where ${version}::int = 1 or exists (select from booking_policy where owner_id = ${owner})
    on conflict (owner_id) do update set cancel_minutes = excluded.cancel_minutes, move_minutes = excluded.move_minutes, moves = excluded.moves,
      contact = excluded.contact, version = booking_policy.version + 1, updated_at = excluded.updated_at
    where booking_policy.version = ${version}`.execute(tx)
  return numAffectedRows === 1n
}
