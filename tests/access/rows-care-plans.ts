import { planFacts, templateFacts } from './care-plans.ts'
import { asking, of, plain, type Rows, readers } from './row.ts'

const treating = ['holder', 'treating'] as const
const reason = 'As was agreed'
/** Of a template: whoever wrote it, and administrators. */
const writers = ['treating', 'administrator'] as const

export const carePlans: Record<string, Rows> = {
  listCarePlans: {
    ...asking(({ saba }) => ({ params: { id: saba } }), readers),
    shows: { of: ({ carePlan }) => carePlan, to: readers },
  },
  createCarePlan: asking(({ saba }) => ({ params: { id: saba }, body: planFacts }), treating),
  readCarePlan: of('carePlan', readers),
  changeCarePlan: of('carePlan', treating, { ...planFacts, zone: 'UTC', reason }),
  changeCarePlanStatus: of('carePlan', treating, { status: 'on-hold', reason }),
  listCarePlanVersions: of('carePlan', readers),
  readCarePlanDifference: asking(({ carePlan }) => ({ params: { id: carePlan }, query: 'from=1&to=1' }), readers),
  createCarePlanTemplate: asking(() => ({ body: templateFacts })),
  listCarePlanTemplates: plain,
  readCarePlanTemplate: of('template'),
  changeCarePlanTemplate: of('template', writers, templateFacts),
  retireCarePlanTemplate: of('template', writers),
}
