import { Type } from 'typebox'
import { Closed, Id, IdParams, Line, operation, Page, PageQuery, Prose, Version } from '#platform/operation.ts'
import { Concept } from '../../records/contract/concept.ts'
import { ActivityKind } from './activities.ts'
import { Within } from './goals.ts'
import { ActivitySchedule } from './schedule.ts'

const { timesOfDay, days, everyDays } = ActivitySchedule.properties
const Days = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 3_660, examples: [90], description }))

const TemplateGoal = Closed(
  {
    what: Concept,
    targets: Type.Optional(
      Type.Array(
        Closed(
          { measure: Concept, within: Type.Optional(Within), afterDays: Days('By when, counted from the beginning') },
          { title: 'TemplateTarget' },
        ),
        { minItems: 1, maxItems: 5 },
      ),
    ),
  },
  { title: 'TemplateGoal' },
)

const TemplateActivity = Closed(
  {
    instruction: { ...Prose(2_000, 'Measure the blood pressure, sitting, after five minutes of rest'), minLength: 1 },
    kind: ActivityKind,
    role: Type.Enum(['patient', 'caregiver', 'practitioner'], { examples: ['patient'], description: 'Who does it' }),
    schedule: Type.Optional(
      Closed(
        { timesOfDay, days, everyDays, forDays: Days('How long, from the beginning of the plan; left out: on and on') },
        { title: 'TemplateSchedule' },
      ),
    ),
  },
  { title: 'TemplateActivity' },
)

const facts = {
  title: Line(200, 'High blood pressure, newly found'),
  description: Type.Optional({ ...Prose(4_000, 'By the guideline of the clinic'), minLength: 1 }),
  condition: Concept,
  lastsDays: Days('How long a plan of it is meant to go on'),
  reviewAfterDays: Days('When a plan of it is to be looked at again'),
  goals: Type.Array(TemplateGoal, { maxItems: 50 }),
  activities: Type.Array(TemplateActivity, { maxItems: 100 }),
}

export const TemplateFacts = Closed(facts, { title: 'CarePlanTemplateFacts' })
export const Template = Closed(
  {
    id: Id,
    status: Type.Enum(['active', 'retired'], { examples: ['active'] }),
    ...facts,
    practitioner: Type.Optional(
      Type.String({ ...Id, description: 'Who wrote it; of an administrator’s there is none' }),
    ),
    version: Version,
  },
  { title: 'CarePlanTemplate' },
)

export const createTemplate = operation({
  id: 'createCarePlanTemplate',
  method: 'POST',
  url: '/v1/care-plan-templates',
  summary: 'Write a template of treatment plans for a condition',
  description: 'By a practitioner or an administrator. Whoever treats somebody may use it.',
  access: 'CarePlanTemplate.c',
  body: TemplateFacts,
  problems: ['business-rule'],
  status: 201,
  response: Template,
})

export const listTemplates = operation({
  id: 'listCarePlanTemplates',
  method: 'GET',
  url: '/v1/care-plan-templates',
  summary: 'List templates of treatment plans',
  access: 'CarePlanTemplate.s',
  patient: 'none',
  query: Closed({
    code: Type.Optional(
      Type.String({
        maxLength: 300,
        pattern: '^[^\\s,$|\\\\]+(\\|[^\\s,$|\\\\]+)?$',
        examples: ['http://hl7.org/fhir/sid/icd-10|I10'],
        description: 'Of the condition: a code, or a code system, `|` and a code',
      }),
    ),
    title: Type.Optional(Line(100, 'blood pressure')),
    include: Type.Optional(
      Type.Enum(['active', 'all'], {
        default: 'active',
        examples: ['all'],
        description: '`all`: also what is retired',
      }),
    ),
    ...PageQuery,
  }),
  response: Page(Template),
})

export const readTemplate = operation({
  id: 'readCarePlanTemplate',
  method: 'GET',
  url: '/v1/care-plan-templates/:id',
  summary: 'Read a template of treatment plans',
  access: 'CarePlanTemplate.r',
  patient: 'none',
  params: IdParams,
  response: Template,
})

const own = 'By whoever wrote it, or an administrator. Plans that were made from it stay as they are.'

export const changeTemplate = operation({
  id: 'changeCarePlanTemplate',
  method: 'PUT',
  url: '/v1/care-plan-templates/:id',
  summary: 'Change a template of treatment plans',
  description: own,
  access: 'CarePlanTemplate.u',
  params: IdParams,
  ifMatch: true,
  body: TemplateFacts,
  problems: ['business-rule'],
  response: Template,
})

export const retireTemplate = operation({
  id: 'retireCarePlanTemplate',
  method: 'POST',
  url: '/v1/care-plan-templates/:id/retire',
  summary: 'Take a template of treatment plans out of use',
  description: own,
  access: 'CarePlanTemplate.u',
  params: IdParams,
  ifMatch: true,
  problems: ['business-rule'],
  response: Template,
})
