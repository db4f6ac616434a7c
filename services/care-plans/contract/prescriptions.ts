import { type TProperties, Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Id,
  Instant,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'
import { Concept } from '../../records/contract/concept.ts'
import { Category } from '../contract.ts'

// What is prescribed, in plain words and as a structure that words, calendars and FHIR are made from (fhir/dosage/).

const number = (example: number) => Type.Number({ exclusiveMinimum: 0, maximum: 10_000_000, examples: [example] })
const count = (maximum: number) => Type.Integer({ minimum: 1, maximum, examples: [2] })

const Unit = Type.Enum(['ug', 'mg', 'g', 'mL', '[iU]', 'mmol'], {
  examples: ['mg'],
  description: 'UCUM; never guessed',
})
const Span = Closed(
  { count: count(1_000), unit: Type.Enum(['hour', 'day', 'week', 'month'], { examples: ['day'] }) },
  { title: 'DoseSpan', description: 'So many hours, days, weeks or months' },
)
const Amount = Closed(
  {
    value: Type.Optional(number(1)),
    low: Type.Optional(number(1)),
    high: Type.Optional(number(2)),
    unit: Type.Optional(Unit),
    form: Type.Optional(
      Type.Enum(['tablet', 'capsule', 'drop', 'puff', 'spray', 'suppository', 'patch'], { examples: ['tablet'] }),
    ),
  },
  { title: 'DoseAmount', description: 'A value, or from low to high; in a unit, or of what is counted' },
)

const routes = [
  ...(['oral', 'sublingual', 'inhaled', 'nasal', 'eye', 'ear', 'skin', 'transdermal', 'rectal', 'vaginal'] as const),
  ...(['subcutaneous', 'intramuscular', 'intravenous'] as const),
] as const

const rhythm = {
  once: Type.Optional(Type.Literal(true, { description: 'A single dose' })),
  times: Type.Optional(
    Closed({ count: count(100), every: Span }, { title: 'DoseTimes', description: 'So often in each span' }),
  ),
  at: Type.Optional(
    Type.Array(Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['08:00'] }), {
      ...{ minItems: 1, maxItems: 24, uniqueItems: true, description: 'By the clock, each day' },
    }),
  ),
  when: Type.Optional(
    Type.Array(
      Type.Enum(['waking', 'morning', 'noon', 'afternoon', 'evening', 'night', 'bedtime'], { examples: ['morning'] }),
      {
        ...{ minItems: 1, maxItems: 7, uniqueItems: true },
      },
    ),
  ),
  days: Type.Optional(
    Type.Array(Type.Enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { examples: ['mon'] }), {
      ...{ minItems: 1, maxItems: 7, uniqueItems: true, description: 'On these days alone' },
    }),
  ),
  food: Type.Optional(Type.Enum(['before', 'with', 'after'], { examples: ['with'] })),
  asNeeded: Type.Optional(
    Closed(
      { reason: Type.Optional(Line(200, 'pain')) },
      { title: 'DoseAsNeeded', description: 'Only when needed; then `most` says the limit' },
    ),
  ),
  most: Type.Optional(Closed({ amount: Amount, in: Span }, { title: 'DoseLimit' })),
  for: Type.Optional(Span),
  from: Type.Optional(CalendarDate),
  until: Type.Optional(Type.String({ ...CalendarDate, description: 'The last day' })),
  route: Type.Optional(Type.Enum(routes, { examples: ['oral'] })),
  note: Type.Optional({ ...Line(500, 'Swallow it whole'), description: 'For whoever takes it, as it is' }),
} satisfies TProperties

const perKilogram = { value: number(15), unit: Unit }

export const NewDose = Closed(
  {
    amount: Type.Optional(Amount),
    perKilogram: Type.Optional(
      Closed(
        {
          ...perKilogram,
          roundTo: Type.Optional({
            ...number(5),
            description: 'The nearest multiple of this is prescribed; without it nothing is rounded',
          }),
        },
        {
          title: 'NewDosePerKilogram',
          description: 'Instead of `amount`: worked out of the newest weight in the record, unless that is too old',
        },
      ),
    ),
    ...rhythm,
  },
  { title: 'NewDose' },
)

export const Dose = Closed(
  {
    amount: Amount,
    perKilogram: Type.Optional(
      Closed(
        {
          ...perKilogram,
          exactly: Type.Optional({ ...number(231.2), description: 'Where `amount` was rounded: what it was before' }),
        },
        { title: 'DosePerKilogram' },
      ),
    ),
    ...rhythm,
  },
  { title: 'Dose' },
)

const Weight = {
  value: Type.Number({ examples: [15.4] }),
  unit: Type.String({ examples: ['kg'] }),
  measuredAt: Type.String({ examples: ['2031-03-01'] }),
  observation: Type.String({ examples: ['018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'] }),
  daysOld: Type.Integer({ examples: [3] }),
}

const ByWeight = Closed(
  {
    ...Weight,
    limitDays: Type.Integer({ examples: [91], description: 'How old a weight may be at the age of the patient' }),
    isOld: Type.Boolean({ description: 'Older than that by now' }),
    isNewest: Type.Optional(
      Type.Boolean({
        description: 'Whether it still is the newest in the record; left out where you may not see that',
      }),
    ),
    newest: Type.Optional(Closed(Weight, { title: 'NewestWeight', description: 'Where another one is' })),
  },
  { title: 'DoseByWeight', description: 'The weight that a dose was worked out of. It does not change by itself.' },
)

const finding = {
  kind: Type.Enum(['allergy', 'duplicate-therapy'], { examples: ['allergy'] }),
  with: Type.String({
    pattern: '^(AllergyIntolerance|MedicationRequest|MedicationStatement)/[A-Za-z0-9.-]{1,64}$',
    examples: ['AllergyIntolerance/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'],
  }),
}
const Override = Closed(
  { ...finding, reason: Line(500, 'Has taken it since without a reaction') },
  { title: 'PrescriptionOverride', description: 'Why it is right although the record speaks against it' },
)
const overrides = Type.Optional(Type.Array(Override, { maxItems: 400 }))

const facts = {
  what: Concept,
  ingredients: Type.Optional(
    Type.Array(Concept, { minItems: 1, maxItems: 20, description: 'What is in it, where codes of that are known' }),
  ),
  inTurn: Type.Optional(Type.Boolean({ description: 'Each dose follows on the one before; else they go together' })),
  reason: Type.Optional(Concept),
  note: Type.Optional({ ...Prose(4_000, 'Started in the ward'), description: 'For whoever treats and dispenses' }),
}

const doses = Type.Array(NewDose, { minItems: 1, maxItems: 8 })
export const NewPrescription = Closed(
  { ...facts, doses, category: Type.Optional(Category), overrides },
  { title: 'NewPrescription' },
)
export const PrescriptionChange = Closed({ ...facts, doses, overrides }, { title: 'PrescriptionChange' })

const By = Type.String({ examples: ['Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'] })
const prescription = {
  id: Id,
  patient: Id,
  status: Type.Enum(['active', 'on-hold', 'completed', 'stopped', 'entered-in-error'], { examples: ['active'] }),
  statusReason: Type.Optional(Type.String({ examples: ['Cough'] })),
  ...facts,
  doses: Type.Array(Dose),
  words: Type.String({
    examples: ['1 tablet, twice a day, with food, for 7 days'],
    description: 'The doses as whoever takes it reads them, in the language of Accept-Language',
  }),
  category: Category,
  course: Type.Optional(
    Closed(
      { lastDay: CalendarDate, hasRunOut: Type.Boolean() },
      {
        title: 'PrescriptionCourse',
        description:
          'While it is active, and its doses have an end: the day of the last one at the latest, and whether that is past. It stays active until somebody ends or renews it.',
      },
    ),
  ),
  byWeight: Type.Optional(ByWeight),
  prescribedBy: By,
  prescribedAt: Instant,
  changed: Closed({ by: By, at: Instant }, { description: 'Who wrote this version' }),
  renews: Type.Optional(Id),
  version: Version,
}
export const Prescription = Closed(prescription, { title: 'Prescription' })
const found = { ...finding, severity: Type.Enum(['high', 'moderate'], { examples: ['high'] }) }
export const PrescriptionWhole = Closed(
  {
    ...prescription,
    overridden: Type.Optional(
      Type.Array(Closed({ ...found, reason: Type.String() }, { title: 'OverriddenFinding' }), {
        description: 'What the record said against it, and why it was right',
      }),
    ),
    unchecked: Type.Optional(
      Type.Array(Closed(finding, { title: 'UncheckedFinding' }), {
        description:
          'At prescribing: what it could not be compared with, having no code in common. That nothing was found of them means little.',
      }),
    ),
  },
  { title: 'PrescriptionWhole' },
)

const bound = { patient: '/params/id' } as const
const url = '/v1/patients/:id/prescriptions'
const ofOne = Closed({ id: Id, prescription: Id })
const Reason = Closed({ reason: Line(500, 'Dry cough') }, { title: 'PrescriptionReason' })
const change = {
  ...bound,
  access: 'MedicationRequest.u',
  params: ofOne,
  ifMatch: true,
  response: PrescriptionWhole,
} as const

export const listPrescriptions = operation({
  ...bound,
  id: 'listPrescriptions',
  method: 'GET',
  url,
  summary: 'List what is prescribed to a patient',
  description: 'What was prescribed here and goes on, the newest first; with `include=all` behind it what ended.',
  access: 'MedicationRequest.s',
  params: Closed({ id: Id }),
  query: Closed({
    include: Type.Optional(Type.Enum(['active', 'all'], { default: 'active', examples: ['all'] })),
    ...PageQuery,
  }),
  response: Page(Prescription),
})

export const readPrescription = operation({
  ...bound,
  id: 'readPrescription',
  method: 'GET',
  url: `${url}/:prescription`,
  summary: 'Read a prescription',
  access: 'MedicationRequest.r',
  params: ofOne,
  response: PrescriptionWhole,
})

export const createPrescription = operation({
  ...bound,
  id: 'createPrescription',
  method: 'POST',
  url,
  summary: 'Prescribe a medicine',
  description:
    'By a practitioner with a licence who treats the patient. Compared with the allergies and medicines in the record: of each of `findings`, `overrides` says why it is right nevertheless. A dose for each kilogram needs a weight that is not too old for the age of the patient.',
  access: 'MedicationRequest.c',
  params: Closed({ id: Id }),
  body: NewPrescription,
  status: 201,
  response: PrescriptionWhole,
  problems: ['business-rule'],
})

export const updatePrescription = operation({
  ...change,
  problems: ['business-rule'],
  id: 'updatePrescription',
  method: 'PUT',
  url: `${url}/:prescription`,
  summary: 'Change a prescription',
  description:
    'Whole, and checked as when it was prescribed. Of a version that is overtaken, 412 says in `changes` what changed since, `by` whom and when (`at`).',
  body: PrescriptionChange,
})

export const holdPrescription = operation({
  ...change,
  problems: ['business-rule'],
  id: 'holdPrescription',
  method: 'POST',
  url: `${url}/:prescription/hold`,
  summary: 'Say that a medicine is not to be taken for now',
  body: Reason,
})

export const resumePrescription = operation({
  ...change,
  problems: ['business-rule'],
  id: 'resumePrescription',
  method: 'POST',
  url: `${url}/:prescription/resume`,
  summary: 'Say that a medicine is to be taken again',
  description:
    'Checked against the record as it is now. What is dosed by weight is renewed or changed instead where the weight is too old.',
  body: Closed({ overrides }, { title: 'PrescriptionResumption' }),
})

export const stopPrescription = operation({
  ...change,
  problems: ['business-rule'],
  id: 'stopPrescription',
  method: 'POST',
  url: `${url}/:prescription/stop`,
  summary: 'Stop a medicine',
  body: Reason,
})

export const renewPrescription = operation({
  ...change,
  problems: ['business-rule'],
  id: 'renewPrescription',
  method: 'POST',
  url: `${url}/:prescription/renew`,
  summary: 'Prescribe the same again',
  description:
    'A new prescription that follows on this one, which is completed. What is dosed by weight is worked out anew, and dates are those of then: then `doses` says how.',
  body: Closed({ doses: Type.Optional(doses), inTurn: facts.inTurn, overrides }, { title: 'PrescriptionRenewal' }),
  status: 201,
})

export const retractPrescription = operation({
  ...change,
  problems: ['business-rule'],
  id: 'retractPrescription',
  method: 'POST',
  url: `${url}/:prescription/entered-in-error`,
  summary: 'Say that a prescription was entered in error',
  description: 'It stays in the record with the reason, and is not to be taken.',
  body: Reason,
})
