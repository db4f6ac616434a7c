import fc from 'fast-check'
import { type Dose, forms, meals, partsOfDay, routes, type Span, spanUnits, units, weekdays } from './dose.ts'

// Doses by chance that nothing speaks against, for tests.

const some = <T>(list: readonly T[]) => fc.subarray([...list], { minLength: 1 })
const number = fc.integer({ min: 1, max: 400 }).map((n) => n / 4)
const span = (max = 60): fc.Arbitrary<Span> =>
  fc.record({ count: fc.integer({ min: 1, max }), unit: fc.constantFrom(...spanUnits) })
const ofWhat = fc.oneof(
  fc.constantFrom(...units).map((unit) => ({ unit })),
  fc.constantFrom(...forms).map((form) => ({ form })),
)
const amount = fc
  .tuple(
    fc.oneof(
      number.map((value) => ({ value })),
      number.map((low) => ({ low, high: low + 1 })),
    ),
    ofWhat,
  )
  .map(([how, of]) => ({ ...how, ...of }))
/** More than any of these doses comes to in any of these spans. */
const PLENTY = 10 ** 14
const most = fc.tuple(ofWhat, span()).map(([of, within]) => ({ amount: { value: PLENTY, ...of }, in: within }))
const words = fc.stringMatching(/^[a-z]{3,8}( [a-z]{3,8})?$/)
const day = fc.integer({ min: 1, max: 28 }).map((n) => `2031-03-${String(n).padStart(2, '0')}`)

const daily = fc.oneof(
  fc.record({ at: some(['06:00', '08:30', '14:00', '22:15']) }),
  fc.record({ when: some(partsOfDay) }),
  fc.integer({ min: 1, max: 6 }).map((count) => ({ times: { count, every: { count: 1, unit: 'day' as const } } })),
)
const rhythm = fc.oneof(
  fc
    .tuple(daily, fc.option(some(weekdays), { nil: undefined }))
    .map(([how, days]) => ({ ...how, ...(days && { days }) })),
  fc.record({ times: fc.record({ count: fc.integer({ min: 1, max: 6 }), every: span(12) }) }),
)
const bounds = fc.oneof(
  span().map((one) => ({ for: one })),
  day.map((from) => ({ from })),
  day.map((until) => ({ until })),
  day.map((from) => ({ from, until: '2031-04-01' })),
  fc.constant({}),
)
const more = fc.record(
  {
    food: fc.constantFrom(...meals),
    route: fc.constantFrom(...routes),
    note: words,
    most,
    perKilogram: fc.record({ value: number, unit: fc.constantFrom(...units) }),
  },
  { requiredKeys: [] },
)
const needed = fc.oneof(
  fc.record({ asNeeded: fc.record({ reason: words }, { requiredKeys: [] }), most }),
  fc.constant({}),
)

export const arbitraryDose: fc.Arbitrary<Dose> = fc.oneof(
  fc
    .tuple(amount, rhythm, bounds, more, needed)
    .map(([how, often, long, others, when]) => ({ amount: how, ...often, ...long, ...others, ...when })),
  fc.tuple(amount, more).map(([how, others]) => ({ amount: how, once: true as const, ...others })),
)
