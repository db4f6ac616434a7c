import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'

export interface SeenRow {
  id: number
  at: Date
  actor: string
  action: string
  entity: string
  operation: string
  relationship: string | null
  reason: string | null
  /** Whether the account is the patient. */
  own: boolean
  practitioner: string | null
  caregiver: string | null
  administrator: boolean
}

/** Newest first. Names are those of today; ids grow with time, and an index leads from the person to them. */
export async function seenOf(
  db: Kysely<Tables>,
  { patient, before, limit }: { patient: string; before: number | undefined; limit: number },
): Promise<SeenRow[]> {
  const { rows } = await sql<SeenRow>`
    select e.id, e.at, e.actor, e.action, e.entity, e.operation, e.relationship, e.reason,
      exists (select from platform.access_grant g where g.account_id = e.account_id and g.subject_id = ${patient} and g.relationship = 'self') as own,
      (select p.name from practitioner p where p.account_id = e.account_id) as practitioner,
      (select c.name from caregiver c where c.account_id = e.account_id) as caregiver,
      exists (select from platform.role_grant r where r.account_id = e.account_id and r.role = 'administrator' and r.granted_at <= e.at) as administrator
    from platform.audit_event e
    where e.subject = ${`Patient/${patient}`} and e.id < ${before ?? Number.MAX_SAFE_INTEGER}
    order by e.id desc limit ${limit + 1}`.execute(db)
  return rows
}
