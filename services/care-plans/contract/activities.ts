import { Type } from 'typebox'
import { Closed, Id, Prose } from '#platform/operation.ts'
import { ActivitySchedule } from './schedule.ts'

/** Who does it. */
export const Performer = Closed(
  {
    role: Type.Enum(['patient', 'caregiver', 'practitioner'], { examples: ['caregiver'] }),
    mandate: Type.Optional(
      Type.String({ ...Id, description: 'Of a caregiver: by which they see the record of the patient' }),
    ),
    practitioner: Type.Optional(
      Type.String({ ...Id, description: 'Of a practitioner; left out: whoever writes the plan' }),
    ),
  },
  { title: 'ActivityPerformer' },
)

export const ActivityKind = Type.Enum(['medicine', 'measurement', 'exercise', 'diet', 'visit', 'other'], {
  examples: ['measurement'],
})

const activityFacts = {
  instruction: { ...Prose(2_000, 'Measure the blood pressure, sitting, after five minutes of rest'), minLength: 1 },
  kind: ActivityKind,
  performer: Performer,
  schedule: Type.Optional(ActivitySchedule),
  prescription: Type.Optional(
    Type.String({ ...Id, description: 'Of a medicine: the prescription that says the dose' }),
  ),
}

export const Activity = Closed({ id: Id, ...activityFacts }, { title: 'PlanActivity' })
/** One that is new has no id yet. */
export const GivenActivity = Closed({ id: Type.Optional(Id), ...activityFacts }, { title: 'GivenActivity' })
