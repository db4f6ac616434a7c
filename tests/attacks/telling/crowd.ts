import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { newId } from '#platform/ids.ts'
import { Authenticator } from '../../authenticator.ts'
import { BORN, type Crowd, facts, nameOf, password, sessionFor } from './probes.ts'

/** Somebody who makes something, and what they are answered. */
type Make = (url: string, body: object, token?: string) => Promise<Record<string, string>>

const makerIn =
  (app: FastifyInstance): Make =>
  async (url, body, token) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const remoteAddress = `10.9.${randomBytes(1)[0]}.${randomBytes(1)[0]}`
    const answer = await app.inject({ method: 'POST', url, payload: body, headers, remoteAddress })
    if (answer.statusCode >= 300) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`)
    return answer.json()
  }

/** A desk that registers patients; and somebody who may do anything that administrators may. */
async function deskOf(owner: pg.Client, make: Make) {
  const [root, clerk] = [newId(), newId()]
  await owner.query(
    `insert into platform.role_grant (account_id, role, granted_at) values ($1, 'administrator', now())`,
    [root],
  )
  const administrator = await sessionFor(owner, root)
  const place = { name: 'Bench', city: 'Bench', country: 'ZZ' }
  const { id: organisation = '' } = await make('/v1/organisations', place, administrator)
  await owner.query(
    `insert into platform.membership (id, account_id, organisation_id, function, given_by, given_at) values ($1, $2, $3, 'desk', $2, now())`,
    [newId(), clerk, organisation],
  )
  return { administrator, organisation, clerk: await sessionFor(owner, clerk) }
}

/** So many people, at most a hundred, with an account, proven addresses, a passkey, a record that waits for them, and an erasure that is under way. */
export async function gather(app: FastifyInstance, owner: pg.Client, size: number) {
  const make = makerIn(app)
  const { administrator, organisation, clerk } = await deskOf(owner, make)
  const crowd: Crowd[] = []
  for (let i = 0; i < size; i++) {
    const userName = `b${Date.now().toString(36)}-${i}`
    const reach = { phone: `+12025550${100 + i}`, email: `${userName}@example.org` }
    const { id: account = '' } = await make('/v1/accounts', { userName, password, name: 'Bench', ...reach })
    await prove(owner, account, reach)
    const { challenge = '' } = await make('/v1/codes', { email: reach.email })
    const { challenge: strangers = '' } = await make('/v1/codes', { email: `x${reach.email}` })
    const record = { name: nameOf(i), birthDate: BORN, ...facts }
    const { id: patient = '' } = await make(`/v1/organisations/${organisation}/patients`, record, clerk)
    const { code: claimCode = '' } = await make(`/v1/patients/${patient}/claim-code`, {}, clerk)
    const { id: erasure = '' } = await make('/v1/erasures', {}, await sessionFor(owner, account))
    const credential = await passkeyOf(owner, account)
    const token = await sessionFor(owner, newId())
    const { id: own = '' } = await make('/v1/patients', { name: 'Somebody Else', birthDate: BORN, ...facts }, token)
    crowd.push({ userName, ...reach, challenge, strangers, credential, patient, claimCode, erasure, token, own })
  }
  return { crowd, administrator }
}

const prove = (owner: pg.Client, account: string, { phone, email }: { phone: string; email: string }) =>
  owner.query(
    `insert into identity.verified_contact (kind, address, account_id, verified_at) values ('phone', $2, $1, now()), ('email', $3, $1, now())`,
    [account, phone, email],
  )

async function passkeyOf(owner: pg.Client, account: string): Promise<string> {
  const device = new Authenticator('http://openhcs.test')
  device.create({ challenge: 'x', rp: { id: 'openhcs.test' }, user: { id: account } })
  const [key] = device.keys
  if (!key) throw new Error('No key was made')
  const credential = key.id.toString('base64url')
  await owner.query(
    `insert into identity.passkey (id, account_id, credential_id, public_key, counter, backed_up, name, created_at)
     values ($1, $2, $3, $4, 0, false, 'Bench', now())`,
    [newId(), account, credential, Buffer.from(key.cose)],
  )
  return credential
}

/** What earlier tries have used up is given back: counts of failures, tries at a code. */
export const forgetTries = (owner: pg.Client) =>
  owner.query(`
    delete from identity.sign_in_attempt;
    update identity.one_time_code set tries = 0, expires_at = now() + interval '1 hour' where account_id is not null or tries > 0;
    delete from registry.claim_attempt;
    update registry.claim_code set wrong = 0, replaced_at = null where wrong > 0`)
