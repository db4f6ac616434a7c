import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery } from '#platform/operation.ts'

// What leaves the house in somebody's hand: SMART Health Cards and SMART Health Links (hl7.org/fhir/uv/smart-health-cards-and-links).

const EXAMPLE = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'

const parameter = Closed({
  name: Type.Enum(['credentialType', 'credentialValueSet', 'includeIdentityClaim', '_since'], {
    examples: ['credentialType'],
  }),
  valueUri: Type.Optional(
    Type.String({ pattern: '^[!-~]{1,500}$', examples: ['Immunization'], description: 'A type of resource' }),
  ),
  valueString: Type.Optional(Type.String({ pattern: '^[A-Za-z.\\[\\]0-9]{1,100}$', examples: ['Patient.name'] })),
  valueDateTime: Type.Optional(Type.String({ pattern: '^[0-9TZ:.+-]{4,40}$', examples: ['2031-01-01'] })),
})

export const issueFhirHealthCards = operation({
  id: 'issueFhirHealthCards',
  method: 'POST',
  url: '/fhir/R4/Patient/:id/$health-cards-issue',
  summary: 'SMART Health Cards of a patient (FHIR R4)',
  description:
    'Of vaccinations, allergies, problems and medicines: by whoever sees them. Of several types it is one card that holds all of them, or none. Without a card the answer has no parameter. `credentialValueSet` is refused.',
  access: 'Patient.r',
  patient: '/params/id',
  fhir: {
    resource: 'Patient',
    interaction: 'operation',
    operation: {
      ...{ name: 'health-cards-issue', level: 'instance' },
      parameters: [
        {
          ...{ name: 'credentialType', use: 'in', min: 1, max: '*', type: 'uri' },
          documentation: 'Immunization, AllergyIntolerance, Condition, MedicationStatement or MedicationRequest',
        },
        {
          ...{ name: 'includeIdentityClaim', use: 'in', min: 0, max: '*', type: 'string' },
          documentation: 'Patient.name and Patient.birthDate, which is both where this is left out',
        },
        {
          ...{ name: '_since', use: 'in', min: 0, type: 'dateTime' },
          documentation: 'Only what was written here since',
        },
        {
          ...{ name: 'verifiableCredential', use: 'out', min: 0, max: '*', type: 'string' },
          documentation: 'A card, as a JWS',
        },
      ],
    },
  },
  params: Closed({ id: Type.String({ pattern: '^[A-Za-z0-9.-]{1,64}$', examples: [EXAMPLE] }) }),
  idempotent: false,
  body: Closed(
    {
      resourceType: Type.Enum(['Parameters']),
      parameter: Type.Array(parameter, { minItems: 1, maxItems: 50 }),
    },
    {
      title: 'FhirHealthCardsIssue',
      examples: [{ resourceType: 'Parameters', parameter: [{ name: 'credentialType', valueUri: 'Immunization' }] }],
    },
  ),
  problems: ['business-rule'],
  response: Closed(
    {
      resourceType: Type.Enum(['Parameters']),
      parameter: Type.Optional(
        Type.Array(Closed({ name: Type.Enum(['verifiableCredential']), valueString: Type.String() })),
      ),
    },
    { title: 'FhirHealthCardsIssued' },
  ),
})

const Holds = Type.Enum(['immunizations', 'summary'], {
  examples: ['immunizations'],
  description: 'Vaccinations alone; or allergies, problems and medicines too',
})
const of = Type.Optional(Type.Enum(Holds.enum, { ...Holds, default: 'immunizations' }))

export const listHealthCards = operation({
  id: 'listHealthCards',
  method: 'GET',
  url: '/v1/patients/:id/health-cards',
  summary: 'SMART Health Cards of a patient, made now and kept nowhere; or one on paper, as Accept says',
  description:
    'By whoever sees what is in them. Each is as much as one QR code holds; a single fact that is longer has no `qr`. Cards say codes and no words, so `leftOut` names what they cannot say: whoever hands them out has to. A page or a PDF shows the QR code of one card, and what it says in words.',
  access: 'Patient.r',
  patient: '/params/id',
  params: IdParams,
  query: Closed({
    of,
    card: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 500, examples: [1], description: 'On paper: which of them; the first' }),
    ),
    paper: Type.Optional(
      Type.Enum(['a4', 'a5', 'receipt'], { examples: ['a4'], description: 'Of a PDF; `receipt`: a roll of 58 mm' }),
    ),
  }),
  problems: ['business-rule'],
  alsoAs: ['text/html', 'application/pdf'],
  response: Closed(
    {
      cards: Type.Array(
        Closed({
          jws: Type.String({ description: 'As a file has it, and a wallet' }),
          qr: Type.Optional(Type.String({ examples: ['shc:/567629595326546034602925'] })),
        }),
      ),
      leftOut: Type.Array(Type.String({ examples: [`Immunization/${EXAMPLE}`] })),
      more: Type.Integer({ minimum: 0, examples: [0], description: 'So many older ones were not looked at' }),
    },
    { title: 'HealthCards' },
  ),
})

const what = Type.Enum(['summary', 'immunizations', 'report'], {
  examples: ['summary'],
  description: 'The International Patient Summary; a card of vaccinations; or a report, named by `report`',
})
const label = Line(80, 'For the clinic in Port Selam')

export const HealthLink = Closed(
  {
    id: Id,
    patient: Id,
    what,
    report: Type.Optional(Id),
    label: Type.Optional(label),
    hasPasscode: Type.Boolean({ examples: [true] }),
    isOneFile: Type.Boolean({ examples: [false] }),
    isLongTerm: Type.Boolean({ examples: [false] }),
    status: Type.Enum(['open', 'expired', 'revoked', 'locked', 'withheld'], {
      examples: ['open'],
      description:
        '`locked`: the passcode was wrong too often; `withheld`: whoever made it may not share by now what is in it, and it opens nothing until they may, or renew it',
    }),
    createdAt: Instant,
    expiresAt: Instant,
    updatedAt: Type.String({ ...Instant, description: 'Of when its content is' }),
    opened: Type.Integer({ minimum: 0, examples: [2], description: 'How often' }),
    openings: Type.Array(
      Closed({
        at: Instant,
        recipient: Type.String({
          maxLength: 300,
          description: 'What whoever opened it calls itself: nobody checks that',
        }),
      }),
      { description: 'The newest, at most twenty' },
    ),
  },
  { title: 'HealthLink' },
)

const link = Type.String({
  pattern: '^[!-~]{20,1000}$',
  examples: ['shlink:/eyJ1cmwiOiJodHRwczovL29wZW5oY3MuZXhhbXBsZS9zaGwvIn0'],
})

export const createHealthLink = operation({
  id: 'createHealthLink',
  method: 'POST',
  url: '/v1/patients/:id/health-links',
  summary: 'Share by a link',
  description:
    'A SMART Health Link, for somebody outside the house. By whoever sees the record: the patient, caregivers who may, and who treats them, but nobody who sees it in an emergency alone. What it shares is encrypted as it is now; the key is in the link alone, which is told this once: it is kept nowhere, also not for an Idempotency-Key. It opens nothing once it has expired or was revoked, the passcode was wrong ten times, or whoever made it no longer sees what is in it. No token with scopes makes links.',
  access: 'HealthLink.c',
  idempotent: false,
  params: IdParams,
  body: Closed(
    {
      what,
      report: Type.Optional(Id),
      expiresAt: Type.String({ ...Instant, description: 'Within a year' }),
      passcode: Type.Optional(Line(100, '4711-0815')),
      label: Type.Optional(label),
      isOneFile: Type.Optional(
        Type.Boolean({ examples: [false], description: 'Fetched directly, for simple readers; without a passcode' }),
      ),
      isLongTerm: Type.Optional(
        Type.Boolean({ examples: [false], description: 'May be renewed, and may be asked for again' }),
      ),
    },
    { title: 'NewHealthLink', examples: [{ what: 'summary', expiresAt: '2031-03-08T08:00:00Z' }] },
  ),
  status: 201,
  problems: ['business-rule', 'too-long'],
  response: Closed({ ...HealthLink.properties, link }, { title: 'HealthLinkMade' }),
})

export const listHealthLinks = operation({
  id: 'listHealthLinks',
  method: 'GET',
  url: '/v1/patients/:id/health-links',
  summary: 'List what is shared by links, with how often and when each was opened; the newest first',
  description: 'Patients see all of theirs, others those that they made.',
  access: 'HealthLink.s',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(HealthLink),
})

export const renewHealthLink = operation({
  id: 'renewHealthLink',
  method: 'POST',
  url: '/v1/health-links/:id/renew',
  summary: 'Share what is known by now, by a link that is long-term',
  description: 'By whoever made it, who sends the link: its key is not kept.',
  access: 'HealthLink.u',
  idempotent: false,
  params: IdParams,
  body: Closed({ link }, { title: 'HealthLinkRenewal' }),
  problems: ['business-rule', 'too-long'],
  response: HealthLink,
})

export const revokeHealthLink = operation({
  id: 'revokeHealthLink',
  method: 'DELETE',
  url: '/v1/health-links/:id',
  summary: 'Revoke a link',
  description:
    'By the patient, or whoever made it. It opens nothing from the next request on; what was shared is deleted.',
  access: 'HealthLink.d',
  params: IdParams,
})
