import { Type } from 'typebox'
import { Closed, IdParams, Instant, Line, operation, Prose } from '#platform/operation.ts'

// What people permit and refuse, by purpose and category, on a text that has a version.

const Purpose = Type.Enum(['treatment', 'messages', 'research', 'public-health'], { examples: ['treatment'] })
const Category = Type.Enum(['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'], {
  examples: ['mental-health'],
})
const Decision = Type.Enum(['permit', 'deny'], { examples: ['deny'] })
const TextVersion = Line(20, '2026-11')

export const Consent = Closed(
  {
    purpose: Purpose,
    category: Category,
    decision: Decision,
    textVersion: TextVersion,
    recordedAt: Type.Optional(Instant),
  },
  { title: 'Consent' },
)
export const listConsentTexts = operation({
  id: 'listConsentTexts',
  method: 'GET',
  url: '/v1/consent-texts',
  summary: 'What people are asked to permit or refuse, in its present words',
  access: 'public',
  response: Closed({
    items: Type.Array(
      Closed(
        {
          purpose: Purpose,
          category: Category,
          version: TextVersion,
          text: Prose(1_000, 'Those who treat me…'),
          default: Decision,
        },
        { title: 'ConsentText' },
      ),
    ),
  }),
})
export const listConsents = operation({
  id: 'listConsents',
  method: 'GET',
  url: '/v1/patients/:id/consents',
  summary: 'What a patient permits and refuses now',
  description:
    'By the patient or a guardian. Where nothing was answered, the default of the text holds, without recordedAt.',
  access: 'signed-in',
  params: IdParams,
  response: Closed({ items: Type.Array(Consent) }),
})
export const recordConsent = operation({
  id: 'recordConsent',
  method: 'POST',
  url: '/v1/patients/:id/consents',
  summary: 'Permit or refuse',
  description:
    'By the patient or a guardian, on the text in its present version. A refusal holds from the next request on.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(
    { purpose: Purpose, category: Category, decision: Decision, textVersion: TextVersion },
    { title: 'NewConsent' },
  ),
  status: 201,
  response: Consent,
})
