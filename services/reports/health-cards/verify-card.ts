import { inflateRawSync } from 'node:zlib'
import { type CryptoKey, calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import { numberOf, parseExact } from '#fhir/decimal.ts'
import { HEALTH_CARD } from './card.ts'

/** Whom one believes, by the keys that one has of them: nothing is fetched. */
export interface Issuer {
  iss: string
  keys: readonly JWK[]
}

/**
 * `malformed`: no health card. `unknown-key`: of nobody whom one believes. `altered`: its signature is of something else. `wrong-issuer`: signed by another than it says.
 * `not-yet-valid`, `expired`: by the clock.
 */
export type Refusal = 'malformed' | 'unknown-key' | 'altered' | 'wrong-issuer' | 'not-yet-valid' | 'expired'

export interface VerifiedCard {
  issuer: string
  issuedAt: Date
  types: string[]
  /** Of FHIR R4, as it was signed; whether it is good FHIR is another question. */
  bundle: { resourceType: 'Bundle'; entry: unknown[]; [element: string]: unknown }
}

export type CardVerdict = ({ verified: true } & VerifiedCard) | { verified: false; why: Refusal }

/** Of a JWS, and of what it inflates to: many times what fits into a QR code, so that files of whole summaries are read, and little enough to hold. */
const MOST_CHARACTERS = 200_000
const MOST_BYTES = 1_000_000

const refused = (why: Refusal): CardVerdict => ({ verified: false, why })

/** The signature comes first: nobody's text is inflated but that of whom one believes. */
export async function verifyCard(card: string, issuers: readonly Issuer[], now: Date): Promise<CardVerdict> {
  const kid = kidOf(card)
  if (kid === undefined) return refused('malformed')
  const known = await issuersWith(kid, issuers)
  const [first] = known
  if (!first) return refused('unknown-key')
  const payload = await signedPayload(card, first.key)
  if (!payload) return refused('altered')
  const told = read(payload)
  if (!told) return refused('malformed')
  if (!known.some(({ iss }) => iss === told.issuer)) return refused('wrong-issuer')
  if (told.issuedAt > now) return refused('not-yet-valid')
  if (told.expiresAt && told.expiresAt < now) return refused('expired')
  const { expiresAt: _, ...verified } = told
  return { verified: true, ...verified }
}

/** The key that a card of the form says it was signed with. */
function kidOf(card: string): string | undefined {
  if (card.length > MOST_CHARACTERS || !/^[\w-]+\.[\w-]+\.[\w-]{86}$/.test(card)) return undefined
  try {
    const { alg, zip, kid } = decodeProtectedHeader(card) as Record<string, unknown>
    return alg === 'ES256' && zip === 'DEF' && typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/** A key counts as spec.smarthealth.cards has it, or not at all; its name is its thumbprint, so issuers who share one have the same key. */
async function issuersWith(kid: string, issuers: readonly Issuer[]): Promise<{ iss: string; key: CryptoKey }[]> {
  const found = issuers.flatMap(({ iss, keys }) => keys.filter((key) => key.kid === kid).map((key) => ({ iss, key })))
  const usable = await Promise.all(found.map(async ({ iss, key }) => ({ iss, key: await usableKey(key) })))
  return usable.flatMap(({ iss, key }) => (key ? [{ iss, key }] : []))
}

async function usableKey({ kty, use, alg, crv, x, y, kid }: JWK): Promise<CryptoKey | undefined> {
  if (kty !== 'EC' || use !== 'sig' || alg !== 'ES256' || crv !== 'P-256' || !x || !y) return undefined
  const jwk = { kty, crv, x, y }
  try {
    return (await calculateJwkThumbprint(jwk)) === kid ? ((await importJWK(jwk, alg)) as CryptoKey) : undefined
  } catch {
    return undefined // no point of the curve
  }
}

async function signedPayload(card: string, key: CryptoKey): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(card, key, { algorithms: ['ES256'] })).payload
  } catch {
    return undefined
  }
}

function read(payload: Uint8Array): (VerifiedCard & { expiresAt: Date | undefined }) | undefined {
  try {
    const bytes = inflateRawSync(payload, { maxOutputLength: MOST_BYTES })
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return told(parseExact(text))
  } catch {
    return undefined
  }
}

function told(payload: unknown) {
  const { iss, nbf, exp, vc } = payload as Record<string, unknown>
  const { type, credentialSubject } = vc as Record<string, unknown>
  const { fhirVersion, fhirBundle } = credentialSubject as Record<string, unknown>
  const bundle = fhirBundle as VerifiedCard['bundle']
  const types = Array.isArray(type) ? type.filter((one) => typeof one === 'string') : []
  const issuedAt = instantOf(nbf)
  const expiresAt = exp === undefined ? undefined : instantOf(exp)
  const isWhole =
    typeof iss === 'string' &&
    types.includes(HEALTH_CARD) &&
    typeof fhirVersion === 'string' &&
    bundle.resourceType === 'Bundle' &&
    Array.isArray(bundle.entry)
  return isWhole ? { issuer: iss, issuedAt, expiresAt, types, bundle } : undefined
}

/** Seconds, perhaps with a fraction. */
function instantOf(seconds: unknown): Date {
  const instant = new Date((numberOf(seconds) ?? Number.NaN) * 1_000)
  if (Number.isNaN(instant.getTime())) throw new TypeError('No time')
  return instant
}
