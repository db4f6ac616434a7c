import { Type } from 'typebox'
import { CalendarDate, Closed } from '#platform/operation.ts'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const WallTime = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  examples: ['08:00'],
  description: 'On a clock in the zone of the plan',
})

/** When something is to be done, by the clock and the calendar of the zone of the plan: each day, on some days of the week, or every so many days. */
export const ActivitySchedule = Closed(
  {
    timesOfDay: Type.Array(WallTime, { minItems: 1, maxItems: 24, uniqueItems: true, description: 'In their order' }),
    days: Type.Optional(
      Type.Array(Type.Enum([...weekdays], { examples: ['mon'] }), {
        minItems: 1,
        maxItems: 7,
        uniqueItems: true,
        description: 'On these alone; not together with `everyDays`. Neither: each day',
      }),
    ),
    everyDays: Type.Optional(
      Type.Integer({ minimum: 2, maximum: 366, examples: [2], description: 'Every so many days, the first is `from`' }),
    ),
    from: CalendarDate,
    to: Type.Optional(Type.String({ ...CalendarDate, description: 'The last day on which it is done' })),
  },
  { title: 'ActivitySchedule' },
)
