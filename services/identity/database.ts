import type { ColumnType, Generated } from 'kysely'
import type { IdentityTables } from './tables.ts'

type At = ColumnType<Date, Date, Date>
type AtOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>

export interface Session {
  id: string
  account_id: string
  token_hash: Buffer
  device: string | null
  created_at: At
  expires_at: At
  revoked_at: AtOrNull
  kind: Generated<'session' | 'api-key' | 'access-token' | 'client-token' | 'grant'>
  scopes: ColumnType<string[] | null, string[] | null | undefined, string[] | null>
  client_id: ColumnType<string | null, string | null | undefined, string | null>
  patient_id: ColumnType<string | null, string | null | undefined, string | null>
  parent_id: ColumnType<string | null, string | null | undefined, string | null>
  last_used_at: AtOrNull
  idle_seconds: number | null
  token_expires_at: AtOrNull
  signed_in_by: ColumnType<string | null, string | null | undefined, string | null>
  version: Generated<number>
}

interface RoleGrant {
  account_id: string
  role: string
  granted_by: string | null
  granted_at: At
  revoked_at: AtOrNull
}

interface ClientGrant {
  client_id: string
  name: string
  purpose: string
  patients: string
  organisations: string[]
  categories: string[]
  imports: boolean
}

/** The room's own tables, and those of the ground that it alone writes. */
export interface Tables extends IdentityTables {
  'platform.session': Session
  'platform.role_grant': RoleGrant
  'platform.client_grant': ClientGrant
}
