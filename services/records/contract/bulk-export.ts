import { Type } from 'typebox'
import { Closed, type FhirParameter, Id, IdParams, Instant, operation } from '#platform/operation.ts'
import { FhirIdParams } from '../../scheduling/contract/fhir/types.ts'

// Bulk Data Access 2: hl7.org/fhir/uv/bulkdata/STU2/export.html

const Types = Type.String({
  maxLength: 2_000,
  pattern: '^[A-Za-z]+(,[A-Za-z]+)*$',
  examples: ['Condition,Observation'],
  description: 'Types of resources; all that the token may have, where it is left out',
})
const Search = Type.String({ minLength: 1, maxLength: 2_000, examples: ['Observation?category=vital-signs'] })
const asked = {
  _type: Type.Optional(Types),
  _since: Type.Optional(Instant),
  _typeFilter: Type.Optional(
    Type.Array(Search, {
      maxItems: 20,
      description: 'Searches; of a type with one or several, what one of them finds',
    }),
  ),
  _outputFormat: Type.Optional(
    Type.Enum(['application/fhir+ndjson', 'application/fhir ndjson', 'application/ndjson', 'ndjson'], {
      examples: ['ndjson'],
    }),
  ),
}
const patient = Type.Optional(
  Type.String({ maxLength: 5_000, examples: ['Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'] }),
)

const takes = (name: string, type: FhirParameter['type'], documentation: string): FhirParameter => ({
  ...{ name, type, documentation },
  ...{ use: 'in', min: 0 },
})
const parameters = [
  takes('_type', 'string', 'Types of resources, with commas between'),
  takes('_since', 'instant', 'What changed after that, and what was deleted'),
  takes('_typeFilter', 'string', 'A search of a type'),
  takes('_outputFormat', 'string', 'application/fhir+ndjson'),
]
const ofPatients = [...parameters, takes('patient', 'Reference', 'Patient/…: of these alone')]

const Parameters = Closed(
  {
    resourceType: Type.Enum(['Parameters']),
    parameter: Type.Optional(
      Type.Array(
        Closed({
          name: Type.Enum(['_type', '_since', '_typeFilter', '_outputFormat', 'patient']),
          valueString: Type.Optional(Search),
          valueInstant: Type.Optional(Instant),
          valueReference: Type.Optional(Closed({ reference: Type.String({ maxLength: 200 }) })),
        }),
        { maxItems: 1_000 },
      ),
    ),
  },
  { title: 'ExportParameters', examples: [{ resourceType: 'Parameters', parameter: [] }] },
)

const kickOff = {
  access: 'BulkExport.c',
  idempotent: false,
  status: 202,
  download: 'application/fhir+json',
  description:
    'By apps that come for themselves (SMART backend services), with `Prefer: respond-async`: 202, and Content-Location says where to ask how far it is. Two at once for each app.',
} as const
const ofSystem = { interaction: 'operation', operation: { name: 'export', level: 'system', parameters } } as const
const ofPatient = {
  resource: 'Patient',
  interaction: 'operation',
  operation: { name: 'export', level: 'type', parameters: ofPatients },
} as const

const ofGroup = {
  resource: 'Group',
  interaction: 'operation',
  operation: { name: 'export', level: 'instance', parameters: ofPatients },
} as const

export const exportAll = operation({
  ...kickOff,
  id: 'exportAll',
  method: 'GET',
  url: '/fhir/R4/$export',
  summary: 'Export all records that the app may have',
  query: Closed(asked),
  fhir: ofSystem,
})
export const exportAllByParameters = operation({
  ...kickOff,
  id: 'exportAllByParameters',
  method: 'POST',
  url: '/fhir/R4/$export',
  summary: 'Export all records that the app may have, with Parameters as the body',
  body: Parameters,
  fhir: ofSystem,
})
export const exportPatients = operation({
  ...kickOff,
  id: 'exportPatients',
  method: 'GET',
  url: '/fhir/R4/Patient/$export',
  summary: 'Export what is about patients, of all whom the app may have',
  query: Closed({ ...asked, patient }),
  fhir: ofPatient,
})
export const exportPatientsByParameters = operation({
  ...kickOff,
  id: 'exportPatientsByParameters',
  method: 'POST',
  url: '/fhir/R4/Patient/$export',
  summary: 'Export what is about patients, with Parameters as the body',
  body: Parameters,
  fhir: ofPatient,
})

export const exportGroup = operation({
  ...kickOff,
  id: 'exportGroup',
  method: 'GET',
  url: '/fhir/R4/Group/:id/$export',
  summary: 'Export what is about the patients who are members of a Group',
  params: FhirIdParams,
  query: Closed({ ...asked, patient }),
  fhir: ofGroup,
})
export const exportGroupByParameters = operation({
  ...kickOff,
  id: 'exportGroupByParameters',
  method: 'POST',
  url: '/fhir/R4/Group/:id/$export',
  summary: 'Export what is about the members of a Group, with Parameters as the body',
  params: FhirIdParams,
  body: Parameters,
  fhir: ofGroup,
})

export const readBulkExport = operation({
  id: 'readBulkExport',
  method: 'GET',
  url: '/fhir/R4/bulk-export/:id',
  summary: 'See how far an export is: 202 with X-Progress, then 200 with its files',
  access: 'BulkExport.r',
  params: IdParams,
  download: 'application/json',
})
export const endBulkExport = operation({
  id: 'endBulkExport',
  method: 'DELETE',
  url: '/fhir/R4/bulk-export/:id',
  summary: 'Call off an export, or give up its files',
  access: 'BulkExport.d',
  params: IdParams,
  status: 202,
  download: 'application/json',
})
export const readBulkFile = operation({
  id: 'readBulkFile',
  method: 'GET',
  url: '/fhir/R4/bulk-export/:id/:file',
  summary: 'A file of an export',
  description: 'For a day, with a token of the same app that may have its type.',
  access: 'BulkExport.r',
  params: Closed({
    id: Id,
    file: Type.String({ pattern: '^(output|deleted)-\\d{1,6}\\.ndjson$', examples: ['output-1.ndjson'] }),
  }),
  download: 'application/fhir+ndjson',
})
