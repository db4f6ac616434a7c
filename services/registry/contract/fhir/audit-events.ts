import { Type } from 'typebox'
import { Closed, Instant, operation } from '#platform/operation.ts'
import {
  Concept,
  FhirIdParams,
  Reference,
  Resource,
  SearchQuery,
  Searchset,
  Values,
} from '../../../scheduling/contract/fhir/types.ts'

// Who saw somebody's record, as R4 says it: hl7.org/fhir/R4/auditevent.html.

const Coding = Closed({ system: Type.String(), code: Type.String(), display: Type.Optional(Type.String()) })
const Named = Closed({ reference: Type.Optional(Type.String()), display: Type.String() })

export const AuditEvent = Resource('AuditEvent', {
  type: Coding,
  action: Type.Enum(['C', 'R', 'U', 'D', 'E'], { examples: ['R'] }),
  recorded: Instant,
  outcome: Type.Enum(['0', '4'], { examples: ['0'], description: '4: somebody tried, and was not let in' }),
  outcomeDesc: Type.String({ examples: ['Dr Amina Okello, who treats you, read your profile.'] }),
  agent: Type.Array(Closed({ who: Named, requestor: Type.Boolean(), role: Type.Optional(Type.Array(Concept)) })),
  source: Closed({ observer: Closed({ display: Type.String() }) }),
  entity: Type.Array(
    Closed({
      what: Type.Optional(Reference),
      type: Type.Optional(Coding),
      role: Type.Optional(Coding),
      name: Type.Optional(Type.String()),
    }),
  ),
})

const search = {
  patient: { type: 'reference', documentation: 'Patient/…; without it, who asks' },
  date: { type: 'date', documentation: 'When it was; with eq, ge, gt, le, lt, sa or eb; may come several times' },
  action: { type: 'token', documentation: 'C, R, U, D or E; several with commas between' },
  agent: { type: 'reference', documentation: 'Practitioner/…, of those who are named; or Patient/…, by themselves' },
  entity: { type: 'reference', documentation: 'Observation/… and so on; for the patient alone' },
} as const

const description =
  'What GET /v1/patients/{id}/access-log shows, to whom it shows that: the patient, and a caregiver with the power `see-record`. What was touched is named to the patient alone.'

export const readFhirAuditEvent = operation({
  id: 'readFhirAuditEvent',
  method: 'GET',
  url: '/fhir/R4/AuditEvent/:id',
  summary: 'Read who saw or changed something of a patient’s data (FHIR R4)',
  description,
  access: 'signed-in',
  fhir: { resource: 'AuditEvent', interaction: 'read' },
  params: FhirIdParams,
  response: AuditEvent,
})
export const searchFhirAuditEvents = operation({
  id: 'searchFhirAuditEvents',
  method: 'GET',
  url: '/fhir/R4/AuditEvent',
  summary: 'Search who saw or changed a patient’s data, newest first (FHIR R4)',
  description,
  access: 'signed-in',
  fhir: { resource: 'AuditEvent', interaction: 'search-type', search },
  query: SearchQuery({
    patient: Values('Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.patient.documentation),
    date: Values('ge2031-03-03', search.date.documentation),
    action: Values('R', search.action.documentation),
    agent: Values('Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.agent.documentation),
    entity: Values('Observation/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.entity.documentation),
  }),
  response: Searchset(AuditEvent, 'FhirAuditEvents'),
})
