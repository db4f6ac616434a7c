import type { ColumnType } from 'kysely'
import type { RegistryTables } from './tables.ts'

type At = ColumnType<Date, Date, Date>
type AtOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>

export interface AccessGrant {
  id: string
  account_id: string
  relationship: string
  subject_type: string
  subject_id: string
  powers: string[]
  source_id: string | null
  valid_from: At
  valid_until: AtOrNull
  revoked_at: AtOrNull
}

/** See the ground's migration 0008. */
export interface Refusal {
  subject_id: string
  purpose: string
  category: string
  since: At
}

export interface Membership {
  id: string
  account_id: string
  organisation_id: string
  function: string
  given_by: string
  given_at: At
  ended_by: string | null
  ended_at: AtOrNull
}

export interface DeskGrant {
  id: string
  organisation_id: string
  subject_type: string
  subject_id: string
  source_id: string
  valid_from: At
  valid_until: AtOrNull
  revoked_at: AtOrNull
}

/** The room's own tables, and those of the ground that it alone writes. */
export interface Tables extends RegistryTables {
  'platform.refusal': Refusal
  'platform.access_grant': AccessGrant
  'platform.membership': Membership
  'platform.desk_grant': DeskGrant
}
