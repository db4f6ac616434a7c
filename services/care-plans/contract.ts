import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  event,
  Id,
  IdParams,
  Instant,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
  Zone,
} from '#platform/operation.ts'
import { Activity, GivenActivity } from './contract/activities.ts'
import { GivenGoal, Goal } from './contract/goals.ts'

export const planStatuses = ['draft', 'active', 'on-hold', 'revoked', 'completed', 'entered-in-error'] as const
export const PlanStatus = Type.Enum([...planStatuses], {
  examples: ['active'],
  description: 'Only of an active plan is anything due',
})

/** As a patient refuses them (platform/migrations/0008_consent.sql). */
export const Category = Type.Enum(['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'], {
  examples: ['general'],
  description: 'Whether it is of a kind that a patient can keep from others; left out: `general`',
})

const Title = Line(200, 'High blood pressure')
const facts = {
  description: Type.Optional({ ...Prose(4_000, 'Down to below 140 within three months'), minLength: 1 }),
  problems: Type.Optional(
    Type.Array(Id, { maxItems: 20, uniqueItems: true, description: 'What it is for: of the problem list' }),
  ),
  from: CalendarDate,
  to: Type.Optional(CalendarDate),
  reviewOn: Type.Optional(
    Type.String({ ...CalendarDate, description: 'When it is to be looked at again: whoever made it is told that day' }),
  ),
}
const Goals = <T extends typeof Goal | typeof GivenGoal>(goal: T) => Type.Array(goal, { maxItems: 50 })
const Activities = <T extends typeof Activity | typeof GivenActivity>(activity: T) =>
  Type.Array(activity, { maxItems: 100 })

const head = {
  id: Id,
  patient: Id,
  status: PlanStatus,
  title: Title,
  category: Category,
  from: CalendarDate,
  to: Type.Optional(CalendarDate),
  reviewOn: Type.Optional(CalendarDate),
  practitioner: Type.String({ ...Id, description: 'Who made it' }),
  version: Version,
}
export const CarePlanSummary = Closed(head, { title: 'CarePlanSummary' })

const change = { at: Instant, by: Type.String({ ...Id, description: 'The practitioner' }) }
const Why = { ...Prose(500, 'The pressure is lower than was planned'), minLength: 1 }

export const CarePlan = Closed(
  {
    ...head,
    ...facts,
    zone: Type.String({ ...Zone, description: 'In which its schedules are' }),
    template: Type.Optional(Closed({ id: Id, version: Version }, { description: 'What it was made from' })),
    goals: Goals(Goal),
    activities: Activities(Activity),
    changed: Closed({ ...change, reason: Type.Optional(Why) }, { description: 'Who wrote this version' }),
  },
  { title: 'CarePlan' },
)

export const listCarePlans = operation({
  id: 'listCarePlans',
  method: 'GET',
  url: '/v1/patients/:id/care-plans',
  summary: 'List the treatment plans of a patient',
  description: 'Those that go on, the newest first; with `include=all` behind them those that ended.',
  access: 'CarePlan.s',
  patient: '/params/id',
  params: IdParams,
  query: Closed({
    include: Type.Optional(Type.Enum(['active', 'all'], { default: 'active', examples: ['all'] })),
    ...PageQuery,
  }),
  response: Page(CarePlanSummary),
})

export const createCarePlan = operation({
  id: 'createCarePlan',
  method: 'POST',
  url: '/v1/patients/:id/care-plans',
  summary: 'Make a treatment plan',
  description:
    'By a practitioner who treats the patient; from nothing, or from a template, of which what is given here takes the place. `mandate` says which caregiver does what the template gives to one.',
  access: 'CarePlan.c',
  patient: '/params/id',
  params: IdParams,
  body: Closed(
    {
      template: Type.Optional(Id),
      mandate: Type.Optional(Id),
      status: Type.Optional(Type.Enum(['draft', 'active'], { default: 'active', examples: ['active'] })),
      title: Type.Optional(Title),
      category: Type.Optional(Category),
      ...facts,
      zone: Type.Optional(Type.String({ ...Zone, description: 'Default: that of the patient' })),
      goals: Type.Optional(Goals(GivenGoal)),
      activities: Type.Optional(Activities(GivenActivity)),
    },
    { title: 'NewCarePlan', examples: [{ title: 'High blood pressure', from: '2031-03-03' }] },
  ),
  problems: ['business-rule'],
  status: 201,
  response: CarePlan,
})

export const readCarePlan = operation({
  id: 'readCarePlan',
  method: 'GET',
  url: '/v1/care-plans/:id',
  summary: 'Read a treatment plan',
  description: '`version` shows it as it was.',
  access: 'CarePlan.r',
  patient: 'condition',
  params: IdParams,
  query: Closed({ version: Type.Optional(Version) }),
  response: CarePlan,
})

export const changeCarePlan = operation({
  id: 'changeCarePlan',
  method: 'PUT',
  url: '/v1/care-plans/:id',
  summary: 'Change a treatment plan',
  description:
    'All that is not its status, whole: goals and activities keep their `id`, those without one are new, and those that are not sent are left out from now on. What was done stays. 412 says in `changes` what somebody else changed since the version in If-Match, by whom and when.',
  access: 'CarePlan.u',
  params: IdParams,
  ifMatch: true,
  body: Closed(
    {
      title: Title,
      ...facts,
      zone: Zone,
      goals: Goals(GivenGoal),
      activities: Activities(GivenActivity),
      reason: Type.Optional(Why),
    },
    { title: 'CarePlanChange' },
  ),
  problems: ['business-rule'],
  response: CarePlan,
})

export const changeCarePlanStatus = operation({
  id: 'changeCarePlanStatus',
  method: 'POST',
  url: '/v1/care-plans/:id/status',
  summary: 'Begin, hold, resume, complete or revoke a treatment plan, or say that it was entered in error',
  description:
    'A draft begins; what is active is held, and goes on. What is completed or revoked goes on no more: make another. Nothing is ever deleted.',
  access: 'CarePlan.u',
  params: IdParams,
  ifMatch: true,
  body: Closed(
    {
      status: Type.Enum(
        planStatuses.filter((one) => one !== 'draft'),
        { examples: ['completed'] },
      ),
      reason: Why,
    },
    { title: 'CarePlanStatusChange' },
  ),
  problems: ['business-rule'],
  response: CarePlan,
})

export const PlanVersion = Closed(
  { version: Version, status: PlanStatus, ...change, reason: Type.Optional(Why) },
  { title: 'CarePlanVersion' },
)

export const listCarePlanVersions = operation({
  id: 'listCarePlanVersions',
  method: 'GET',
  url: '/v1/care-plans/:id/versions',
  summary: 'List the versions of a treatment plan, the newest first',
  access: 'CarePlan.r',
  patient: 'condition',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(PlanVersion),
})

export const PlanDifference = Closed(
  {
    part: Type.Enum(['plan', 'goal', 'activity'], { examples: ['activity'] }),
    id: Type.Optional(Type.String({ ...Id, description: 'Of the goal or activity' })),
    change: Type.Enum(['added', 'left-out', 'changed'], { examples: ['changed'] }),
    field: Type.Optional(Type.String({ examples: ['schedule'], description: 'Of what is changed' })),
    before: Type.Optional(Type.String({ description: 'In words' })),
    now: Type.Optional(Type.String({ description: 'In words' })),
    text: Type.String({
      examples: ['Activity “Measure the blood pressure”: when: 08:00, each day → 08:00 and 20:00, each day'],
      description: 'All of it, for people to read',
    }),
  },
  { title: 'CarePlanDifference' },
)

export const readCarePlanDifference = operation({
  id: 'readCarePlanDifference',
  method: 'GET',
  url: '/v1/care-plans/:id/difference',
  summary: 'What is different between two versions of a treatment plan, in words',
  description: 'In the language of Accept-Language, where it is one of the house.',
  access: 'CarePlan.r',
  patient: 'condition',
  params: IdParams,
  query: Closed({ from: Version, to: Version }),
  response: Closed({ from: PlanVersion, to: PlanVersion, changes: Type.Array(PlanDifference) }),
})

export const reviewDue = event('CarePlan.reviewDue', { carePlan: Id, practitioner: Id })
