import { Type } from 'typebox'
import { Closed, Id, Instant, operation, Version } from '#platform/operation.ts'

export const MOST_BYTES = 10_485_760
export const MOST_ENTRIES = 2_000
export const MOST_REFERENCES = 20_000
/** Of one account. */
export const MOST_OPEN = 10

const text = (example: string) => Type.String({ examples: [example] })
const Difference = Closed(
  { field: text('onsetDateTime'), here: Type.Optional(text('"2029"')), there: Type.Optional(text('"2029-05"')) },
  { title: 'RecordDifference', description: 'Both as JSON of FHIR; absent where one does not say' },
)

export const RecordImport = Closed(
  {
    id: Id,
    source: text('Harbour Clinic'),
    status: Type.Enum(['preview', 'applied'], { examples: ['preview'] }),
    expiresAt: Instant,
    patient: Type.Array(Difference, { description: 'Where the file says otherwise who this is: shown, never taken' }),
    entries: Type.Array(
      Closed(
        {
          entry: Type.Integer({ examples: [3], description: 'Its place in the file' }),
          type: Type.Optional(text('Condition')),
          words: Type.Optional(text('Hypertension')),
          outcome: Type.Enum(['new', 'same', 'conflict', 'not-taken'], { examples: ['conflict'] }),
          existing: Type.Optional(text('Condition/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f')),
          existingVersion: Type.Optional(Type.Integer({ examples: [2] })),
          differences: Type.Optional(Type.Array(Difference)),
          why: Type.Optional(text('It says that nothing is known.')),
        },
        { title: 'RecordImportEntry' },
      ),
    ),
    version: Version,
  },
  { title: 'RecordImport' },
)

const shared = { patient: '/params/id' } as const

export const createRecordImport = operation({
  ...shared,
  id: 'createRecordImport',
  method: 'POST',
  url: '/v1/patients/:id/record-imports',
  summary: 'Look at what a file would bring into a record',
  description:
    'A Bundle of FHIR R4 (collection, document such as an International Patient Summary, searchset or transaction) of one patient, by whoever treats them. Nothing is written yet, and no link is followed. The preview is there for a day, for whoever asked for it; of ten that are open the oldest goes when another is asked for. `why` of an entry that is new says what of it is lost, such as a file that cannot be taken, or what was measured and can hardly be so.',
  access: 'Bundle.c',
  params: Closed({ id: Id }),
  upload: { mediaTypes: ['application/fhir+json', 'application/json'], maxBytes: MOST_BYTES },
  status: 201,
  response: RecordImport,
  problems: ['business-rule'],
})
export const readRecordImport = operation({
  ...shared,
  id: 'readRecordImport',
  method: 'GET',
  url: '/v1/patients/:id/record-imports/:import',
  summary: 'See the preview of an import again',
  access: 'Bundle.r',
  params: Closed({ id: Id, import: Id }),
  response: RecordImport,
})
export const decideRecordImport = operation({
  ...shared,
  id: 'decideRecordImport',
  method: 'POST',
  url: '/v1/patients/:id/record-imports/:import/decisions',
  summary: 'Decide what of an import is taken into the record',
  description:
    'One decision for each entry that is new or in conflict, all in one transaction: `take` what the file says, `keep` the record as it is, or have `both`. Where the record has changed since the preview, 412: read the preview again.',
  access: 'Bundle.c',
  params: Closed({ id: Id, import: Id }),
  body: Closed(
    {
      decisions: Type.Array(
        Closed({
          entry: Type.Integer({ minimum: 0, maximum: MOST_ENTRIES, examples: [3] }),
          decision: Type.Enum(['take', 'keep', 'both'], { examples: ['take'] }),
        }),
        { maxItems: MOST_ENTRIES },
      ),
    },
    { title: 'RecordImportDecisions' },
  ),
  ifMatch: true,
  response: RecordImport,
  problems: ['business-rule', 'conflict'],
})
