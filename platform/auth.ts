import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { CompiledQuery, type Kysely } from 'kysely'
import { Problem } from './errors.ts'
import { gathered } from './gathered.ts'

/** The stakeholders, and those who work at the desk of an organisation. A person may hold several roles. */
export const roles = ['practitioner', 'caregiver', 'patient', 'donor', 'administrator', 'clerk'] as const
export type Role = (typeof roles)[number]

/** Who asks. */
export interface Actor {
  /** `client`: an app for itself, without a person; `account` is then its id, to which nothing is granted. */
  readonly kind: 'account' | 'client' | 'system' | 'nobody'
  readonly account?: string
  readonly session?: string
  readonly roles: readonly Role[]
  /** The records that are this person: `self.patient` is the id of the Patient that the account is. */
  readonly self: { readonly [kind in 'patient' | 'practitioner' | 'caregiver' | 'donor']?: string }
  /** What the token narrows the roles to, as SMART scopes; absent: to nothing less. See `narrowed` in access.ts. */
  readonly scopes?: readonly string[]
  /** The app that holds the token. */
  readonly client?: string
  /** The patient in context, for scopes that begin with patient/. */
  readonly patient?: string
  /** Set while such a scope is all that permits this request: no other patient's data may be touched. Conditions in SQL ask for it. */
  readonly within?: string
  /** Set while scopes with a search are all that permits this request: what it touches must be found by one of them. */
  readonly only?: readonly string[]
  /** When the account wrote last, where that was asked for: what a reader of the database must show before it answers them. */
  readonly wrote?: string
  /** Who acts (`account`) for whom (`patient`), where these are two. */
  readonly act?: { readonly account: string; readonly patient: string }
}

export const nobody: Actor = Object.freeze({ kind: 'nobody', roles: [], self: {} })
/** The house itself: deliveries of events, jobs, and calls between rooms without a person behind them. */
export const system: Actor = Object.freeze({ kind: 'system', roles: [], self: {} })

/** The practitioner that the actor is, while a licence makes them one: a lapsed one must not act by another of their roles. */
export const practising = ({ actor }: { actor: Actor }): string | undefined =>
  actor.roles.includes('practitioner') ? actor.self.practitioner : undefined

/** The account that asks. A session always has one; the check is for calls of the house itself. */
export function accountOf({ actor }: { actor: Actor }): string {
  if (actor.account === undefined) throw new Problem('login', 'Sign in first.')
  return actor.account
}

const PREFIX = 'ohcs_'
const API_KEY = /^(ohcs_(?:live|test)_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

/** 256 random bits; only their hash is stored. */
export function newToken(): { token: string; hash: Buffer } {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`
  return { token, hash: hashOfToken(token) }
}

export const hashOfToken = (token: string): Buffer => hash('sha256', token, 'buffer')

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const inBase62 = (number: bigint, length: number): string => {
  let text = ''
  for (let rest = number; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text
  return text
}
const checksumOf = (text: string): string => inBase62(BigInt(crc32(text)), 6)

/** 256 random bits in letters and digits, so that a double click selects all of it; the tail lets scanners and people see a slip. */
export function newApiKey(kind: 'live' | 'test'): { token: string; hash: Buffer } {
  const body = `${PREFIX}${kind}_${inBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43)}`
  const token = `${body}${checksumOf(body)}`
  return { token, hash: hashOfToken(token) }
}

/** The form of an API key with another's tail: no need to ask the database. */
function isMistyped(token: string): boolean {
  const [, body, tail] = API_KEY.exec(token) ?? []
  return body !== undefined && tail !== checksumOf(body)
}

/** The use of a session is written down at most this often, so that a request does not cost a write. */
const NOTED_SECONDS = 300

// One statement over the ground's tables: the sessions of tokens that came together, roles granted, and who in the registry each account is. A revocation works on
// the next request, in every process, since nothing is cached. Patient, caregiver and donor follow from being one; practitioner from a
// verified licence that has not expired; clerk from working at an organisation.
// `(select …)`: how many tokens there are is not looked at, so one plan does; made for one token, it was made anew for each request, which took twice as long as the look-up.
const BY_TOKENS = `from unnest((select $1::bytea[])) with ordinality t(hash, place)
  join platform.session s on s.token_hash = t.hash and (s.token_expires_at is null or s.token_expires_at > $2)`

const actorWith = (more = '', found = BY_TOKENS) => `
  select t.place, s.id as session, s.account_id as account, s.kind, s.scopes, s.client_id as client, s.patient_id as patient,
    array(select r.role from platform.role_grant r where r.account_id = s.account_id and r.revoked_at is null and r.rests_at is null
      union select 'clerk' from platform.membership m where m.account_id = s.account_id and m.ended_at is null) as roles,
    (select json_agg(json_build_array(g.relationship, g.subject_type, g.subject_id)) from platform.access_grant g
     where g.account_id = s.account_id and g.relationship in ('self', 'licence')
       and g.revoked_at is null and g.valid_from <= $2 and (g.valid_until is null or g.valid_until > $2)) as selves,
    case when s.kind = 'api-key' then coalesce(s.last_used_at <= $2::timestamptz - ${NOTED_SECONDS} * interval '1 second', true)
         else coalesce(s.last_used_at <= $2 - least(${NOTED_SECONDS}, s.idle_seconds / 4) * interval '1 second', false) end as stale${more}
  ${found} where s.revoked_at is null and s.expires_at > $2
    and (s.idle_seconds is null or s.last_used_at + s.idle_seconds * interval '1 second' > $2)
    and case when s.parent_id is null then true
             else exists (select from platform.session p where p.id = s.parent_id and p.revoked_at is null and p.expires_at > $2) end`

const ACTOR = actorWith()
const ACTOR_AND_WRITE = actorWith(
  ', (select w.at::text from platform.newest_write w where w.account_id = s.account_id) as wrote',
)

/** Without a token, for what is done later: whether that is good any more does not count. */
const ACTOR_LATER = actorWith(
  '',
  'from (values (1, $1::uuid)) t(place, session) join platform.session s on s.id = t.session',
)

interface ActorRow {
  /** Of its token, from 1. */
  place: number
  session: string
  account: string
  kind: string
  scopes: string[] | null
  client: string | null
  patient: string | null
  /** Whose last use was noted long ago, or never. */
  stale: boolean
  roles: Role[]
  wrote?: string | null
  selves: [relationship: string, type: string, id: string][] | null
}

/**
 * The actor behind a token, or undefined when it is unknown, expired or revoked; `wrote` asks for that too. `isUse`: a look that nobody asked for does not keep a session
 * from ending that is not used.
 */
export async function authenticate(
  db: Kysely<unknown>,
  token: string,
  now: Date,
  { wrote = false, isUse = true } = {},
): Promise<Actor | undefined> {
  return mayBeToken(token) ? (await actorsOf(db, [token], { now, wrote, isUse }))[0] : undefined
}

/** Whoever is to be known at one time. */
interface Asking {
  readonly database: { readonly key: object; readonly db: Kysely<unknown> }
  now(): Date
}

/** The same; requests that come in together ask together. */
export const authenticated = async (
  asking: Asking,
  token: string,
  { wrote = false } = {},
): Promise<Actor | undefined> => (mayBeToken(token) ? (wrote ? whoAndWrote : who)(asking, token) : undefined)

const together = (wrote: boolean) =>
  gathered(
    ({ database, now }: Asking, tokens: readonly string[]) => actorsOf(database.db, tokens, { now: now(), wrote }),
    { most: 100 },
  )
const [who, whoAndWrote] = [together(false), together(true)]

const mayBeToken = (token: string): boolean => token.startsWith(PREFIX) && token.length <= 100 && !isMistyped(token)

/** By the places of their tokens. */
async function actorsOf(
  db: Kysely<unknown>,
  tokens: readonly string[],
  { now, wrote, isUse = true }: { now: Date; wrote: boolean; isUse?: boolean },
): Promise<(Actor | undefined)[]> {
  const { rows } = await db.executeQuery<ActorRow>(
    CompiledQuery.raw(wrote ? ACTOR_AND_WRITE : ACTOR, [tokens.map(hashOfToken), now]),
  )
  for (const { stale, session } of rows)
    if (stale && isUse) await db.executeQuery(CompiledQuery.raw('select platform.note_use($1, $2)', [session, now]))
  const known = new Map(rows.map((row) => [row.place, actorOf(row)]))
  return tokens.map((_, n) => known.get(n + 1))
}

/** What somebody asked for with a session, an API key or the grant of an app, and is done later on. */
export interface Mandated {
  session: string
  /** What narrowed it then. */
  scopes: readonly string[] | null
  patient: string | null
}

/** Who asked, as they are now; undefined where what they asked with has ended. */
export async function authenticateLater(
  db: Kysely<unknown>,
  { session, scopes, patient }: Mandated,
  now: Date,
): Promise<Actor | undefined> {
  const { rows } = await db.executeQuery<ActorRow>(CompiledQuery.raw(ACTOR_LATER, [session, now]))
  const [row] = rows
  return row && actorOf({ ...row, scopes: scopes && [...scopes], patient })
}

function actorOf({ session, account, kind, scopes, client, patient, roles, selves, wrote }: ActorRow): Actor {
  const self: Partial<Record<keyof Actor['self'], string>> = {}
  const held = new Set(roles)
  for (const [relationship, type, id] of selves ?? []) {
    const role = type.toLowerCase() as keyof Actor['self']
    if (relationship === 'self') self[role] = id
    if (relationship === 'licence' || role !== 'practitioner') held.add(role)
  }
  return {
    kind: kind === 'client-token' ? 'client' : 'account',
    account,
    session,
    roles: [...held],
    self,
    ...(scopes && { scopes }),
    ...(client && { client }),
    ...(wrote && { wrote }),
    ...(patient && { patient }),
    ...(patient && patient !== self.patient && { act: { account, patient } }),
  }
}

/** Seconds for which a call between rooms is believed. */
const CALL_SECONDS = 60

/** Proves that a call comes from another room of the same installation. Bound to the operation and the minute. */
export function signCall(key: string, operationId: string, now: Date): string {
  const time = Math.floor(now.getTime() / 1_000)
  return `${time}.${createHmac('sha256', key).update(`${time} ${operationId}`).digest('hex')}`
}

export function verifyCall(key: string, operationId: string, signature: string, now: Date): boolean {
  const time = Number(signature.split('.')[0])
  if (!(Math.abs(now.getTime() / 1_000 - time) < CALL_SECONDS)) return false
  const expected = Buffer.from(signCall(key, operationId, new Date(time * 1_000)))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
