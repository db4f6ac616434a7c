import { newId } from '#platform/ids.ts'
import type { TestHouse } from '#platform/testing.ts'

/** What Saba has to do by a plan, and what was given to a caregiver: all are due. */
export async function careTasks({ owner }: TestHouse, { saba, mandate }: { saba: string; mandate: string }) {
  const [plan, careTask, leftTask, givenTask] = [newId(), newId(), newId(), newId()]
  for (const [id, role, by] of [
    [careTask, 'patient', null],
    [leftTask, 'patient', null],
    [givenTask, 'caregiver', mandate],
  ] as const) {
    const activity = newId()
    await owner.query(
      `insert into care_plans.activity (plan_id, id, patient_id, category, instruction, kind, role, mandate_id, zone, schedule, planned_until, tzdata)
       values ($1, $2, $3, 'general', 'Walk', 'exercise', $4, $5, 'UTC', '{"timesOfDay": ["07:30"], "from": "2031-03-01"}', '2031-03-15T08:00Z', '')`,
      [plan, activity, saba, role, by],
    )
    await owner.query(
      `insert into care_plans.occurrence (id, plan_id, activity_id, due_at) values ($1, $2, $3, '2031-03-01T07:30Z')`,
      [id, plan, activity],
    )
  }
  return { plannedPlan: plan, careTask, leftTask, givenTask }
}
