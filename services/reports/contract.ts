import { Type } from 'typebox'
import { Closed, Id, IdParams, operation } from '#platform/operation.ts'

/** What a report is of. */
export const Kind = Type.Enum(['patient-summary', 'visit', 'referral-letter', 'sick-note'], {
  examples: ['visit'],
})

export const ReportSummary = Closed({ id: Id, kind: Kind }, { title: 'ReportSummary' })

export const readReport = operation({
  id: 'readReport',
  method: 'GET',
  url: '/v1/reports/:id',
  summary: 'Read a report',
  access: 'DocumentReference.r',
  patient: 'condition',
  params: IdParams,
  response: ReportSummary,
})
