import { Type } from 'typebox'
import { CalendarDate, Closed, Id, Instant, Prose, Version } from '#platform/operation.ts'
import { Concept } from '../../records/contract/concept.ts'

// What a note of a consultation says, section by section: as it is drafted, and as it was signed.

export const vitalKinds = [
  'blood-pressure',
  'heart-rate',
  'respiratory-rate',
  'temperature',
  'oxygen-saturation',
  'weight',
  'height',
  'head-circumference',
  'pain',
  'glucose',
] as const

const amount = Type.Optional(Type.Number({ minimum: -1_000_000, maximum: 1_000_000, examples: [38.4] }))
const pressure = (example: number) =>
  Type.Optional(Type.Number({ minimum: -1_000, maximum: 10_000, examples: [example] }))

export const Vital = Closed(
  {
    id: Type.Optional(Type.String({ ...Id, description: 'Of one that the signed note has: it is amended' })),
    kind: Type.Enum([...vitalKinds], { examples: ['temperature'] }),
    value: amount,
    systolic: pressure(128),
    diastolic: pressure(82),
    unit: Type.Optional(
      Type.String({
        maxLength: 20,
        pattern: '^[!-~]+$',
        examples: ['Cel'],
        description:
          'UCUM, as it was measured. It is kept so, and never guessed: without one the note cannot be signed',
      }),
    ),
    at: Type.Optional(Type.String({ ...Instant, description: 'When; left out: at the consultation' })),
    confirmed: Type.Optional(
      Type.Boolean({ examples: [true], description: 'Outside the plausible, looked at again, and so' }),
    ),
  },
  { title: 'Vital' },
)

export const Problem = Closed(
  {
    id: Type.Optional(
      Type.String({
        ...Id,
        description: 'Of one that is in the record already; left out: it is new, and is put there',
      }),
    ),
    version: Type.Optional({ ...Version, description: 'Of that one, as it was read' }),
    code: Type.Optional({ ...Concept, examples: [{ text: 'Cough' }] }),
    clinicalStatus: Type.Optional(
      Type.Enum(['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved'], { examples: ['active'] }),
    ),
    verificationStatus: Type.Optional(
      Type.Enum(['unconfirmed', 'provisional', 'differential', 'confirmed', 'refuted', 'entered-in-error'], {
        examples: ['confirmed'],
      }),
    ),
    onset: Type.Optional(CalendarDate),
    note: Type.Optional(Prose(2_000, 'Since the winter')),
  },
  { title: 'NotedProblem' },
)

export const Order = Closed(
  {
    id: Type.Optional(Type.String({ ...Id, description: 'Of one that the signed note has' })),
    version: Type.Optional({ ...Version, description: 'Of that one, as it was read' }),
    code: Type.Optional({ ...Concept, examples: [{ text: 'Chest X-ray' }] }),
    priority: Type.Optional(Type.Enum(['routine', 'urgent', 'asap', 'stat'], { examples: ['routine'] })),
    note: Type.Optional(Prose(2_000, 'Fasting')),
  },
  { title: 'Order' },
)

const text = (example: string, longest = 5_000) => Type.Optional(Prose(longest, example))

export const sections = {
  reason: text('Cough for a week'),
  history: text('Began after a cold; no fever at night'),
  subjective: text('Says that she sleeps badly'),
  vitals: Type.Optional(Type.Array(Vital, { maxItems: 30 })),
  examination: text('Chest clear'),
  objective: text('Looks well'),
  assessment: text('Most likely viral'),
  problems: Type.Optional(Type.Array(Problem, { maxItems: 50 })),
  orders: Type.Optional(Type.Array(Order, { maxItems: 50 })),
  plan: text('Rest, and come back if it lasts'),
  note: text('Anything that fits nowhere else, or the whole note', 15_000),
}

export const Sections = Closed(sections, {
  title: 'NoteSections',
  description:
    'All of them may be left out. SOAP is subjective, objective (with vitals), assessment (with problems), plan (with orders); free is note',
})

export const sectionNames = Object.keys(sections) as (keyof typeof sections)[]
export type SectionName = keyof typeof sections

export const Attachment = Closed(
  {
    id: Id,
    title: Type.String({ examples: ['Letter of the hospital'] }),
    contentType: Type.String({ examples: ['image/jpeg'] }),
    bytes: Type.Integer({ minimum: 0, examples: [48_211] }),
    addedAt: Instant,
  },
  { title: 'NoteAttachment' },
)
