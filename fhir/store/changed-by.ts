import { type Kysely, sql } from 'kysely'

/** Who wrote something about this patient last, where that was a practitioner: as the audit has it, which the room must be allowed to read. */
export async function changedBy(
  db: Kysely<unknown>,
  { entity, patient }: { entity: string; patient: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ practitioner: string }>`
    select g.subject_id::text as practitioner from platform.audit_event a
    join platform.access_grant g on g.account_id = a.account_id and g.subject_type = 'Practitioner' and g.relationship in ('self', 'licence')
    where a.subject = ${`Patient/${patient}`} and a.entity = ${entity} and a.action in ('C', 'U') order by a.id desc limit 1`.execute(
    db,
  )
  return rows[0] && `Practitioner/${rows[0].practitioner}`
}
