import type pg from 'pg'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { Authenticator } from '../../authenticator.ts'

// What answers about a person of whom the caller may not know whether they are here. Each way is asked about somebody who is, and about nobody.

export interface Request {
  method: 'GET' | 'POST' | 'PATCH'
  url: string
  body?: object
  form?: Record<string, string>
  token?: string
  headers?: Record<string, string>
}

let address = 0
/** Each from another address: limits count by address. */
export const asSent = ({ method, url, body, form, token, headers }: Request) => ({
  method,
  url,
  remoteAddress: `10.${(++address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`,
  headers: {
    ...headers,
    ...(token && { authorization: `Bearer ${token}` }),
    ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
  },
  ...(body && { payload: body }),
  ...(form && { payload: new URLSearchParams(form).toString() }),
})

export interface Probe {
  name: string
  status: number
  /** The `i`th try. */
  somebody(i: number): Request
  nobody(i: number): Request
}

/** People who are here, as the probes need them. */
export interface Crowd {
  userName: string
  phone: string
  email: string
  /** Of one-time codes that were asked for: for the address, and for one that nobody has. */
  challenge: string
  strangers: string
  credential: string
  patient: string
  claimCode: string
  erasure: string
  /** Of somebody who has nothing to do with them. */
  token: string
  own: string
}

const post = (url: string, body: object, token?: string): Request => ({
  method: 'POST',
  url,
  body,
  ...(token && { token }),
})
const get = (url: string, token: string): Request => ({ method: 'GET', url, token })
/** What a sign-in costs: scripts/capacity.ts reckons with it. */
export const BY_NAME = 'a wrong password, by user name'
export const password = 'harbour-lantern-salt'
const wrong = 'not this one at all'

/** As an authenticator would say it, signed with a key that is nobody's. */
function foreignKey(challenge: string) {
  const device = new Authenticator('http://openhcs.test')
  device.create({ challenge, rp: { id: 'openhcs.test' }, user: { id: 'AAAAAAAAAAAAAAAAAAAAAA' } })
  return (credentialId: string) => device.get({ challenge }, { foreignKey: true, credentialId })
}

/** A number is nobody's once only: signing up with it is one of the tries. */
const AREAS = ['212', '213', '214', '215', '216', '217', '218', '219', '224', '225', '228']

export function probesOf(crowd: readonly Crowd[], challenge: string): Probe[] {
  const at = (i: number) => crowd[i % crowd.length] as Crowd
  const stranger = (i: number) => `nobody-${at(i).userName}`
  const phoneOfNobody = (i: number) =>
    at(i).phone.replace('202', AREAS[Math.floor(i / crowd.length) % AREAS.length] ?? '')
  const signed = foreignKey(challenge)
  return [
    // First, since a challenge is good for five minutes.
    {
      name: 'a passkey with a wrong signature',
      status: 401,
      somebody: (i) => post('/v1/sessions/passkey', { credential: signed(at(i).credential) }),
      nobody: (i) => post('/v1/sessions/passkey', { credential: signed(`x${at(i).credential.slice(1)}`) }),
    },
    {
      name: BY_NAME,
      status: 401,
      somebody: (i) => post('/v1/sessions', { userName: at(i).userName, password: wrong }),
      nobody: (i) => post('/v1/sessions', { userName: stranger(i).slice(0, 40), password: wrong }),
    },
    {
      name: 'a wrong password, by phone',
      status: 401,
      somebody: (i) => post('/v1/sessions', { phone: at(i).phone, password: wrong }),
      nobody: (i) => post('/v1/sessions', { phone: phoneOfNobody(i), password: wrong }),
    },
    {
      name: 'asking for a code, by e-mail',
      status: 202,
      somebody: (i) => post('/v1/codes', { email: at(i).email }),
      nobody: (i) => post('/v1/codes', { email: `x${at(i).email}` }),
    },
    {
      name: 'asking for a code, by phone',
      status: 202,
      somebody: (i) => post('/v1/codes', { phone: at(i).phone }),
      nobody: (i) => post('/v1/codes', { phone: phoneOfNobody(i) }),
    },
    {
      name: 'a wrong code',
      status: 401,
      somebody: (i) => post('/v1/sessions/code', { challenge: at(i).challenge, code: '000000' }),
      nobody: (i) => post('/v1/sessions/code', { challenge: at(i).strangers, code: '000000' }),
    },
    {
      name: 'signing up with a phone that has an account',
      status: 201,
      somebody: (i) => post('/v1/accounts', { phone: at(i).phone, password: `${newId()} x`, name: 'Bench' }),
      nobody: (i) => post('/v1/accounts', { phone: phoneOfNobody(i), password: `${newId()} x`, name: 'Bench' }),
    },
    ...ofRecords(at),
  ]
}

export const BORN = '1980-02-03'
export const facts = { gender: 'female', language: 'en', zone: 'UTC' }
export const nameOf = (i: number) => `Selam Bekele ${'abcdefghij'[Math.floor(i / 10) % 10]}${'klmnopqrst'[i % 10]}o`
const nobodysName = (i: number) => nameOf(i).replace('Selam Bekele', 'Tirunesh Dibaba')

function ofRecords(at: (i: number) => Crowd): Probe[] {
  return [
    {
      name: 'taking over a record with a wrong birth date',
      status: 422,
      somebody: (i) => post('/v1/claims', { code: at(i).claimCode, birthDate: '1901-01-01' }, at(i).token),
      nobody: (i) =>
        post('/v1/claims', { code: at(i).claimCode.replace(/^../, 'ZZ'), birthDate: '1901-01-01' }, at(i).token),
    },
    {
      name: 'the receipt of an erasure, with a wrong code',
      status: 404,
      somebody: (i) => post(`/v1/erasures/${at(i).erasure}/receipt`, { code: 'AAAA-AAAA-AAAA-AAAA-AAAA' }),
      nobody: () => post(`/v1/erasures/${newId()}/receipt`, { code: 'AAAA-AAAA-AAAA-AAAA-AAAA' }),
    },
    {
      name: 'changing one’s own profile to the facts of a patient',
      status: 200,
      somebody: (i) => change(at(0), nameOf(i % 100)),
      nobody: (i) => change(at(0), nobodysName(i % 100)),
    },
    {
      name: 'reading a patient whom one may not see',
      status: 404,
      somebody: (i) => get(`/v1/patients/${at(i).patient}`, at(i).token),
      nobody: (i) => get(`/v1/patients/${newId()}`, at(i).token),
    },
  ]
}

const versions = new Map<string, number>()
function change({ own, token }: Crowd, name: string): Request {
  const version = (versions.get(own) ?? 0) + 1
  versions.set(own, version)
  const body = { name, birthDate: BORN, ...facts }
  return { method: 'PATCH', url: `/v1/patients/${own}`, token, body, headers: { 'if-match': `"${version}"` } }
}

/** A session that is good for a day, straight in the ground's table. */
export async function sessionFor(owner: pg.Client, account: string): Promise<string> {
  const { token, hash } = newToken()
  await owner.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '1 day')`,
    [newId(), account, hash],
  )
  return token
}
