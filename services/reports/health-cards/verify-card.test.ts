import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { CompactSign, type JWK } from 'jose'
import { SHCIssuer } from 'kill-the-clipboard'
import { issueCards } from './card.ts'
import { amina, iss, measles, newSigner, now } from './testing.ts'
import { type Issuer, verifyCard } from './verify-card.ts'

const key = await newSigner()
const stranger = await newSigner()
const believed: Issuer[] = [{ iss, keys: [key.jwk] }]
const [card = ''] = (await issueCards({ key, iss, now, patient: amina, facts: [measles()] })).cards

const why = async (of: string, issuers = believed, at = now) => {
  const verdict = await verifyCard(of, issuers, at)
  return verdict.verified || verdict.why
}

const nbf = now.getTime() / 1_000
const vc = {
  type: ['https://smarthealth.cards#health-card'],
  credentialSubject: { fhirVersion: '4.0.1', fhirBundle: { resourceType: 'Bundle', type: 'collection', entry: [] } },
}
const good = { iss, nbf, vc }

/** Signed as it should be, whatever it says. */
const signed = (content: object | string | Uint8Array, header: object = {}, by = key) => {
  const bytes =
    content instanceof Uint8Array
      ? content
      : deflateRawSync(typeof content === 'string' ? content : JSON.stringify(content))
  return new CompactSign(bytes)
    .setProtectedHeader({ alg: 'ES256', zip: 'DEF', kid: by.kid, ...header })
    .sign(by.privateKey)
}

describe('checking a health card', () => {
  it('tells who says it, since when, and what is said', async () => {
    const verdict = await verifyCard(card, believed, now)
    assert.ok(verdict.verified)
    const { bundle, ...rest } = verdict
    assert.deepEqual(rest, {
      verified: true,
      issuer: iss,
      issuedAt: now,
      types: ['https://smarthealth.cards#health-card', 'https://smarthealth.cards#immunization'],
    })
    assert.equal(bundle.entry.length, 2)
    assert.equal(await why(await signed({ ...good, nbf: nbf - 0.5, exp: nbf })), true)
  })

  it('reads what a foreign issuer signed', async () => {
    const issuer = new SHCIssuer({
      issuer: 'https://clinic.example',
      privateKey: stranger.privateKey,
      publicKey: stranger.jwk as JsonWebKey,
    })
    const foreign = await issuer.issue({ resourceType: 'Bundle', type: 'collection', entry: [] })
    const issuers = [...believed, { iss: 'https://clinic.example', keys: [stranger.jwk] }]
    assert.equal(await why(foreign.asJWS(), issuers, new Date()), true)
    assert.equal(await why(foreign.asJWS(), believed, new Date()), 'unknown-key')
  })

  it('believes nobody but those whose keys were given, and each only for itself', async () => {
    assert.equal(await why(await signed(good, {}, stranger)), 'unknown-key')
    assert.equal(await why(await signed(good, { kid: key.kid }, stranger)), 'altered')
    const two = [...believed, { iss: 'https://clinic.example', keys: [stranger.jwk] }]
    assert.equal(await why(await signed(good, {}, stranger), two), 'wrong-issuer')
    for (const other of [`${iss}/`, iss.replace('https', 'http'), iss.toUpperCase()])
      assert.equal(await why(await signed({ ...good, iss: other })), 'wrong-issuer', other)
  })

  it('takes no key for one that is of another kind or name', async () => {
    const changes: Partial<JWK>[] = [
      { kty: 'RSA' },
      { use: 'enc' },
      { alg: 'ES384' },
      { crv: 'P-384' },
      { x: stranger.jwk.x as string },
      { y: 'AAAA' },
      { kid: stranger.kid },
    ]
    for (const change of changes) {
      const keys = [{ ...key.jwk, ...change }]
      const { kid = '' } = keys[0] as JWK
      assert.equal(await why(await signed(good, { kid }), [{ iss, keys }]), 'unknown-key', JSON.stringify(change))
    }
  })

  it('notices each changed character', async () => {
    for (let at = 0; at < card.length; at += 7) {
      const changed = card[at] === 'A' ? 'B' : 'A'
      const verdict = await why(`${card.slice(0, at)}${changed}${card.slice(at + 1)}`)
      assert.ok(['altered', 'malformed', 'unknown-key'].includes(String(verdict)), `${at}: ${verdict}`)
    }
  })

  it('is not led to another algorithm', async () => {
    const [, content = ''] = card.split('.')
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const empty = 'A'.repeat(86)
    for (const alg of ['none', 'HS256', 'ES384', 'es256', undefined])
      assert.equal(await why(`${header({ alg, zip: 'DEF', kid: key.kid })}.${content}.${empty}`), 'malformed', alg)
    assert.equal(await why(`${header({ alg: 'ES256', zip: 'DEF', kid: key.kid })}.${content}.${empty}`), 'altered')
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk))
    const mac = await new CompactSign(deflateRawSync(JSON.stringify(good)))
      .setProtectedHeader({ alg: 'HS256', zip: 'DEF', kid: key.kid })
      .sign(secret)
    assert.equal(await why(mac), 'malformed')
    assert.equal(await why(await signed(good, { crit: ['b64'], b64: true })), true, 'what it knows')
  })

  it('goes by the clock', async () => {
    assert.equal(await why(card, believed, new Date(now.getTime() - 1)), 'not-yet-valid')
    assert.equal(await why(await signed({ ...good, nbf: now.getTime() })), 'not-yet-valid', 'milliseconds')
    assert.equal(await why(await signed({ ...good, exp: nbf - 1 })), 'expired')
  })

  it('refuses what is signed and no card', async () => {
    const of = (change: object) => signed({ ...good, vc: { ...vc, ...change } })
    const subject = (change: object) => of({ credentialSubject: { ...vc.credentialSubject, ...change } })
    const broken = [
      signed('{'),
      signed('null'),
      signed(`\ufeff${JSON.stringify(good)}`),
      signed(new TextEncoder().encode(JSON.stringify(good))),
      signed(deflateRawSync(Buffer.from(JSON.stringify({ ...good, more: '\u00ff' }), 'latin1'))),
      signed(good, { zip: undefined }),
      signed({ ...good, iss: undefined }),
      signed({ ...good, nbf: undefined }),
      signed({ ...good, nbf: '0' }),
      signed({ ...good, exp: 'never' }),
      signed({ ...good, nbf: 1e300 }),
      signed({ ...good, vc: undefined }),
      of({ type: ['https://smarthealth.cards#immunization'] }),
      of({ type: 'https://smarthealth.cards#health-card' }),
      subject({ fhirVersion: undefined }),
      subject({ fhirBundle: undefined }),
      subject({ fhirBundle: { resourceType: 'Patient', entry: [] } }),
      subject({ fhirBundle: { resourceType: 'Bundle' } }),
    ]
    for (const [at, one] of broken.entries()) assert.equal(await why(await one), 'malformed', `${at}`)
  })

  it('does not inflate without end, nor read without end', async () => {
    const bomb = await signed(deflateRawSync(Buffer.alloc(50_000_000, 0x20)))
    assert.ok(bomb.length < 100_000)
    assert.equal(await why(bomb), 'malformed')
    const long = (spaces: number) => signed(`${JSON.stringify(good)}${' '.repeat(spaces)}`)
    assert.equal(await why(await long(900_000)), true)
    assert.equal(await why(await long(1_000_000)), 'malformed')
    const dense = (bytes: number) => signed({ ...good, more: randomBytes(bytes).toString('base64') })
    assert.equal(await why(await dense(100_000)), true)
    assert.equal(await why(await dense(200_000)), 'malformed')
    for (const text of ['', '.', '..', 'a.b.c', `${card}.`, ` ${card}`, `${card}\n`, card.slice(0, -1)])
      assert.equal(await why(text), 'malformed', text.slice(0, 20))
  })
})
