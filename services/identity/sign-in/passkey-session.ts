import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from '@simplewebauthn/server'
import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { createSessionByPasskey as contract } from '../contract/passkeys.ts'
import type { NewSession } from '../contract.ts'
import type { Tables } from '../database.ts'
import { beginAttempt } from '../limit-sign-in.ts'
import { accountById } from '../queries/accounts.ts'
import { spendChallenge } from '../queries/challenges.ts'
import { type KeyRow, keyByCredential, usePasskey } from '../queries/passkeys.ts'
import { deviceOf } from './device-token.ts'
import { admit } from './open-session.ts'
import { readChallenge } from './passkey-challenge.ts'
import { handleOf, siteOf } from './passkeys.ts'

type Ctx = Context<Tables>
type Credential = Static<typeof contract.body>['credential']

/** A signature is not guessed; this keeps somebody from making us verify without end. */
const LIMITS = { minutes: 15, fromOneNetwork: 10, fromEverywhere: 50, atAllNames: 60, onOneDevice: 10 }

export async function createSessionByPasskey(
  ctx: Ctx,
  { credential, deviceToken, ...wishes }: Static<typeof contract.body>,
  address: string,
): Promise<Static<typeof NewSession>> {
  const key = await keyByCredential(ctx.db, credential.id)
  const device = deviceOf(ctx, deviceToken)
  const own = device && device.account === key?.account_id ? device : undefined
  const attempt = await beginAttempt(ctx, `passkey ${credential.id}`, { address, device: own }, { limits: LIMITS })
  const account = key && (await accountById(ctx.db, key.account_id))
  const proof = key && account ? await verify(ctx, key, credential) : undefined
  if (!key || !account || !proof) throw refused()
  const entrance = { account, attempt, way: 'passkey', refusal: refused, ...wishes }
  return admit(ctx, {
    ...entrance,
    async also({ db, now }) {
      const first = await spendChallenge(db, proof.challenge.hash, proof.challenge.until)
      const used = await usePasskey(db, key.id, { counter: proof.counter, backedUp: proof.backedUp, at: now() })
      if (!first || !used) throw refused()
    },
  })
}

async function verify(ctx: Ctx, key: KeyRow, given: Credential) {
  // The authenticator says whose key it is; one that says somebody else's name has been tampered with.
  if (!Buffer.from(given.response.userHandle, 'base64url').equals(handleOf(key.account_id))) return undefined
  const { rpID, origin } = siteOf(ctx.config)
  let challenge: ReturnType<typeof readChallenge>
  const { credential_id: id, public_key, counter } = key
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...given, clientExtensionResults: {} } as AuthenticationResponseJSON,
      expectedChallenge(text) {
        challenge = readChallenge(ctx, 'sign in', text)
        return challenge !== undefined
      },
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: true,
      credential: { id, publicKey: new Uint8Array(public_key), counter: Number(counter) },
    })
    if (!verified || !challenge) return undefined
    const { newCounter, credentialBackedUp } = authenticationInfo
    return { challenge, counter: newCounter, backedUp: credentialBackedUp }
  } catch {
    return undefined // whoever sends such a thing need not know what is wrong with it
  }
}

const refused = () => new Problem('login', 'The passkey was not accepted. Try again, or sign in another way.')
