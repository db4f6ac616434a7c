import { Type } from 'typebox'
import { Closed, Id, IdParams, operation } from '#platform/operation.ts'

const Month = Type.String({ pattern: '^20\\d\\d-(0[1-9]|1[0-2])$', examples: ['2031-02'], maxLength: 7 })
const Count = Type.Optional(
  Type.Integer({ minimum: 0, examples: [120], description: 'To the nearest five; left out where it is hidden' }),
)

export const ages = ['0-4', '5-17', '18-39', '40-64', '65+', 'unknown'] as const
export const sexes = ['female', 'male', 'other', 'unknown'] as const
const Age = Type.Enum([...ages], { examples: ['18-39'], description: 'In years, at the end' })
const Sex = Type.Enum([...sexes], { examples: ['female'] })

export const ActivityReport = Closed(
  {
    ...{ organisation: Id, month: Month, consultations: Count, patients: Count },
    ages: Type.Array(Closed({ age: Age, patients: Count })),
    sexes: Type.Array(Closed({ sex: Sex, patients: Count })),
    groups: Type.Array(Closed({ age: Age, sex: Sex, patients: Count })),
    problems: Type.Array(
      Closed({
        system: Type.String({ examples: ['http://hl7.org/fhir/sid/icd-10'] }),
        code: Type.String({ examples: ['E11.9'] }),
        patients: Type.Integer({ minimum: 5, examples: [35], description: 'To the nearest five' }),
      }),
      { description: 'The most frequent ones that were noted, at most twenty; of five patients or more' },
    ),
  },
  { title: 'ActivityReport' },
)

export const readActivityReport = operation({
  id: 'readActivityReport',
  method: 'GET',
  url: '/v1/organisations/:id/activity-report',
  summary:
    'How many an organisation has seen in a month, of what age and sex, and with which problems; on paper, as Accept says',
  description:
    'By administrators, and by its managers. One month that is over, of the beginning of a consultation, in UTC: no report is in another. Of visits at its places, and of those without an appointment what practitioners who work there gave. Counts of one to four are hidden, and with them those from which they could be computed; the others are to the nearest five. What is labelled sensitive is among no problems.',
  access: 'ActivityReport.r',
  perMinute: 30,
  params: IdParams,
  query: Closed({
    month: Month,
    paper: Type.Optional(Type.Enum(['a4', 'a5'], { examples: ['a4'], description: 'Of a PDF' })),
  }),
  problems: ['business-rule'],
  alsoAs: ['text/html', 'application/pdf'],
  response: ActivityReport,
})
