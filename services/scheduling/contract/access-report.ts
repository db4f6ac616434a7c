import { Type } from 'typebox'
import { Closed, Id, operation } from '#platform/operation.ts'
import { Speciality } from './schedules.ts'

const Month = Type.String({ pattern: '^20\\d\\d-(0[1-9]|1[0-2])$', examples: ['2031-03'], maxLength: 7 })
const Count = Type.Optional(
  Type.Integer({ minimum: 0, examples: [120], description: 'To the nearest five; left out below five' }),
)
const Days = Type.Number({ examples: [6.5], description: 'From the first wish to the visit' })
const figures = {
  visits: Count,
  refused: Type.Optional(
    Type.Integer({
      minimum: 0,
      examples: [14],
      description:
        'Patients who wanted a time of a day and got none, nor another within a day, because there was none for them',
    }),
  ),
  offered: Type.Optional(
    Type.Integer({ minimum: 0, examples: [10], description: 'Of the visits, those that the waiting list brought' }),
  ),
  waitDays: Type.Optional(Closed({ median: Days, p90: Days })),
}
const Rows = (values: string) =>
  Type.Array(Closed({ value: Type.String({ examples: ['web'], description: values }), ...figures }))

export const AccessReport = Closed(
  {
    from: Month,
    until: Month,
    total: Closed(figures),
    channel: Rows('desk, phone or web'),
    age: Rows('In years: 0-4, 5-17, 18-39, 40-64, 65+, or unknown'),
    gender: Rows('As registered'),
    place: Rows('The id of a place, or none'),
    patient: Rows('new to the practitioner, or known'),
  },
  { title: 'AccessReport' },
)

export const readAccessReport = operation({
  id: 'readAccessReport',
  method: 'GET',
  url: '/v1/access-report',
  summary: 'Who got times, by which channel, and how long they waited',
  description:
    'Of a practitioner, a place or both: by administrators, and by practitioners of their own visits. Whole months of the start, at most twelve, in UTC. Counts below five are left out, and the others are to the nearest five. A wish begins when somebody joins the waiting list or is turned away, else when they book.',
  access: 'AccessReport.r',
  query: Closed({
    practitioner: Type.Optional(Id),
    place: Type.Optional(Id),
    speciality: Type.Optional(Speciality),
    from: Month,
    until: Type.String({ ...Month, description: 'The last month' }),
  }),
  problems: ['not-found', 'business-rule'],
  response: AccessReport,
})
