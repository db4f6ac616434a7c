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
  practitioner_id: string | null
  caregiver: string | null
  administrator: boolean
  /** Where the account worked then, if it was a desk: of several, one that looks after the patient. */
  organisation: string | null
}

export interface Sought {
  patient: string
  before?: number | undefined
  limit: number
  /** Of one row. */
  id?: string
  from?: Date | null
  until?: Date | null
  actions?: readonly string[] | undefined
  entity?: string | undefined
  /** Whom it is shown to have been. */
  agent?: { type: string; id: string } | undefined
}

/** Newest first, of this record and those that it stands for. Names are those of today; ids grow with time, and an index leads from each record to them. */
export async function seenOf(db: Kysely<Tables>, { patient, before, limit, ...sought }: Sought): Promise<SeenRow[]> {
  const { rows } = await sql<SeenRow>`
    select e.id, e.at, e.actor, e.action, e.entity, e.operation, e.relationship, e.reason,
      exists (select from platform.access_grant g where g.account_id = e.account_id and g.subject_id = ${patient} and g.relationship = 'self') as own,
      (select p.name from practitioner p where p.account_id = e.account_id) as practitioner,
      (select p.id from practitioner p where p.account_id = e.account_id) as practitioner_id,
      (select c.name from caregiver c where c.account_id = e.account_id) as caregiver,
      exists (select from platform.role_grant r where r.account_id = e.account_id and r.role = 'administrator' and r.granted_at <= e.at) as administrator,
      (select o.name from platform.membership m join organisation o on o.id = m.organisation_id
        where e.relationship = 'desk' and m.account_id = e.account_id and m.given_at <= e.at and (m.ended_at is null or m.ended_at >= e.at)
        order by exists (
          select from platform.desk_grant d where d.organisation_id = m.organisation_id and d.subject_id = ${patient}) desc, m.id limit 1) as organisation
    from (
      select ${patient}::uuid as id union all select replaced_id from patient_merge where survivor_id = ${patient} and undone_at is null) record
    cross join lateral (
      select a.* from platform.audit_event a where a.subject = 'Patient/' || record.id and a.id < ${before ?? Number.MAX_SAFE_INTEGER}${asking(patient, sought)}
      order by a.id desc limit ${limit + 1}) e
    order by e.id desc limit ${limit + 1}`.execute(db)
  return rows
}

function asking(
  patient: string,
  { id, from, until, actions, entity, agent }: Omit<Sought, 'patient' | 'before' | 'limit'>,
) {
  const conditions = [
    ...(id === undefined ? [] : [sql`a.id = ${id}::bigint`]),
    ...(from ? [sql`a.at >= ${from}`] : []),
    ...(until ? [sql`a.at < ${until}`] : []),
    ...(actions ? [sql`a.action = any (${[...actions]}::text[])`] : []),
    ...(entity === undefined ? [] : [sql`a.entity = ${entity}`]),
    ...(agent ? [agent.type === 'Patient' ? byPatient(patient, agent.id) : byPractitioner(patient, agent.id)] : []),
  ]
  return sql.join([sql``, ...conditions], sql` and `)
}

const own = (patient: string) =>
  sql`exists (select from platform.access_grant g where g.account_id = a.account_id and g.subject_id = ${patient} and g.relationship = 'self')`

const byPatient = (patient: string, id: string) => (id === patient ? own(patient) : sql`false`)

/** As a practitioner: whoever worked at a desk then, or under a mandate, is told of as that. */
const byPractitioner = (patient: string, id: string) => sql`
  a.account_id = (select p.account_id from practitioner p where p.id::text = ${id}) and not ${own(patient)} and a.actor <> 'system'
  and a.relationship is distinct from 'desk'
  and not (a.relationship is not distinct from 'mandate' and exists (select from caregiver c where c.account_id = a.account_id))`
