import { Type } from 'typebox'
import { Closed, IdParams, Instant, Line, operation, Page, PageQuery } from '#platform/operation.ts'

// Who saw my record.

const Seen = Closed(
  {
    at: Instant,
    action: Type.Enum(['C', 'R', 'U', 'D', 'E'], {
      examples: ['R'],
      description: 'FHIR’s AuditEvent.action: create, read, update, delete, execute',
    }),
    what: Type.String({ examples: ['Appointment'], description: 'The kind of what was touched' }),
    who: Type.Enum(['yourself', 'practitioner', 'caregiver', 'desk', 'administrator', 'service', 'app', 'somebody'], {
      examples: ['practitioner'],
    }),
    name: Type.Optional(
      Type.String({
        ...Line(300, 'Dr Amina Okello'),
        description: 'Of a person or app; for `desk`, of the organisation',
      }),
    ),
    relationship: Type.Optional(Type.String({ examples: ['treatment'] })),
    refused: Type.Boolean({ examples: [false], description: 'Whether somebody tried and was not let in' }),
    text: Type.String({ examples: ['Dr Amina Okello, who treats you, read your profile.'] }),
  },
  { title: 'AccessLogEntry' },
)
export const readAccessLog = operation({
  id: 'readAccessLog',
  method: 'GET',
  url: '/v1/patients/:id/access-log',
  summary: 'Who saw or changed a patient’s data, newest first',
  description:
    'By the patient, and by a caregiver with the power `see-record`. Each look at it is in it as well, from the next one on. Of two records that became one, what was done with either.',
  access: 'signed-in',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Seen),
})
