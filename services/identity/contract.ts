import { type Static, type TSchema, Type } from 'typebox'
import {
  Closed,
  event,
  Id,
  IdParams,
  Instant,
  Language,
  Line,
  operation,
  Page,
  PageQuery,
  Version,
} from '#platform/operation.ts'

// Accounts

export const Phone = Type.String({
  pattern: '^\\+[0-9 ().-]{5,31}$',
  examples: ['+12025550147'],
  description: 'With country code; kept as E.164',
})
export const Email = Type.String({ format: 'email', maxLength: 254, examples: ['amina@example.org'] })
/** In a change: null takes the value away. */
export const Removable = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T> | null>({ ...schema, nullable: true })

/** How somebody is reached; and as a change. */
export const reach = { phone: Type.Optional(Phone), email: Type.Optional(Email) }
export const reachChange = { phone: Type.Optional(Removable(Phone)), email: Type.Optional(Removable(Email)) }

const UserName = Type.String({
  minLength: 3,
  maxLength: 40,
  examples: ['amina.okello'],
  description: 'Letters and digits of one script, also . _ -; case makes no difference',
})
const Password = Type.String({ minLength: 10, maxLength: 128, examples: ['salt-harbour-lantern'] })
/** A password to compare: the rules of today must not keep out one that was chosen under others. */
export const AnyPassword = Type.String({ minLength: 1, maxLength: 128, examples: ['salt-harbour-lantern'] })
const Name = Line(300, 'Amina Okello')
const Role = Type.Enum(['practitioner', 'caregiver', 'patient', 'donor', 'administrator', 'clerk'], {
  examples: ['administrator'],
})

const accountFacts = {
  userName: Type.Optional(UserName),
  phone: Type.Optional(Phone),
  email: Type.Optional(Email),
  name: Name,
  language: Language,
}
export const Account = Closed({ id: Id, ...accountFacts, version: Version }, { title: 'Account' })
export const NewAccount = Closed(
  { ...accountFacts, language: Type.Optional(Language), password: Password },
  { title: 'NewAccount' },
)

export const createAccount = operation({
  id: 'createAccount',
  method: 'POST',
  url: '/v1/accounts',
  summary: 'Sign up with a user name or a phone number',
  description:
    'Gives no role: patient, caregiver and practitioner follow from the profiles one creates, administrator is granted. Several accounts may share a phone number; whether one exists is not told.',
  access: 'public',
  idempotent: false,
  perMinute: 20,
  body: NewAccount,
  status: 201,
  response: Account,
  problems: ['duplicate', 'business-rule'],
})

const MyAccount = Closed(
  {
    id: Id,
    ...accountFacts,
    verified: Type.Array(Type.Enum(['phone', 'email'], { examples: ['email'] }), {
      description: 'Where a code has reached one',
    }),
    roles: Type.Array(Role),
    self: Closed(
      {
        patient: Type.Optional(Id),
        practitioner: Type.Optional(Id),
        caregiver: Type.Optional(Id),
        donor: Type.Optional(Id),
      },
      { description: 'The records that are this person' },
    ),
    version: Version,
  },
  { title: 'MyAccount' },
)
export const readAccount = operation({
  id: 'readAccount',
  method: 'GET',
  url: '/v1/account',
  summary: 'Read one’s own account, roles and records',
  access: 'signed-in',
  response: MyAccount,
  problems: ['deleted'],
})
export const updateAccount = operation({
  id: 'updateAccount',
  method: 'PATCH',
  url: '/v1/account',
  summary: 'Change one’s own name, e-mail address or language',
  description: 'Another e-mail address, or none, wants the password where one signed in more than ten minutes ago.',
  access: 'signed-in',
  body: Closed(
    {
      email: Type.Optional(Removable(Email)),
      name: Type.Optional(Name),
      language: Type.Optional(Language),
      password: Type.Optional(AnyPassword),
    },
    { title: 'AccountChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Account,
  problems: ['business-rule', 'deleted'],
})
export const changePassword = operation({
  id: 'changePassword',
  method: 'POST',
  url: '/v1/account/password',
  summary: 'Change one’s password',
  description:
    'Ends every other session of the account, and tells its owner. Within ten minutes of signing in by a one-time code or a passkey the present password may be left out: it may be forgotten.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  body: Closed({ current: Type.Optional(AnyPassword), new: Password }, { title: 'PasswordChange' }),
  problems: ['business-rule', 'deleted'],
})
export const deleteAccount = operation({
  id: 'deleteAccount',
  method: 'DELETE',
  url: '/v1/account',
  summary: 'Close one’s own account',
  description: 'Ends every session. What is recorded of the person stays: a closed account is not a deleted patient.',
  access: 'signed-in',
  ifMatch: true,
  problems: ['business-rule', 'deleted'],
})

// Sessions

export const Session = Closed(
  {
    id: Id,
    device: Type.Optional(Line(100, 'Phone in the kitchen')),
    createdAt: Instant,
    lastUsedAt: Type.Optional({ ...Instant, description: 'To within five minutes' }),
    expiresAt: Instant,
    version: Version,
    current: Type.Boolean({ examples: [true], description: 'The one that this request came with' }),
  },
  { title: 'Session' },
)

/** What every way to sign in ends in. */
export const NewSession = Closed(
  {
    id: Id,
    token: Type.String({ examples: ['ohcs_2Z5k'], description: 'Send it as Authorization: Bearer <token>' }),
    expiresAt: { ...Instant, description: 'When the token ends' },
    endsAt: { ...Instant, description: 'When the session ends, however much it is used' },
    refreshToken: Type.Optional(
      Type.String({ examples: ['ohcr_9Qm3'], description: 'Exchange it for the next token; for one use' }),
    ),
    deviceToken: Type.String({
      examples: ['ohcd_7Rt1'],
      description:
        'Keep it on the device and send it at the next sign-in: it opens nothing, and says that the device is known',
    }),
    account: Account,
    roles: Type.Array(Role),
  },
  { title: 'NewSession' },
)
/** What one may say with every way to sign in. */
export const signInWishes = {
  device: Type.Optional(Line(100, 'Phone in the kitchen')),
  deviceToken: Type.Optional(Type.String({ maxLength: 200, examples: ['ohcd_7Rt1'] })),
  refresh: Type.Optional(
    Type.Boolean({ examples: [true], description: 'Give a short-lived token, and one to renew it with' }),
  ),
}

export const createSession = operation({
  id: 'createSession',
  method: 'POST',
  url: '/v1/sessions',
  summary: 'Sign in',
  description:
    'The answer to a wrong password and to an unknown name is the same. After ten failures wait as long as Retry-After says. Where the account has a second factor, the right password is refused with 401 and a member `secondFactor` with a `challenge` for POST /v1/sessions/second-factor.',
  access: 'public',
  idempotent: false,
  perMinute: 30,
  body: Closed(
    {
      userName: Type.Optional(Type.String({ minLength: 1, maxLength: 40, examples: ['amina.okello'] })),
      phone: Type.Optional(Phone),
      password: AnyPassword,
      ...signInWishes,
    },
    {
      title: 'Credentials',
      examples: [{ userName: 'amina.okello', password: 'salt-harbour-lantern', device: 'Phone in the kitchen' }],
    },
  ),
  status: 201,
  response: NewSession,
  problems: ['business-rule'],
})
export const listSessions = operation({
  id: 'listSessions',
  method: 'GET',
  url: '/v1/sessions',
  summary: 'List one’s own open sessions, newest first',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(Session),
})
export const deleteSession = operation({
  id: 'deleteSession',
  method: 'DELETE',
  url: '/v1/sessions/:id',
  summary: 'End one of one’s own sessions',
  access: 'signed-in',
  params: IdParams,
})
export const deleteCurrentSession = operation({
  id: 'deleteCurrentSession',
  method: 'DELETE',
  url: '/v1/sessions/current',
  summary: 'Sign out',
  access: 'signed-in',
})

// Administration

const AccountEntry = Closed(
  {
    id: Id,
    userName: Type.Optional(UserName),
    phone: Type.Optional(Phone),
    name: Name,
    granted: Type.Array(Role, { description: 'Roles granted by an administrator' }),
    closed: Type.Boolean({ examples: [false] }),
    createdAt: Instant,
  },
  { title: 'AccountEntry' },
)
export const searchAccounts = operation({
  id: 'searchAccounts',
  method: 'POST',
  url: '/v1/accounts/search',
  summary: 'Find accounts by their exact user name or phone number',
  description: 'A POST, so that neither is in a URL.',
  access: 'Account.s',
  idempotent: false,
  query: Closed(PageQuery),
  body: Closed(
    {
      userName: Type.Optional(Type.String({ minLength: 1, maxLength: 40, examples: ['amina.okello'] })),
      phone: Type.Optional(Phone),
    },
    { title: 'AccountCriteria', examples: [{ userName: 'amina.okello' }] },
  ),
  response: Page(AccountEntry),
})

const RoleGrant = Closed({ account: Id, role: Role, grantedAt: Instant }, { title: 'RoleGrant' })
export const grantRole = operation({
  id: 'grantRole',
  method: 'POST',
  url: '/v1/accounts/:id/roles',
  summary: 'Make somebody an administrator',
  description:
    'No other role is granted: practitioner follows from a verified licence; patient, caregiver and donor from one’s own profile.',
  access: 'Role.c',
  params: IdParams,
  body: Closed({ role: Role }, { title: 'NewRoleGrant' }),
  status: 201,
  response: RoleGrant,
  problems: ['duplicate'],
})
export const revokeRole = operation({
  id: 'revokeRole',
  method: 'DELETE',
  url: '/v1/accounts/:id/roles/:role',
  summary: 'Take a granted role away',
  description: 'Effective on the next request. The last administrator stays.',
  access: 'Role.d',
  params: Closed({ id: Id, role: Role }),
  problems: ['business-rule'],
})

// Between rooms

export const passwordChanged = event('Password.changed', { account: Id })

export const findAccountsByPhone = operation({
  id: 'findAccountsByPhone',
  method: 'POST',
  url: '/v1/contacts/by-phone',
  summary: 'The accounts that name a phone',
  description: 'Open ones, whether they have proved it or not: a family may share a phone.',
  access: 'house',
  idempotent: false,
  body: Closed({ phone: Phone }),
  response: Closed({ accounts: Type.Array(Id) }),
})

export const readContacts = operation({
  id: 'readContacts',
  method: 'POST',
  url: '/v1/contacts',
  summary: 'Where to write to people',
  description: 'Closed and unknown accounts are left out.',
  access: 'house',
  idempotent: false,
  body: Closed({ accounts: Type.Array(Id, { maxItems: 500 }) }),
  response: Closed({
    items: Type.Array(
      Closed({
        account: Id,
        name: Name,
        email: Type.Optional(Email),
        phone: Type.Optional(Phone),
        proved: Type.Array(Type.Enum(['phone', 'email']), {
          description: 'Where a code has reached this person: nothing about care goes anywhere else',
        }),
        language: Language,
      }),
    ),
  }),
})

export const readReach = operation({
  id: 'readReach',
  method: 'POST',
  url: '/v1/contacts/reach',
  summary: 'By which ways people can be reached, without their addresses',
  description: 'Closed and unknown accounts are left out.',
  access: 'house',
  idempotent: false,
  body: Closed({ accounts: Type.Array(Id, { maxItems: 500 }) }),
  response: Closed({
    items: Type.Array(
      Closed({
        account: Id,
        email: Type.Optional(Type.Boolean({ description: 'Missing where the account names none' })),
        phone: Type.Optional(Type.Boolean()),
        proved: Type.Array(Type.Enum(['phone', 'email'])),
        language: Language,
      }),
    ),
  }),
})
