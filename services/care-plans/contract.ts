import { Type } from 'typebox'
import { CalendarDate, Closed, Id, IdParams, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'

export const planStatuses = ['draft', 'active', 'on-hold', 'revoked', 'completed', 'entered-in-error'] as const
export const PlanStatus = Type.Enum([...planStatuses], { examples: ['active'] })

/** As a patient refuses them (platform/migrations/0008_consent.sql). */
export const Category = Type.Enum(['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'], {
  examples: ['general'],
  description: 'Whether it is of a kind that a patient can keep from others; left out: `general`',
})

export const planHead = {
  id: Id,
  patient: Id,
  status: PlanStatus,
  title: Line(200, 'High blood pressure'),
  category: Category,
  from: CalendarDate,
  to: Type.Optional(CalendarDate),
  reviewOn: Type.Optional(CalendarDate),
  version: Version,
}

export const CarePlanSummary = Closed(planHead, { title: 'CarePlanSummary' })

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
