import { Type } from 'typebox'
import { Closed, Id, Instant, Line, operation, Page, PageQuery } from '#platform/operation.ts'

const ofPatient = Closed({ id: Id })
/** What a timeline names its entries; `other`: of the FHIR face alone. */
const KIND = [
  'problem',
  'allergy',
  'medicine',
  'immunisation',
  'result',
  'report',
  'procedure',
  'document',
  'visit',
  'prescription',
  'plan',
  'other',
]

export const readTimeline = operation({
  id: 'readTimeline',
  method: 'GET',
  url: '/v1/patients/:id/timeline',
  summary: 'See what happened to a patient, the newest first',
  description:
    'By when it was, not when it was written down. As far as one may see the record; what was entered in error says so.',
  access: 'Patient.r',
  patient: '/params/id',
  params: ofPatient,
  query: Closed({
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    kind: Type.Optional(Type.Enum(KIND, { examples: ['result'] })),
    ...PageQuery,
  }),
  response: Page(
    Closed(
      {
        at: Instant,
        kind: Type.Enum(KIND, { examples: ['result'] }),
        words: Type.Optional(Type.String({ examples: ['Haemoglobin: 12.4 g/dL'] })),
        status: Type.Optional(Type.String({ examples: ['final'] })),
        link: Type.String({ examples: ['/v1/patients/018f…/results/018f…'] }),
      },
      { title: 'TimelineEntry' },
    ),
  ),
})

const number = Type.Number({ examples: [12.5] })
export const readMeasurementSeries = operation({
  id: 'readMeasurementSeries',
  method: 'GET',
  url: '/v1/patients/:id/series',
  summary: 'Follow one measurement of a patient through time',
  description:
    'The oldest first, in one unit: the one that is asked for, or that of the newest. Each as it was recorded beside; one in a unit that cannot be converted has no `value`. What was entered in error is left out.',
  access: 'Observation.s',
  patient: '/params/id',
  params: ofPatient,
  query: Closed({
    code: Line(100, '29463-7'),
    system: Type.Optional(
      Type.String({ ...Line(200, 'http://loinc.org'), default: 'http://loinc.org', description: 'Of the code' }),
    ),
    unit: Type.Optional(Type.String({ pattern: '^[!-~]{1,40}$', examples: ['kg'], description: 'UCUM' })),
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    ...PageQuery,
  }),
  response: Closed(
    {
      unit: Type.Optional(Type.String({ examples: ['kg'] })),
      items: Type.Array(
        Closed(
          {
            at: Type.String({ examples: ['2031-02-03T08:00:00Z'], description: 'As far as it is known' }),
            value: Type.Optional(number),
            recorded: Closed({ value: number, unit: Type.Optional(Type.String({ examples: ['[lb_av]'] })) }),
            ageDays: Type.Optional(
              Type.Integer({ examples: [730], description: 'Since birth; absent where either day is not known' }),
            ),
            status: Type.String({ examples: ['final'] }),
            link: Type.String({ examples: ['/v1/patients/018f…/results/018f…'] }),
          },
          { title: 'SeriesPoint' },
        ),
      ),
      next: Type.Optional(Type.String({ description: 'Cursor of the next page; absent on the last' })),
    },
    { title: 'MeasurementSeries' },
  ),
})
