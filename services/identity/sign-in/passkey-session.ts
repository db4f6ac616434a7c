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
  const account = await accountById(ctx.db, (key ?? nobodysKey).account_id)
  const proof = await verify(ctx, key ?? { ...nobodysKey, credential_id: credential.id }, credential)
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

/** Compared with where nobody has such a key, so that the answer takes as long: the generator of P-256, whose private half is 1. */
const nobodysKey = {
  account_id: '00000000-0000-0000-0000-000000000000',
  public_key: Buffer.from(
    'a5010203262001215820' +
      '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
      '225820' +
      '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
    'hex',
  ),
  counter: 0,
}

type Held = Pick<KeyRow, 'account_id' | 'credential_id' | 'public_key' | 'counter'>

async function verify(ctx: Ctx, key: Held, given: Credential) {
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
    // The authenticator says whose key it is; one that says somebody else's name has been tampered with.
    const theirs = Buffer.from(given.response.userHandle, 'base64url').equals(handleOf(key.account_id))
    if (!verified || !challenge || !theirs) return undefined
    const { newCounter, credentialBackedUp } = authenticationInfo
    return { challenge, counter: newCounter, backedUp: credentialBackedUp }
  } catch {
    return undefined // whoever sends such a thing need not know what is wrong with it
  }
}

const refused = () => new Problem('login', 'The passkey was not accepted. Try again, or sign in another way.')
