import { png } from './belongings.ts'
import { asking, of, plain, type Rows, readers } from './row.ts'

const giving = ['treating'] as const
const treating = ['holder', 'treating'] as const
/** What a code and a measurement cannot be without, so that the rest of them can be tried. */
const code = { coding: [{ system: 'http://loinc.org', code: '1-8' }] }
const drafted = {
  sections: {
    plan: 'Rest',
    vitals: [{ kind: 'weight', value: 70, unit: 'kg' }],
    problems: [{ code }],
    orders: [{ code }],
  },
}
const reason = { reason: 'The other knee' }

export const consultations: Record<string, Rows> = {
  beginConsultation: asking(({ saba }) => ({ body: { patient: saba } }), treating),
  listConsultations: { ...plain, shows: { of: ({ consultation }) => consultation, to: readers } },
  readConsultation: of('signedNote', readers),
  signConsultation: of('consultation', giving),
  // Who has signed it cannot sign it once more.
  cosignConsultation: of('signedNote', treating),
  amendConsultation: of('signedNote', giving, reason),
  enterConsultationInError: of('wrongNote', giving, reason),
  readNoteDraft: of('consultation', giving),
  saveNoteDraft: of('consultation', giving, drafted),
  discardNoteDraft: of('amended', giving),
  addNoteAttachment: asking(({ consultation }) => ({ params: { id: consultation }, upload: png }), giving),
  readNoteAttachment: asking(
    ({ signedNote, noteAttachment }) => ({ params: { id: signedNote, attachment: noteAttachment } }),
    readers,
  ),
  removeNoteAttachment: asking(
    ({ consultation, draftAttachment }) => ({ params: { id: consultation, attachment: draftAttachment } }),
    giving,
  ),
  sendThreadMessage: asking(
    ({ consultation }) => ({ body: { consultation, text: 'Thank you' } }),
    ['self', 'full', ...treating],
  ),
  listThreadMessages: asking(({ consultation }) => ({ query: `consultation=${consultation}` }), readers),
}
