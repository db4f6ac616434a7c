import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Config } from '#platform/config.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type {
  CreationOptions,
  createPasskey as createContract,
  listPasskeys as listContract,
  RequestOptions,
} from '../contract/passkeys.ts'
import type { Tables } from '../database.ts'
import { accountById } from '../queries/accounts.ts'
import { spendChallenge } from '../queries/challenges.ts'
import {
  credentialsOf,
  deletePasskey as deleteRow,
  insertPasskey,
  isPasskeyOf,
  type PasskeyRow,
  passkeysOf,
  renamePasskey,
} from '../queries/passkeys.ts'
import { confirmOwner } from './confirm-owner.ts'
import { CHALLENGE_MINUTES, newChallenge, readChallenge } from './passkey-challenge.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type Passkey = Static<typeof createContract.response>

const MOST = 20
const timeout = CHALLENGE_MINUTES * 60_000

/** Keys are made for the host that people use, and accepted from its origin alone. */
export const siteOf = ({ PUBLIC_URL }: Config) => {
  const { hostname, origin } = new URL(PUBLIC_URL)
  return { rpID: hostname, origin }
}

/** The account's id, which says nothing about the person: an authenticator keeps it and shows it to us. */
export const handleOf = (account: string): Buffer => Buffer.from(account.replaceAll('-', ''), 'hex')

export async function beginPasskey(
  ctx: Ctx,
  password: string | undefined,
  address: string,
): Promise<Static<typeof CreationOptions>> {
  const account = await confirmOwner(ctx, password, address)
  const held = await credentialsOf(ctx.db, account.id)
  const options = await generateRegistrationOptions({
    rpName: 'OpenHCS',
    rpID: siteOf(ctx.config).rpID,
    userID: new Uint8Array(handleOf(account.id)),
    userName: account.user_name ?? account.name,
    userDisplayName: account.name,
    challenge: newChallenge(ctx, `register ${account.id}`),
    timeout,
    attestationType: 'none',
    excludeCredentials: held.map(({ credential_id: id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return options as Static<typeof CreationOptions>
}

export async function createPasskey(
  ctx: Ctx,
  { name, credential }: Static<typeof createContract.body>,
): Promise<Passkey> {
  const account_id = accountOf(ctx)
  const { registrationInfo, challenge } = await verify(ctx, account_id, credential as RegistrationResponseJSON)
  const { credential: key, credentialBackedUp: backed_up } = registrationInfo
  return transact(ctx, async (ctx) => {
    if (!(await accountById(ctx.db, account_id))) throw new Problem('deleted', 'This account is closed.')
    if (!(await spendChallenge(ctx.db, challenge.hash, challenge.until))) throw notAccepted()
    if ((await credentialsOf(ctx.db, account_id)).length >= MOST)
      throw new Problem('business-rule', 'An account has twenty passkeys at most. Delete one first.')
    const row = await insertPasskey(ctx.db, {
      id: newId(),
      account_id,
      name,
      credential_id: key.id,
      public_key: Buffer.from(key.publicKey),
      counter: key.counter,
      transports: credential.response.transports ?? [],
      backed_up,
      created_at: ctx.now(),
    })
    if (!row) throw new Problem('duplicate', 'This passkey is registered already.')
    auditPasskey(ctx, 'C', row.id, account_id)
    return toPasskey(row)
  })
}

type Info = NonNullable<VerifiedRegistrationResponse['registrationInfo']>
type Challenge = NonNullable<ReturnType<typeof readChallenge>>

async function verify(
  ctx: Ctx,
  account: string,
  response: RegistrationResponseJSON,
): Promise<{ registrationInfo: Info; challenge: Challenge }> {
  const { rpID, origin } = siteOf(ctx.config)
  let challenge: Challenge | undefined
  try {
    if (!isUnattested(response.response.attestationObject)) throw notAccepted()
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge(text) {
        challenge = readChallenge(ctx, `register ${account}`, text)
        return challenge !== undefined
      },
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: true,
    })
    if (verified && challenge) return { registrationInfo, challenge }
  } catch {
    // The library says in detail what is wrong with it; whoever sends such a thing need not know.
  }
  throw notAccepted()
}

/** We ask for no certificate, so none is looked at: verifying one would mean to fetch addresses that it names. */
function isUnattested(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const format = decoded.get('fmt')
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
}

const notAccepted = () =>
  new Problem('business-rule', 'The passkey was not accepted. Ask for new options and try again.', {
    errors: [{ pointer: '/body/credential', detail: 'is not an answer to options that were given here' }],
  })

export async function listPasskeys(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof listContract.query>,
): Promise<Static<typeof listContract.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await passkeysOf(ctx.db, accountOf(ctx), before, limit)
  return pageOf(rows, limit, ({ id }) => [id], toPasskey)
}

export function updatePasskey(ctx: Ctx, id: string, name: string, version: number): Promise<Passkey> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const row = await renamePasskey(ctx.db, { id, account, version, name })
    if (!row && !(await isPasskeyOf(ctx.db, account, id))) throw notThere()
    if (!row) throw new Problem('lock-error', 'The passkey has changed since you read it. Read it again.')
    auditPasskey(ctx, 'U', id, account)
    return toPasskey(row)
  })
}

export function deletePasskey(ctx: Ctx, id: string): Promise<void> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    if (!(await deleteRow(ctx.db, account, id))) throw notThere()
    auditPasskey(ctx, 'D', id, account)
  })
}

const notThere = () => new Problem('not-found', 'You have no such passkey.')

const auditPasskey = (ctx: Tx, action: 'C' | 'U' | 'D', id: string, account: string) =>
  audit(ctx, { action, entity: `Passkey/${id}`, subject: `Account/${account}` })

const toPasskey = (row: PasskeyRow): Passkey => ({
  id: row.id,
  name: row.name,
  backedUp: row.backed_up,
  createdAt: row.created_at.toISOString(),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at.toISOString() }),
  version: row.version,
})

/** Nobody is named: the authenticator offers the keys that it holds for this host. */
export async function beginPasskeySession(ctx: Ctx): Promise<Static<typeof RequestOptions>> {
  const options = await generateAuthenticationOptions({
    rpID: siteOf(ctx.config).rpID,
    challenge: newChallenge(ctx, 'sign in'),
    timeout,
    userVerification: 'required',
    allowCredentials: [],
  })
  return { ...options, allowCredentials: [] } as Static<typeof RequestOptions>
}
