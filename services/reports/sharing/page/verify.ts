// These functions run in the page that checks cards, where nothing else is: the page has their source as it stands here (page.ts), and what they use is in a browser as
// in Node. It is the same check as ../../health-cards/verify-card.ts, without a library.

export interface Issuers {
  iss: string
  keys: readonly { kid: string; x: string; y: string }[]
}

export type Verdict =
  | { verdict: 'valid'; issuer: string; at: number; resources: Record<string, unknown>[] }
  | { verdict: 'malformed' | 'unknown-key' | 'altered' | 'wrong-issuer' | 'not-yet-valid' | 'expired' }

/** The cards in what somebody pastes or scans, or in a file: JWS, the text of a QR code, or a file of several. */
export function cardsIn(text: string): string[] {
  const given = text.trim()
  if (given.startsWith('{')) {
    try {
      const { verifiableCredential } = JSON.parse(given)
      return Array.isArray(verifiableCredential) ? verifiableCredential.map(String) : []
    } catch {
      return []
    }
  }
  return given
    .split(/\s+/)
    .filter((one) => one !== '')
    .map((one) => {
      const digits = /^shc:\/((?:\d\d)+)$/.exec(one)?.[1]
      return digits === undefined
        ? one
        : (digits.match(/\d\d/g) ?? []).map((pair) => String.fromCharCode(Number(pair) + 45)).join('')
    })
}

export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** No more than a megabyte of it: a few bytes can inflate to any length. */
export async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  for (let length = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > 1_000_000) throw new RangeError('Too long')
    text += decoder.decode(value, { stream: true })
  }
}

/** The signature comes first: what nobody whom the page knows has signed is not even inflated. */
export async function verdictOf(card: string, issuers: readonly Issuers[], now: number): Promise<Verdict> {
  const [head = '', body = '', signature = '', ...more] = card.split('.')
  if (more.length > 0 || card.length > 200_000) return { verdict: 'malformed' }
  try {
    const { alg, zip, kid } = JSON.parse(new TextDecoder().decode(bytesOf(head)))
    if (alg !== 'ES256' || zip !== 'DEF') return { verdict: 'malformed' }
    const known = issuers.filter(({ keys }) => keys.some((key) => key.kid === kid))
    const found = known.flatMap(({ keys }) => keys).find((key) => key.kid === kid)
    if (!found) return { verdict: 'unknown-key' }
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const jwk = { kty: 'EC', crv: 'P-256', x: found.x, y: found.y }
    const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify'])
    const signed = new TextEncoder().encode(`${head}.${body}`)
    if (!(await crypto.subtle.verify(algorithm, key, bytesOf(signature), signed))) return { verdict: 'altered' }
    return toldBy(JSON.parse(await inflated(bytesOf(body))), known, now)
  } catch {
    return { verdict: 'malformed' }
  }
}

/** Throws where it is no card. */
export function toldBy(payload: Record<string, unknown>, known: readonly Issuers[], now: number): Verdict {
  const { iss, nbf, exp, vc } = payload as { iss: string; nbf: number; exp?: number; vc: Record<string, never> }
  const { type, credentialSubject } = vc as unknown as {
    type: string[]
    credentialSubject: { fhirBundle: { entry: { resource: Record<string, unknown> }[] } }
  }
  if (!type.includes('https://smarthealth.cards#health-card') || !Number.isFinite(nbf)) return { verdict: 'malformed' }
  if (!known.some((one) => one.iss === iss)) return { verdict: 'wrong-issuer' }
  if (nbf * 1_000 > now) return { verdict: 'not-yet-valid' }
  if (exp !== undefined && exp * 1_000 < now) return { verdict: 'expired' }
  const resources = credentialSubject.fhirBundle.entry.map(({ resource }) => resource)
  return { verdict: 'valid', issuer: iss, at: nbf * 1_000, resources }
}

export interface Line {
  /** A phrase: what it is. */
  name: string
  value: string
}

/** Without signs that turn text around, or that nobody sees. Joiners stay: words of Arabic and Hindi need them. */
export function shownText(value: unknown): string {
  return String(value ?? '')
    .replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, 500)
}

export function allOf(value: unknown) {
  return (Array.isArray(value) ? value : [value]).filter((each) => each !== undefined)
}

/** How it stands, by the codes of FHIR; the page has words for what is not simply so. */
export function statesIn(resource: Record<string, unknown>): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: whoever signed it may have written anything
  const one = resource as Record<string, any>
  const codes = [one.clinicalStatus, one.verificationStatus].flatMap((concept) =>
    allOf(concept?.coding).map((coding) => coding?.code),
  )
  const marks = ['isSubpotent', 'doNotPerform'].filter((name) => one[name] === true)
  return [one.status, one.intent, ...codes, one.criticality, ...marks].filter((code) => typeof code === 'string')
}

/** What a resource of a card says, for people: its codes, since cards have no words. */
export function linesOf(resource: Record<string, unknown>): Line[] {
  // biome-ignore lint/suspicious/noExplicitAny: whoever signed it may have written anything
  const one = resource as Record<string, any>
  const lines: Line[] = []
  const add = (name: string, value: unknown) => {
    const text = shownText(value)
    if (text !== '') lines.push({ name, value: text })
  }
  for (const name of allOf(one.name))
    add('card.name', name?.text ?? allOf(name?.given).concat(allOf(name?.family)).join(' '))
  add('card.born', one.birthDate)
  const concept = one.vaccineCode ?? one.code ?? one.medicationCodeableConcept
  for (const coding of allOf(concept?.coding).filter((each) => each?.code))
    add('page.code', `${coding.code} (${coding.system ?? ''})`)
  add('page.date', one.occurrenceDateTime ?? one.onsetDateTime ?? one.effectiveDateTime ?? one.authoredOn)
  add('page.lot', one.lotNumber)
  for (const performer of allOf(one.performer)) add('page.by', performer?.actor?.display)
  return lines
}
