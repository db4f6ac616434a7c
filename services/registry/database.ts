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

/** The room's own tables, and those of the ground that it alone writes. */
export interface Tables extends RegistryTables {
  'platform.refusal': Refusal
  'platform.access_grant': AccessGrant
}
