import { type TProperties, Type } from 'typebox'
import { Closed, Id, Instant, Line, operation, Page, PageQuery, Prose, Version } from '#platform/operation.ts'
import { Concept } from './concept.ts'

// What is known of a patient, one kind after another, in plain words; the same resources as on the FHIR face. What these have no field for stays in the resource as it is.

export const EntryId = Type.String({
  pattern: '^[A-Za-z0-9.-]{1,64}$',
  examples: ['018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'],
  description: 'Of the entry, also on the FHIR face',
})
/** As far as it is known: a year, a month, a day, or an instant with its offset. */
const When = (example: string) =>
  Type.String({
    pattern:
      '^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01])(T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-](0\\d|1[0-4]):[0-5]\\d))?)?)?$',
    maxLength: 40,
    examples: [example],
    description: 'A year, a month, a day, or an instant with its offset',
  })
const one = <const T extends readonly string[]>(words: T, example: T[number]) =>
  Type.Enum(words as unknown as string[], { examples: [example] })
const note = Type.Optional(Prose(4_000, 'Since the second pregnancy'))
const verification = Type.Optional(
  one(['unconfirmed', 'provisional', 'differential', 'confirmed', 'refuted'], 'confirmed'),
)
const retracted = 'entered-in-error'

const Value = Closed(
  {
    number: Type.Optional(Type.Number({ examples: [12.4] })),
    unit: Type.Optional(
      Type.String({
        pattern: '^[!-~]{1,40}$',
        examples: ['g/dL'],
        description: 'UCUM; needed beside a number, and never guessed: `1` where there is none',
      }),
    ),
    concept: Type.Optional(Concept),
    confirmed: Type.Optional(
      Type.Boolean({ examples: [true], description: 'Looked at again, where the number is hardly plausible' }),
    ),
  },
  { title: 'ResultValue', minProperties: 1 },
)

const Recorded = Closed(
  {
    at: Instant,
    by: Type.Optional(Type.String({ examples: ['Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'] })),
    way: Type.Enum(['here', 'import', 'fhir'], {
      examples: ['here'],
      description: 'By /v1, taken over from elsewhere, or by a FHIR app',
    }),
    source: Type.Optional(Type.String({ examples: ['Harbour Clinic'], description: 'Where it was taken over from' })),
  },
  { title: 'Recorded', description: 'Who wrote it down first, when, and by which way' },
)

const facts = {
  problems: {
    what: Concept,
    status: one(['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved'], 'active'),
    verification,
    onset: Type.Optional(When('2029-05')),
    until: Type.Optional(When('2030-01-15')),
    note,
  },
  allergies: {
    what: Concept,
    status: one(['active', 'inactive', 'resolved'], 'active'),
    verification: Type.Optional(one(['unconfirmed', 'confirmed', 'refuted'], 'confirmed')),
    type: Type.Optional(one(['allergy', 'intolerance'], 'allergy')),
    criticality: Type.Optional(one(['low', 'high', 'unable-to-assess'], 'high')),
    onset: Type.Optional(When('2015')),
    reaction: Type.Optional(Concept),
    severity: Type.Optional(one(['mild', 'moderate', 'severe'], 'severe')),
    note,
  },
  medicines: {
    what: Concept,
    status: one(['active', 'completed', 'intended', 'stopped', 'on-hold', 'unknown', 'not-taken'], 'active'),
    from: Type.Optional(When('2030-11-01')),
    until: Type.Optional(When('2031-02-01')),
    dosage: Type.Optional(Line(1_000, 'One tablet in the morning')),
    note,
  },
  immunisations: {
    what: Concept,
    status: one(['completed', 'not-done'], 'completed'),
    on: When('2030-10-02'),
    lot: Type.Optional(Line(100, 'AX-1204')),
    reason: Type.Optional(Concept),
    note,
  },
  results: {
    what: Concept,
    status: one(['registered', 'preliminary', 'final', 'amended', 'corrected', 'cancelled'], 'final'),
    at: When('2031-02-03T08:00:00Z'),
    value: Type.Optional(Value),
    note,
  },
  procedures: {
    what: Concept,
    status: one(['preparation', 'in-progress', 'not-done', 'on-hold', 'stopped', 'completed', 'unknown'], 'completed'),
    on: Type.Optional(When('2028-04-11')),
    outcome: Type.Optional(Concept),
    note,
  },
  documents: {
    what: Type.Optional(Concept),
    title: Line(300, 'Letter of discharge'),
    status: one(['current', 'superseded'], 'current'),
    on: Type.Optional(Instant),
  },
} satisfies Record<string, TProperties>

export type KindName = keyof typeof facts

const patientOnly = Closed({ id: Id })
const ofEntry = Closed({ id: Id, entry: EntryId })

/** Whatever apps wrote of it, an answer shows: it may say less than is asked of who writes here. */
const shown = (name: KindName, title: string) => {
  const { status, ...others } = facts[name] as TProperties
  return Closed(
    {
      id: EntryId,
      ...Type.Partial(Type.Object(others)).properties,
      status: Type.Optional(
        Type.Enum([...((status as unknown as { enum: string[] }).enum ?? []), retracted], { examples: [retracted] }),
      ),
      ...(name === 'documents' && {
        file: Type.Optional(
          Closed(
            {
              mediaType: Type.Optional(Type.String({ examples: ['application/pdf'] })),
              bytes: Type.Optional(Type.Integer({ examples: [20_480] })),
              link: Type.Optional(Type.String({ examples: ['/v1/patients/018f…/documents/018f…/file'] })),
            },
            { title: 'DocumentFile' },
          ),
        ),
      }),
      recorded: Recorded,
      version: Version,
    },
    { title },
  )
}

interface Named {
  one: string
  many: string
  /** Of the FHIR face, and of the scopes. */
  type: Capitalize<string>
}

/** A record may be read by who is let see it, and written by who treats the patient. */
const bound = { patient: '/params/id' } as const

const operationsOf = <K extends KindName>(kind: K, named: Named) => ({
  ...readingOf(kind, named),
  ...writingOf(kind, named),
})

const wordOf = (one: string) => `${/^[AEIOU]/.test(one) ? 'an' : 'a'} ${one.toLowerCase()}`

function readingOf<K extends KindName>(kind: K, { one, many, type }: Named) {
  const url = `/v1/patients/:id/${kind}` as const
  return {
    list: operation({
      ...bound,
      id: `list${many}`,
      method: 'GET',
      url,
      summary: `List a patient’s ${kind}`,
      description:
        'What still holds; with `include=all` first that, then all else, what was entered in error too. A page may have fewer than asked for where `next` goes on.',
      access: `${type}.s`,
      params: patientOnly,
      query: Closed({
        include: Type.Optional(Type.Enum(['active', 'all'], { default: 'active', examples: ['all'] })),
        ...PageQuery,
      }),
      response: Page(shown(kind, `${one}Entry`)),
    }),
    read: operation({
      ...bound,
      id: `read${one}`,
      method: 'GET',
      url: `${url}/:entry`,
      summary: `Read ${wordOf(one)}`,
      access: `${type}.r`,
      params: ofEntry,
      response: shown(kind, `${one}Entry`),
    }),
  } as const
}

function writingOf<K extends KindName>(kind: K, { one, type }: Named) {
  const url = `/v1/patients/:id/${kind}` as const
  const Entry = shown(kind, `${one}Entry`)
  const change = { ...bound, access: `${type}.u`, params: ofEntry, ifMatch: true, response: Entry } as const
  return {
    add: operation({
      ...bound,
      id: `create${one}`,
      method: 'POST',
      url,
      summary: `Add ${wordOf(one)} to a record`,
      description: 'By whoever treats the patient.',
      access: `${type}.c`,
      params: patientOnly,
      body: Closed(facts[kind], { title: `New${one}Entry` }),
      status: 201,
      response: Entry,
      problems: ['business-rule'],
    }),
    change: operation({
      ...change,
      id: `update${one}`,
      method: 'PUT',
      url: `${url}/:entry`,
      summary: `Change ${wordOf(one)}`,
      description:
        'By whoever treats the patient. Whole: what is left out is taken away. Of a version that is overtaken, 412 says in `changes` what changed since, `by` whom and when (`at`).',
      body: Closed(facts[kind], { title: `${one}EntryChange` }),
      problems: ['business-rule'],
    }),
    retract: operation({
      ...change,
      id: `retract${one}`,
      method: 'POST',
      url: `${url}/:entry/entered-in-error`,
      summary: `Say that ${wordOf(one)} was entered in error`,
      description: 'It stays in the record with the reason, and no longer counts.',
      body: Closed({ reason: Line(500, 'Of another patient') }, { title: `${one}InError` }),
      problems: ['business-rule'],
    }),
  } as const
}

export const problems = operationsOf('problems', { one: 'Problem', many: 'Problems', type: 'Condition' })
export const allergies = operationsOf('allergies', { one: 'Allergy', many: 'Allergies', type: 'AllergyIntolerance' })
export const medicines = operationsOf('medicines', { one: 'Medicine', many: 'Medicines', type: 'MedicationStatement' })
export const immunisations = operationsOf('immunisations', {
  ...{ one: 'Immunisation', many: 'Immunisations', type: 'Immunization' },
})
export const results = operationsOf('results', { one: 'Result', many: 'Results', type: 'Observation' })
export const procedures = operationsOf('procedures', { one: 'Procedure', many: 'Procedures', type: 'Procedure' })
const { add: _byUpload, ...keptDocuments } = operationsOf('documents', {
  ...{ one: 'Document', many: 'Documents', type: 'DocumentReference' },
})
export const documents = keptDocuments

export const createDocument = operation({
  id: 'createDocument',
  method: 'POST',
  url: '/v1/patients/:id/documents',
  summary: 'Add a document to a record',
  description:
    'By whoever treats the patient; at most 5 MB. The content decides what it is, not the header. Pictures are redrawn without metadata. A PDF is kept as given, and refused where it is encrypted, acts by itself, or leads elsewhere when it is opened.',
  access: 'DocumentReference.c',
  patient: '/params/id',
  params: patientOnly,
  query: Closed({ title: facts.documents.title, on: facts.documents.on }),
  upload: { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 5_242_880 },
  status: 201,
  response: shown('documents', 'DocumentEntry'),
  problems: ['business-rule'],
})
export const readDocumentFile = operation({
  id: 'readDocumentFile',
  method: 'GET',
  url: '/v1/patients/:id/documents/:entry/file',
  summary: 'Get the file of a document',
  access: 'DocumentReference.r',
  patient: '/params/id',
  params: ofEntry,
  download: 'application/octet-stream',
})

export const kinds = { problems, allergies, medicines, immunisations, results, procedures, documents }
