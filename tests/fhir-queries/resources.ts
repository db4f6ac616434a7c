import fc from 'fast-check'
import type { Resource } from '#fhir/resource.ts'

// Fictional people and what was seen of them, from few values each, so that searches meet them and each other.

const UCUM = 'http://unitsofmeasure.org'

/** Accents, other alphabets, wide spaces, and what has a meaning of its own in a pattern or a query. */
export const NAMES = [
  'Núñez',
  'Nunez',
  'NUNEZ',
  'nuñez-lópez',
  'Žofie',
  'Zofie',
  'de la  Cruz',
  'De La Cruz',
  "O'Brien",
  'Ελένη',
  '李',
  'Per%cent',
  'under_score',
  'under-score',
  'back\\slash',
  'a,b',
  'a|b',
  'a$b',
  'Ana',
  'Anabel',
  'An',
] as const

export const IDS = ['1', '2', '3', '4', '5'] as const

export const DATES = [
  '1979',
  '1980',
  '1980-02',
  '1980-02-29',
  '1980-03',
  '2030',
  '2030-12',
  '2030-12-31',
  '2031',
  '2031-01',
  '2031-01-01',
  '2031-01-15',
] as const

/** In the order in which they begin. */
export const TIMES = [
  ...[
    '2030-12-31T23:30:00-01:00',
    '2031-01-01T00:00:00Z',
    '2031-01-01T00:30:00Z',
    '2031-01-01T02:00:00.250+01:00',
    '2031-01-15T12:00:00Z',
  ],
] as const

export const SYSTEMS = ['http://loinc.org', 'urn:s'] as const
export const CODES = ['a', 'A', 'c|d'] as const
/** One below another, and one that only begins alike. */
export const PROFILES = ['http://p.example/a', 'http://p.example/a/b', 'http://p.example/ab'] as const
export const AMOUNTS = [-5, 0, 0.5, 1, 1.5, 2, 70, 70.4, 1_000, 70_000] as const
export const UNITS = ['kg', 'g', 'mg', 'Cel', '/min'] as const
export const TEXTS = ['Body weight', 'body  WEIGHT', 'Gewicht', 'Poids élevé'] as const

const from = <T>(list: readonly T[]) => fc.constantFrom(...list)
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 })
/** What is undefined is not there: JSON has nothing for it, and an empty list is not FHIR. */
const whole = <T extends object>(shape: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<object> =>
  fc
    .record(shape)
    .map(
      (one) =>
        JSON.parse(
          JSON.stringify(one, (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value)),
        ) as object,
    )

const coding = fc.oneof(
  whole({ system: from(SYSTEMS), code: from(CODES), display: maybe(from(TEXTS)) }),
  whole({ code: from(CODES) }),
)
const concept = fc.oneof(
  {
    weight: 5,
    arbitrary: whole({ coding: fc.array(coding, { minLength: 1, maxLength: 3 }), text: maybe(from(TEXTS)) }),
  },
  { weight: 1, arbitrary: whole({ text: from(TEXTS) }) },
)
const identifier = whole({
  type: maybe(concept),
  system: maybe(from(SYSTEMS)),
  value: from(CODES),
})

const ucum = fc
  .record({ value: from(AMOUNTS), unit: from(UNITS) })
  .map(({ value, unit }) => ({ value, unit, system: UCUM, code: unit }))
const quantity = fc.oneof(
  { weight: 4, arbitrary: ucum as fc.Arbitrary<object> },
  { weight: 1, arbitrary: whole({ value: from(AMOUNTS) }) },
  { weight: 1, arbitrary: whole({ value: from(AMOUNTS), unit: from(['points', 'kg']) }) },
  {
    weight: 1,
    arbitrary: whole({
      value: from(AMOUNTS),
      unit: fc.constant('boxes'),
      system: fc.constant('urn:units'),
      code: fc.constant('box'),
    }),
  },
)
const ofYears = (value: number) => ({ value, unit: 'years', system: UCUM, code: 'a' })
const range = fc.oneof(
  fc.constant({ low: ofYears(1), high: ofYears(2) }),
  fc.constant({ low: ofYears(1) }),
  fc.constant({ high: ofYears(70) }),
)

const instant = from(TIMES)
const dateTime = fc.oneof(from(DATES), instant)
const period = fc
  .tuple(fc.nat(TIMES.length - 1), fc.nat(TIMES.length - 1), from(['both', 'start', 'end']))
  .map(([a, b, has]) => ({
    ...(has !== 'end' && { start: TIMES[Math.min(a, b)] }),
    ...(has !== 'start' && { end: TIMES[Math.max(a, b)] }),
  }))
const timing = fc.oneof(
  whole({ event: fc.array(dateTime, { minLength: 1, maxLength: 3 }) }),
  whole({ repeat: whole({ boundsPeriod: period }) }),
  fc.constant({ repeat: { frequency: 1, period: 1, periodUnit: 'd' } }),
)

/** To what is there, to what is not, by another address of the same, to another house, and without an address. */
const reference = (...types: string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(from(types), from(IDS)).map(([type, id]) => ({ reference: `${type}/${id}` })) },
    { weight: 1, arbitrary: from(types).map((type) => ({ reference: `${type}/gone` })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(from(types), from(IDS))
        .map(([type, id]) => ({ reference: `https://care.example/fhir/R4/${type}/${id}` })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(from(types), from(IDS))
        .map(([type, id]) => ({ reference: `https://elsewhere.example/${type}/${id}` })),
    },
    { weight: 1, arbitrary: identifier.map((one) => ({ identifier: one })) },
  )

const humanName = fc.oneof(
  whole({
    family: from(NAMES),
    given: fc.array(from(NAMES), { maxLength: 2 }),
    prefix: fc.array(from(['Dr']), { maxLength: 1 }),
  }),
  whole({ text: from(NAMES) }),
)
const address = whole({
  city: maybe(from(NAMES)),
  country: maybe(from(['CH', 'ch'])),
  postalCode: maybe(from(['3000', '30'])),
  line: fc.tuple(from(NAMES)),
})

const gender = maybe(from(['male', 'female', 'other', 'unknown']))
const active = maybe(fc.boolean())
const names = fc.array(humanName, { maxLength: 2 })
const identifiers = fc.array(identifier, { maxLength: 2 })
const tags = maybe(
  whole({
    tag: fc.array(coding, { minLength: 1, maxLength: 2 }),
    security: fc.array(coding, { maxLength: 1 }),
    profile: fc.array(from(PROFILES), { maxLength: 1 }),
    source: maybe(from(PROFILES)),
  }),
)

/** One of a choice of types: `valueQuantity` or `valueString`, or none. */
const choice = (arbitraries: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> =>
  fc.oneof(
    fc.constant({}),
    ...Object.entries(arbitraries).map(([name, arbitrary]) => arbitrary.map((value) => ({ [name]: value }))),
  )

const value = choice({
  valueQuantity: quantity,
  valueCodeableConcept: concept,
  valueString: from(TEXTS),
  valueDateTime: dateTime,
  valuePeriod: period,
})
const effective = choice({
  effectiveDateTime: dateTime,
  effectivePeriod: period,
  effectiveTiming: timing,
  effectiveInstant: instant,
})
const onset = choice({
  onsetDateTime: dateTime,
  onsetPeriod: period,
  onsetString: from(TEXTS),
  onsetRange: range,
  onsetAge: from([1, 2, 70]).map(ofYears),
})

const withChoices = (base: fc.Arbitrary<object>, ...choices: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(base, ...choices).map((parts) => Object.assign({}, ...parts) as object)

const component = withChoices(
  whole({ code: concept }),
  choice({ valueQuantity: quantity, valueCodeableConcept: concept }),
)

const bodies: Readonly<Record<string, fc.Arbitrary<object>>> = {
  Patient: withChoices(
    whole({
      active,
      gender,
      name: names,
      identifier: identifiers,
      meta: tags,
      birthDate: maybe(from(DATES)),
      address: fc.array(address, { maxLength: 1 }),
      managingOrganization: maybe(reference('Organization')),
      generalPractitioner: fc.array(reference('Practitioner', 'Organization'), { maxLength: 2 }),
      link: fc.array(
        reference('Patient').map((other) => ({ other, type: 'seealso' })),
        { maxLength: 1 },
      ),
    }),
    choice({ deceasedBoolean: fc.boolean(), deceasedDateTime: dateTime }),
  ),
  Practitioner: whole({ active, gender, name: names, identifier: identifiers, meta: tags }),
  Organization: whole({
    active,
    name: from(NAMES),
    alias: fc.array(from(NAMES), { maxLength: 1 }),
    partOf: maybe(reference('Organization')),
    type: fc.array(concept, { maxLength: 1 }),
  }),
  Encounter: whole({
    status: from(['planned', 'finished']),
    class: coding,
    subject: maybe(reference('Patient')),
    period: maybe(period),
    type: fc.array(concept, { maxLength: 1 }),
    participant: fc.array(
      reference('Practitioner').map((individual) => ({ individual })),
      { maxLength: 1 },
    ),
    serviceProvider: maybe(reference('Organization')),
    partOf: maybe(reference('Encounter')),
  }),
  Condition: withChoices(
    whole({
      subject: reference('Patient'),
      code: maybe(concept),
      identifier: identifiers,
      meta: tags,
      recordedDate: maybe(dateTime),
      encounter: maybe(reference('Encounter')),
      asserter: maybe(reference('Practitioner', 'Patient')),
    }),
    onset,
  ),
  Observation: withChoices(
    whole({
      status: from(['final', 'amended']),
      code: concept,
      category: fc.array(concept, { maxLength: 2 }),
      identifier: identifiers,
      meta: tags,
      subject: maybe(reference('Patient')),
      encounter: maybe(reference('Encounter')),
      performer: fc.array(reference('Practitioner', 'Organization', 'Patient'), { maxLength: 2 }),
      hasMember: fc.array(reference('Observation'), { maxLength: 1 }),
      component: fc.array(component, { maxLength: 2 }),
    }),
    effective,
    value,
  ),
}

export const TYPES = Object.keys(bodies)

/** Each has one of five ids, so that some that are referred to are there and some are not. */
export const resources: fc.Arbitrary<Resource[]> = fc
  .tuple(
    ...Object.entries(bodies).map(([resourceType, body]) =>
      fc
        .uniqueArray(fc.tuple(from(IDS), body), { selector: ([id]) => id, minLength: 2, maxLength: IDS.length })
        .map((some) => some.map(([id, one]): Resource => ({ resourceType, id, ...one }))),
    ),
  )
  .map((ofTypes) => ofTypes.flat())
