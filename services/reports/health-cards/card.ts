import { deflateRawSync } from 'node:zlib'
import { CompactSign } from 'jose'
import type { Resource } from '#fhir/resource.ts'
import type { SigningKey } from '#platform/signing/keys.ts'
import { type CardBundle, canBeSaid, cardBundle } from './minimal.ts'

// SMART Health Cards (hl7.org/fhir/uv/smart-health-cards-and-links, spec.smarthealth.cards): facts about a patient as a signed text, which anybody checks without asking us.

export const HEALTH_CARD = 'https://smarthealth.cards#health-card'
const IMMUNIZATION = 'https://smarthealth.cards#immunization'
export const CARD_MEDIA_TYPE = 'application/smart-health-card'

/** The most that one QR code of version 22 holds: spec.smarthealth.cards, Health Cards as QR Codes. */
export const QR_LENGTH = 1195
const SIGNATURE_LENGTH = 86

export interface CardPayload {
  iss: string
  /** Seconds. */
  nbf: number
  vc: { type: string[]; credentialSubject: { fhirVersion: string; fhirBundle: CardBundle } }
}

export interface Issuing {
  key: SigningKey
  /** The house: https, without a slash at its end. Verifiers look for our keys there. */
  iss: string
  now: Date
  patient: Resource
  facts: readonly Resource[]
}

export interface Issued {
  cards: string[]
  /** What each of them says. */
  held: Resource[][]
  /** What no card says: it is of another kind or patient, not so, or has no code. Whoever hands out the cards has to say so. */
  unsaid: Resource[]
}

/**
 * As few cards as fit into one QR code each; one fact that is too long for that is a card for files alone. A card is shared whole, so facts that
 * somebody might show apart belong into calls of their own.
 */
export async function issueCards({ key, iss, now, patient, facts }: Issuing): Promise<Issued> {
  const said = facts.filter((fact) => canBeSaid(fact, patient))
  const header = { zip: 'DEF', alg: 'ES256', kid: key.kid }
  const overhead = base64Length(JSON.stringify(header).length) + SIGNATURE_LENGTH + 2
  const contentOf = (part: readonly Resource[]) => compressed(payloadOf(iss, now, cardBundle(patient, part)))
  const fits = (part: readonly Resource[]) => overhead + base64Length(contentOf(part).length) <= QR_LENGTH
  const parts: Resource[][] = []
  for (const fact of said) {
    const last = parts.at(-1)
    if (last && fits([...last, fact])) last.push(fact)
    else parts.push([fact])
  }
  return {
    cards: await Promise.all(
      parts.map((part) => new CompactSign(contentOf(part)).setProtectedHeader(header).sign(key.privateKey)),
    ),
    held: parts,
    unsaid: facts.filter((fact) => !said.includes(fact)),
  }
}

function payloadOf(iss: string, now: Date, fhirBundle: CardBundle): CardPayload {
  const [, ...facts] = fhirBundle.entry
  const isOfVaccines = facts.every(({ resource }) => resource.resourceType === 'Immunization')
  const type = [HEALTH_CARD, ...(isOfVaccines ? [IMMUNIZATION] : [])]
  return {
    iss,
    nbf: Math.floor(now.getTime() / 1_000),
    vc: { type, credentialSubject: { fhirVersion: '4.0.1', fhirBundle } },
  }
}

const compressed = (payload: CardPayload) => deflateRawSync(JSON.stringify(payload), { level: 9 })

const base64Length = (bytes: number) => Math.ceil((bytes * 4) / 3)

/** The contents of a `.smart-health-card` file. */
export const cardFile = (cards: readonly string[]) => ({ verifiableCredential: cards })
