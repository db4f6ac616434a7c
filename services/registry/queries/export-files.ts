import { type Kysely, sql } from 'kysely'
import type { Person } from '#platform/person.ts'
import type { Tables } from '../database.ts'

export interface KeptFile {
  what: 'photo' | 'certificate'
  /** `patient`, `licence`… and which. */
  kind: string
  id: string
  key: string
  type: string
}

/** All that a person, or somebody for them, has sent in; small ones first. Of a patient also those of the records that it stands for. */
export async function filesOf(db: Kysely<Tables>, person: Person): Promise<KeptFile[]> {
  const { account = null, patient = null, practitioner = null, caregiver = null } = person
  const { rows } = await sql<KeptFile>`
    select * from (
      select 'photo' as what, 'patient' as kind, id, photo_key as key, photo_type as type from patient
        where id = ${patient}::uuid or id in (select replaced_id from patient_merge where survivor_id = ${patient}::uuid and undone_at is null)
      union all select 'photo', 'practitioner', id, photo_key, photo_type from practitioner where id = ${practitioner}::uuid
      union all select 'photo', 'caregiver', id, photo_key, photo_type from caregiver where id = ${caregiver}::uuid
      union all select 'photo', 'donor', id, photo_key, photo_type from donor where account_id = ${account}::uuid
      union all select 'certificate', 'licence', id, certificate_key, certificate_type from licence
        where practitioner_id = ${practitioner}::uuid) f
    where key is not null and type is not null order by what desc, id`.execute(db)
  return rows
}
