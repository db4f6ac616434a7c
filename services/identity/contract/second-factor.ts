import { Type } from 'typebox'
import { Closed, Instant, operation } from '#platform/operation.ts'
import { AnyPassword, NewSession, signInWishes } from '../contract.ts'

// Time-based one-time passwords (RFC 6238) from an app, and recovery codes.

const FactorCode = Type.String({
  minLength: 6,
  maxLength: 20,
  examples: ['492039'],
  description: 'Six digits from the app, or a recovery code',
})
const RecoveryCodes = Closed(
  {
    recoveryCodes: Type.Array(Type.String({ examples: ['7KQF-3MZP-9T'] }), {
      description: 'Each opens once. They are shown this one time.',
    }),
  },
  { title: 'RecoveryCodes' },
)
/** For what a session left open must not be enough for. */
export const OwnPassword = Type.Optional({
  ...AnyPassword,
  description: 'One’s password; needed unless one signed in within the last ten minutes',
})

export const readTotp = operation({
  id: 'readTotp',
  method: 'GET',
  url: '/v1/account/totp',
  summary: 'Whether signing in asks for a second factor',
  access: 'signed-in',
  response: Closed(
    {
      enabled: Type.Boolean({ examples: [true] }),
      confirmedAt: Type.Optional(Instant),
      recoveryCodesLeft: Type.Integer({ minimum: 0, examples: [10] }),
    },
    { title: 'SecondFactor' },
  ),
})

export const beginTotp = operation({
  id: 'beginTotp',
  method: 'POST',
  url: '/v1/account/totp',
  summary: 'Get a secret for an authenticator app',
  description: 'Nothing changes until a code from the app confirms it.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 10,
  body: Closed({ password: OwnPassword }, { title: 'TotpRequest' }),
  status: 201,
  response: Closed(
    {
      secret: Type.String({ examples: ['JBSWY3DPEHPK3PXP'], description: 'For typing; base32' }),
      uri: Type.String({
        examples: ['otpauth://totp/OpenHCS:amina.okello?secret=JBSWY3DPEHPK3PXP&issuer=OpenHCS'],
        description: 'For a QR code',
      }),
    },
    { title: 'TotpSecret' },
  ),
  problems: ['business-rule', 'duplicate', 'deleted'],
})

export const confirmTotp = operation({
  id: 'confirmTotp',
  method: 'POST',
  url: '/v1/account/totp/confirm',
  summary: 'Ask for a second factor from now on',
  description: 'Ends every other session of the account, and gives ten recovery codes.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  body: Closed({ code: FactorCode }, { title: 'TotpConfirmation' }),
  response: RecoveryCodes,
  problems: ['business-rule'],
})

export const renewRecoveryCodes = operation({
  id: 'renewRecoveryCodes',
  method: 'POST',
  url: '/v1/account/totp/recovery-codes',
  summary: 'Get ten new recovery codes; those before are void',
  access: 'signed-in',
  idempotent: false,
  perMinute: 10,
  body: Closed({ code: FactorCode }, { title: 'RecoveryCodesRequest' }),
  response: RecoveryCodes,
  problems: ['business-rule'],
})

export const removeTotp = operation({
  id: 'removeTotp',
  method: 'POST',
  url: '/v1/account/totp/remove',
  summary: 'Ask for no second factor any more',
  access: 'signed-in',
  idempotent: false,
  perMinute: 10,
  body: Closed({ code: FactorCode }, { title: 'TotpRemoval' }),
  problems: ['business-rule'],
})

export const answerSecondFactor = operation({
  id: 'answerSecondFactor',
  method: 'POST',
  url: '/v1/sessions/second-factor',
  summary: 'Sign in, second step',
  description:
    'With the challenge that the first step was refused with (`secondFactor.challenge` of its problem), within five minutes. A code opens once.',
  access: 'public',
  idempotent: false,
  perMinute: 30,
  body: Closed(
    {
      challenge: Type.String({ minLength: 1, maxLength: 1_000, examples: ['6f1c0a2b.Q2hhbGxlbmdl'] }),
      code: FactorCode,
      ...signInWishes,
    },
    { title: 'SecondFactorAnswer' },
  ),
  status: 201,
  response: NewSession,
})
