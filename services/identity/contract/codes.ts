import { Type } from 'typebox'
import { Closed, Id, Instant, operation } from '#platform/operation.ts'
import { Email, NewSession, Phone, signInWishes } from '../contract.ts'
import { OwnPassword } from './second-factor.ts'

// One-time codes: six digits, for ten minutes, to a phone or a mailbox.

const Digits = Type.String({ pattern: '^[0-9]{6}$', examples: ['492039'] })
const Voice = Type.Optional(
  Type.Boolean({ examples: [true], description: 'To a phone: read aloud in a call instead of written' }),
)
const CodeSent = Closed(
  { challenge: { ...Id, description: 'Send it back with the code' }, expiresAt: Instant },
  { title: 'CodeSent' },
)

export const requestCode = operation({
  id: 'requestCode',
  method: 'POST',
  url: '/v1/codes',
  summary: 'Ask for a code to sign in with, without a password',
  description:
    'Goes to an address that was verified, and to no other. The answer is the same, and as fast, whether an account has it.',
  access: 'public',
  idempotent: false,
  perMinute: 20,
  body: Closed(
    {
      phone: Type.Optional(Phone),
      email: Type.Optional(Email),
      voice: Voice,
      deviceToken: signInWishes.deviceToken,
    },
    { title: 'CodeRequest', examples: [{ phone: '+12025550147' }] },
  ),
  status: 202,
  response: CodeSent,
  problems: ['business-rule'],
})

export const createSessionByCode = operation({
  id: 'createSessionByCode',
  method: 'POST',
  url: '/v1/sessions/code',
  summary: 'Sign in with a code that was sent',
  description: 'Five tries. Where the account has a second factor, it is asked for as after a password.',
  access: 'public',
  idempotent: false,
  perMinute: 30,
  body: Closed({ challenge: Id, code: Digits, ...signInWishes }, { title: 'CodeAnswer' }),
  status: 201,
  response: NewSession,
})

export const requestContactCode = operation({
  id: 'requestContactCode',
  method: 'POST',
  url: '/v1/account/contacts/codes',
  summary: 'Ask for a code that proves one’s own phone number or e-mail address',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  body: Closed(
    { kind: Type.Enum(['phone', 'email'], { examples: ['email'] }), voice: Voice, password: OwnPassword },
    { title: 'ContactCodeRequest' },
  ),
  status: 202,
  response: CodeSent,
  problems: ['business-rule', 'deleted', 'transient'],
})

export const confirmContact = operation({
  id: 'confirmContact',
  method: 'POST',
  url: '/v1/account/contacts/confirm',
  summary: 'Prove one’s own phone number or e-mail address',
  description: 'From then on a code sent there signs in to this account, and to no other that named it before.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  body: Closed({ challenge: Id, code: Digits }, { title: 'ContactConfirmation' }),
  problems: ['business-rule', 'deleted'],
})
