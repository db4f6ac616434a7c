import type { ColumnType } from 'kysely'

type At = ColumnType<Date, Date | string, Date | string>

export interface AppointmentTable {
  id: string
  status: string
  practitioner_id: string
  patient_id: string
  schedule_id: string
  place_id: string | null
  mode: string
  zone: string
  start_at: At
  end_at: At
  held_until: At | null
  reason: string | null
  cancel_reason: string | null
  cancel_note: string | null
  made_by: string
  relationship: string
  sequence: number
  version: number
  created_at: At
  updated_at: At
}

export interface SchedulingTables {
  appointment: AppointmentTable
}
