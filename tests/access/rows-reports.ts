import { asking, of, type Rows, readers } from './row.ts'

const treating = ['holder', 'treating'] as const
const letter = { to: 'Cardiology', why: 'Breathless', asked: 'Echocardiogram' }
/** What a code cannot be without, so that the rest of it can be tried. */
const diagnosis = { coding: [{ system: 'http://loinc.org', code: '1-8' }] }
const leave = { from: '2031-03-01', until: '2031-03-07', workCapacity: 0, diagnosis }

export const reports: Record<string, Rows> = {
  makeReport: [
    { kind: 'referral-letter', letter, remarks: 'Thank you' },
    { kind: 'sick-note', leave },
  ].map((body) => of('saba', treating, body)),
  listReports: of('saba', readers),
  readReport: of('report', readers),
  amendReport: [
    of('report', treating, { reason: 'The wrong test', letter, remarks: 'Thank you' }),
    of('sickNote', treating, { reason: 'Longer', leave }),
  ],
  enterReportInError: of('wrongReport', treating, { reason: 'Another patient' }),
  issueFhirHealthCards: of('saba', readers, {
    resourceType: 'Parameters',
    parameter: [{ name: 'credentialType', valueUri: 'Immunization' }],
  }),
  listHealthCards: of('saba', readers),
  createHealthLink: of('saba', readers, { what: 'summary', expiresAt: '2031-04-01T00:00:00Z' }),
  listHealthLinks: of('saba', readers),
  renewHealthLink: asking(
    ({ healthLink, healthLinkText }) => ({ params: { id: healthLink }, body: { link: healthLinkText } }),
    ['treating'],
  ),
  revokeHealthLink: { ...of('healthLink', ['self', 'treating']), once: true },
  readActivityReport: asking(
    ({ organisation }) => ({ params: { id: organisation }, query: 'month=2031-02' }),
    ['administrator', 'clerk'],
  ),
}
