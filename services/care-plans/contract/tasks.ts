import { type Static, Type } from 'typebox'
import { Closed, event, Id, IdParams, Instant, operation, Page, PageQuery, Prose, Zone } from '#platform/operation.ts'
import { ActivityKind, Performer } from './activities.ts'

const statuses = ['due', 'done', 'skipped', 'missed', 'cancelled'] as const
const Status = Type.Enum([...statuses], {
  examples: ['due'],
  description:
    '`due`: to be done, from four hours before its time until four hours after it. `missed`: nobody has said by then that it was done; that can still be said. `cancelled`: its plan has changed or ended meanwhile',
})
export type TaskStatus = Static<typeof Status>

const Answered = {
  at: Type.String({ ...Instant, description: 'When it was done or left out, as they say' }),
  by: Closed({
    role: Performer.properties.role,
    id: Type.Optional(Type.String({ ...Id, description: 'Of the patient, caregiver or practitioner' })),
  }),
}

export const CareTask = Closed(
  {
    id: Id,
    plan: Id,
    activity: Id,
    patient: Id,
    instruction: Type.String({ examples: ['Measure the blood pressure, sitting, after five minutes of rest'] }),
    kind: ActivityKind,
    performer: Performer,
    dueAt: Instant,
    zone: Zone,
    status: Status,
    answered: Type.Optional(Closed(Answered, { title: 'CareTaskAnswer' })),
    note: Type.Optional(Type.String({ description: 'What whoever did it wrote; of something left out, why' })),
  },
  { title: 'CareTask' },
)

const Window = {
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
}
const window = (before: string, after: string) =>
  `From \`from\` on and before \`to\`, no more than 92 days; left out: from ${before} until ${after}.`

const listQuery = Closed({ ...Window, status: Type.Optional(Status), ...PageQuery })

export const listPatientCareTasks = operation({
  id: 'listPatientCareTasks',
  method: 'GET',
  url: '/v1/patients/:id/care-tasks',
  summary: 'List what is to be done by the plans of a patient, by whom, and what was done',
  description: `In the order of time. ${window('a day ago', 'a week ahead')}`,
  access: 'CareTask.s',
  patient: '/params/id',
  params: IdParams,
  query: listQuery,
  problems: ['business-rule'],
  response: Page(CareTask),
})

export const listCareTasks = operation({
  id: 'listCareTasks',
  method: 'GET',
  url: '/v1/care-tasks',
  summary: 'List what I am to do, and for whom',
  description: `What was given to a caregiver whose mandate has ended is the patient’s. In the order of time. ${window('a day ago', 'a week ahead')}`,
  access: 'CareTask.s',
  patient: 'condition',
  query: listQuery,
  problems: ['business-rule'],
  response: Page(CareTask),
})

const DoneAt = Type.Optional(
  Type.String({ ...Instant, description: 'When, where it is said later than it was done; left out: now' }),
)

const twice =
  'Said twice by the same person it is said once. Who comes second to somebody else is told who was first, and when (409).'

export const doCareTask = operation({
  id: 'doCareTask',
  method: 'POST',
  url: '/v1/care-tasks/:id/done',
  summary: 'Say that something was done',
  description: `By the patient, or whoever it was given to. ${twice}`,
  access: 'CareTask.u',
  patient: 'condition',
  params: IdParams,
  body: Closed(
    { at: DoneAt, note: Type.Optional({ ...Prose(500, 'A little late, after lunch'), minLength: 1 }) },
    { title: 'CareTaskDone' },
  ),
  problems: ['conflict', 'business-rule'],
  response: CareTask,
})

export const skipCareTask = operation({
  id: 'skipCareTask',
  method: 'POST',
  url: '/v1/care-tasks/:id/skip',
  summary: 'Say that something was left out, and why',
  description: `By the patient, or whoever it was given to. ${twice}`,
  access: 'CareTask.u',
  patient: 'condition',
  params: IdParams,
  body: Closed({ note: { ...Prose(500, 'She was asleep'), minLength: 1 } }, { title: 'CareTaskSkipped' }),
  problems: ['conflict', 'business-rule'],
  response: CareTask,
})

export const undoCareTask = operation({
  id: 'undoCareTask',
  method: 'POST',
  url: '/v1/care-tasks/:id/undo',
  summary: 'Take back that something was done, or left out',
  description: 'By the patient, or whoever it was given to.',
  access: 'CareTask.u',
  patient: 'condition',
  params: IdParams,
  problems: ['business-rule'],
  response: CareTask,
})

const Count = Type.Integer({ minimum: 0, examples: [12] })

export const Adherence = Closed(
  {
    activity: Id,
    instruction: Type.String({
      examples: ['Measure the blood pressure, sitting, after five minutes of rest'],
      description: 'As it was then: an activity that has said several things is there for each',
    }),
    due: Type.Integer({
      ...Count,
      description: 'Whose time has come, without what was cancelled: the sum of all that follow',
    }),
    done: Count,
    doneLate: Type.Integer({ ...Count, description: 'Done more than four hours after its time' }),
    skipped: Count,
    missed: Count,
    open: Type.Integer({ ...Count, description: 'Whose time has come within four hours, and nobody has said yet' }),
  },
  { title: 'Adherence' },
)

export const readAdherence = operation({
  id: 'readAdherence',
  method: 'GET',
  url: '/v1/care-plans/:id/adherence',
  summary: 'Count what of a plan was done, left out and missed, by each activity',
  description: window('thirty days ago', 'now'),
  access: 'CareTask.s',
  patient: 'condition',
  params: IdParams,
  query: Closed(Window),
  problems: ['business-rule'],
  response: Closed({ from: Instant, to: Instant, activities: Type.Array(Adherence) }, { title: 'PlanAdherence' }),
})

/** As many as are told of in one go. */
export const MOST_TASKS = 500
const Tasks = Type.Array(Id, { minItems: 1, maxItems: MOST_TASKS })

export const careTasksDue = event('CareTasks.due', { tasks: Tasks })

export const readDueCareTasks = operation({
  id: 'readDueCareTasks',
  method: 'POST',
  url: '/v1/care-tasks/due',
  summary: 'Which accounts are to do some of these now, as whom and for which patients; not what it is',
  access: 'house',
  body: Closed({ tasks: Tasks }),
  response: Closed({
    items: Type.Array(
      Closed({
        account: Id,
        role: Performer.properties.role,
        /** Whom it is for, and as whom of each they are to do it. */
        patients: Type.Array(Closed({ id: Id, role: Performer.properties.role })),
        tasks: Type.Array(Id),
        /** Whether some of them are about what may leave the house. */
        leaves: Type.Boolean(),
      }),
    ),
  }),
})
