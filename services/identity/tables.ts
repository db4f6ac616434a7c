import type { ColumnType, Generated } from 'kysely'

type At = ColumnType<Date, Date, Date>
type AtOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>

export interface AccountTable {
  id: string
  user_name: string | null
  user_name_key: string | null
  phone: string | null
  email: string | null
  name: string
  language: string
  password_hash: string
  disabled_at: AtOrNull
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
  updated_at: At
}

export interface SignInAttemptTable {
  key: Buffer
  failures: Date[]
  latest_at: At
  succeeded_at: AtOrNull
}

export interface SessionTable {
  id: string
  account_id: string
  token_hash: Buffer
  device: string | null
  created_at: At
  expires_at: At
  revoked_at: AtOrNull
}

export interface RoleGrantTable {
  account_id: string
  role: string
  granted_by: string | null
  granted_at: At
  revoked_at: AtOrNull
}

export interface IdentityTables {
  account: AccountTable
  sign_in_attempt: SignInAttemptTable
  'platform.session': SessionTable
  'platform.role_grant': RoleGrantTable
}
