import { asking, of, type Rows, readers } from './row.ts'

const treating = ['holder', 'treating'] as const
const letter = { to: 'Cardiology', why: 'Breathless', asked: 'Echocardiogram' }

export const reports: Record<string, Rows> = {
  makeReport: asking(
    ({ saba }) => ({ params: { id: saba }, body: { kind: 'referral-letter', letter, remarks: 'Thank you' } }),
    treating,
  ),
  listReports: of('saba', readers),
  readReport: of('report', readers),
  amendReport: of('report', treating, { reason: 'The wrong test', letter, remarks: 'Thank you' }),
  enterReportInError: of('wrongReport', treating, { reason: 'Another patient' }),
}
