import type { ColumnType, Generated } from 'kysely'

type At = ColumnType<Date, Date, Date>
type AtOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>
type TextOrNull = ColumnType<string | null, string | null | undefined, string | null>

export interface SpecialityTable {
  code: string
  display: string
  synonyms: string[]
  version: Generated<number>
  updated_at: At
}

export interface PlaceTable {
  id: string
  name: string
  address: string
  city: string
  country: string
  latitude: number
  longitude: number
  zone: string
  phone: TextOrNull
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
  updated_at: At
}

export interface PractitionerTable {
  id: string
  account_id: string | null
  name: string
  gender: string
  languages: string[]
  specialities: string[]
  about: TextOrNull
  photo_key: TextOrNull
  photo_type: TextOrNull
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
  updated_at: At
}

export interface LicenceTable {
  id: string
  practitioner_id: string
  number: string
  issuer: string
  country: string
  valid_from: string
  valid_until: string
  status: Generated<string>
  reason: TextOrNull
  certificate_key: TextOrNull
  certificate_type: TextOrNull
  decided_by: TextOrNull
  decided_at: AtOrNull
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
  updated_at: At
  holds: ColumnType<string, never, never>
}

export interface PatientTable {
  id: string
  account_id: string | null
  name: string
  birth_date: string
  gender: string
  language: string
  zone: string
  phone: TextOrNull
  email: TextOrNull
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
  updated_at: At
}

export interface CaregiverTable {
  id: string
  account_id: string
  name: string
  language: string
  phone: TextOrNull
  email: TextOrNull
  code: string
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
  updated_at: At
}

export interface MandateTable {
  id: string
  patient_id: string
  caregiver_id: string
  powers: string[]
  evidence: TextOrNull
  valid_from: At
  valid_until: At
  granted_by: string
  revoked_at: AtOrNull
  revoked_by: TextOrNull
  revoke_reason: TextOrNull
  version: Generated<number>
  demo: Generated<boolean>
  created_at: At
}

export interface AccessGrantTable {
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

export interface RegistryTables {
  speciality: SpecialityTable
  place: PlaceTable
  practitioner: PractitionerTable
  licence: LicenceTable
  patient: PatientTable
  caregiver: CaregiverTable
  mandate: MandateTable
  'platform.access_grant': AccessGrantTable
}
