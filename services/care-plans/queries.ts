import type { Kysely } from 'kysely'
import type { CarePlansTables } from './tables.ts'

/** Of a patient: which plans are to be looked at again, and when. */
export const reviewsOf = (db: Kysely<CarePlansTables>, patient: string) =>
  db.selectFrom('review').select(['care_plan_id', 'due_at']).where('patient_id', '=', patient).execute()
