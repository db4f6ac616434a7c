import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Id,
  IdParams,
  Instant,
  Language,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'
import { Concept } from '../records/contract/concept.ts'

const Kind = Type.Enum(['patient-summary', 'visit', 'referral-letter', 'sick-note'], {
  examples: ['referral-letter'],
  description: '`patient-summary`: the International Patient Summary, as it is now. `visit`: of a signed consultation',
})

/** As a patient refuses them (platform/migrations/0008_consent.sql). */
const Category = Type.Enum(['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'], {
  examples: ['general'],
  description:
    'Whether it is of a kind that a patient can keep from others; left out: what the consultation is, or what is in it',
})

/** Something that is there. */
const Text = (maxLength: number, example: string) => ({
  ...Prose(maxLength, example),
  minLength: 1,
  pattern:
    '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
})

const Letter = Closed(
  {
    to: Type.String({ ...Text(500, 'Cardiology, Fictional City Hospital'), description: 'To whom' }),
    why: Type.String(Text(4_000, 'Breathless when climbing stairs, for two months')),
    asked: Type.String({ ...Text(4_000, 'Echocardiogram'), description: 'What is asked of them' }),
  },
  { title: 'ReferralLetter' },
)

const Leave = Closed(
  {
    from: CalendarDate,
    until: Type.String({ ...CalendarDate, description: 'The last day' }),
    workCapacity: Type.Integer({
      minimum: 0,
      maximum: 99,
      examples: [0],
      description: 'How much of their work they can do, in per cent; 0: none of it',
    }),
    diagnosis: Type.Optional(Concept),
  },
  { title: 'SickLeave', description: 'It says why only where a diagnosis is given' },
)

const said = {
  letter: Type.Optional(Letter),
  leave: Type.Optional(Leave),
  remarks: Type.Optional(Type.String({ ...Text(4_000, 'Come again if it gets worse'), description: 'To the reader' })),
}

const status = Type.Enum(['final', 'amended', 'entered-in-error'], { examples: ['final'] })

const facts = {
  id: Type.String({ ...Id, description: 'Also of its Bundle and its DocumentReference' }),
  kind: Kind,
  status,
  patient: Id,
  practitioner: Type.String({ ...Id, description: 'Who signed this version' }),
  consultation: Type.Optional(Id),
  language: Language,
  issuedAt: Type.String({ ...Instant, description: 'This version' }),
  version: Version,
  withdrawnAt: Type.Optional(
    Type.String({
      ...Instant,
      description:
        'When the house withdrew it: a summary of two patients who had been taken for one. It is `entered-in-error` since then, no link shares it, and who may see both reads it. Make another one',
    }),
  ),
}

const ReportSummary = Closed(facts, { title: 'ReportSummary' })

const ReportVersion = Closed(
  {
    version: Version,
    status,
    practitioner: Id,
    at: Instant,
    reason: Type.Optional(Type.String({ description: 'Why there is another version, or why it is an error' })),
  },
  { title: 'ReportVersion' },
)

export const Report = Closed(
  {
    ...facts,
    ...said,
    reason: Type.Optional(Type.String({ description: 'Why there is this version' })),
    replacedBy: Type.Optional(ReportVersion),
    versions: Type.Array(ReportVersion, { description: 'All of them, the oldest first' }),
    newerNote: Type.Optional(
      Closed(
        { status, at: Instant },
        { description: 'The note of the consultation says something else by now: when that was signed' },
      ),
    ),
    signature: Closed({
      verified: Type.Boolean({
        examples: [true],
        description: 'Whether what is kept is, at this moment, what was signed then',
      }),
      why: Type.Optional(
        Type.Enum(['missing', 'malformed', 'unknown-key', 'withdrawn-key', 'altered'], { examples: ['altered'] }),
      ),
    }),
  },
  { title: 'Report' },
)

export const makeReport = operation({
  id: 'makeReport',
  method: 'POST',
  url: '/v1/patients/:id/reports',
  summary: 'Make a report about a patient, and sign it',
  description:
    'By a practitioner with a licence who treats the patient. It is frozen: a FHIR document with a signature over all of it. A visit summary needs `consultation`, a referral `letter`, a sick note `leave`. Its headings are in `language`, or in what Accept-Language prefers.',
  access: 'DocumentReference.c',
  patient: '/params/id',
  params: IdParams,
  body: Closed(
    {
      kind: Kind,
      consultation: Type.Optional(Id),
      category: Type.Optional(Category),
      language: Type.Optional(Type.String({ ...Language, description: 'In which it is written' })),
      ...said,
    },
    { title: 'ReportToMake' },
  ),
  status: 201,
  problems: ['business-rule'],
  response: Report,
})

export const listReports = operation({
  id: 'listReports',
  method: 'GET',
  url: '/v1/patients/:id/reports',
  summary: 'List the reports about a patient, the newest first',
  access: 'DocumentReference.s',
  patient: '/params/id',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(ReportSummary),
})

export const readReport = operation({
  id: 'readReport',
  method: 'GET',
  url: '/v1/reports/:id',
  summary: 'Read a report: what it is, the FHIR document, a page or a PDF, as Accept says',
  description:
    'Its signature is verified anew each time, and pages say so. The words of the house are in the language that Accept-Language prefers; what somebody wrote stays as it was written.',
  access: 'DocumentReference.r',
  patient: 'condition',
  params: IdParams,
  query: Closed({
    version: Type.Optional(Version),
    paper: Type.Optional(
      Type.Enum(['a4', 'a5', 'receipt'], { examples: ['a4'], description: 'Of a PDF; `receipt`: a roll of 58 mm' }),
    ),
  }),
  alsoAs: ['application/fhir+json', 'text/html', 'application/pdf'],
  response: Report,
})

const reason = Type.String(Text(500, 'The other knee'))

export const amendReport = operation({
  id: 'amendReport',
  method: 'PUT',
  url: '/v1/reports/:id',
  summary: 'Make another version of a report, and sign it',
  description:
    'A patient summary is made of the record as it is now, a visit summary of the note as it is now; of the others all that they say is given. The version before stays readable, and says by what it was replaced.',
  access: 'DocumentReference.u',
  params: IdParams,
  ifMatch: true,
  body: Closed({ reason, ...said }, { title: 'ReportAmendment' }),
  problems: ['business-rule'],
  response: Report,
})

export const enterReportInError = operation({
  id: 'enterReportInError',
  method: 'POST',
  url: '/v1/reports/:id/entered-in-error',
  summary: 'Say that a report was made in error',
  description: 'It stays readable, with that over the top of each page.',
  access: 'DocumentReference.u',
  params: IdParams,
  ifMatch: true,
  body: Closed({ reason }, { title: 'ReportError' }),
  problems: ['business-rule'],
  response: Report,
})
