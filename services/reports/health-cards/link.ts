import { randomBytes } from 'node:crypto'

// SMART Health Links (hl7.org/fhir/uv/smart-health-cards-and-links, links-specification): an address and a key in one text. Who has it fetches what is shared, encrypted, and
// opens it with the key, which no server is sent: it stands behind the `#` of a viewer's address.

export interface HealthLink {
  /** Where the manifest is asked for, or with `isOneFile` the file itself. It is the only secret that the server knows, so it cannot be guessed. */
  url: string
  /** 32 bytes, base64url. */
  key: string
  expiresAt?: Date | undefined
  /** For people. */
  label?: string | undefined
  needsPasscode?: boolean
  /** What it shares may change, and may be asked for again. */
  isLongTerm?: boolean
  isOneFile?: boolean
}

const PREFIX = 'shlink:/'
const URL_LENGTH = 128
const LABEL_LENGTH = 80
const KEY = /^[\w-]{42}[AEIMQUYcgkosw048]$/

/** 256 bits: for the key of a link, and for the part of its address that nobody guesses. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** `viewer`: the page that shows it to who has no app. Throws where the specification has another limit: these texts are ours. */
export function linkText(link: HealthLink, viewer?: string): string {
  const { url, key, expiresAt, label, needsPasscode, isLongTerm, isOneFile } = link
  if (url.length > URL_LENGTH) throw new RangeError('The address of a health link has at most 128 characters')
  if (label !== undefined && [...label].length > LABEL_LENGTH)
    throw new RangeError('The label of a health link has at most 80 characters')
  if (!KEY.test(key)) throw new RangeError('The key of a health link has 32 bytes')
  if (needsPasscode && isOneFile) throw new RangeError('A single file is not asked for with a passcode')
  const flag = `${isLongTerm ? 'L' : ''}${needsPasscode ? 'P' : ''}${isOneFile ? 'U' : ''}`
  const payload = {
    url,
    ...(flag !== '' && { flag }),
    key,
    ...(expiresAt && { exp: Math.floor(expiresAt.getTime() / 1_000) }),
    ...(label !== undefined && { label }),
  }
  const text = `${PREFIX}${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  return viewer === undefined ? text : `${viewer}#${text}`
}

/** A link that somebody hands in, with or without a viewer; undefined where it is none, or of a later version. What it does not know it passes over. */
export function linkIn(text: string): HealthLink | undefined {
  const [, encoded] = /^(?:[^#]+#)?shlink:\/([\w-]{1,4000})=*$/.exec(text) ?? []
  if (encoded === undefined) return undefined
  try {
    const { url, key, exp, label, flag = '', v = 1 } = JSON.parse(Buffer.from(encoded, 'base64url').toString())
    const has = (one: string) => String(flag).includes(one)
    const kind = { needsPasscode: has('P'), isLongTerm: has('L'), isOneFile: has('U') }
    const isRight =
      v === 1 &&
      typeof flag === 'string' &&
      typeof url === 'string' &&
      url.length <= URL_LENGTH &&
      ['https:', 'http:'].includes(new URL(url).protocol) &&
      KEY.test(key) &&
      (exp === undefined || (typeof exp === 'number' && exp > 0 && exp < 1e11)) &&
      (label === undefined || (typeof label === 'string' && [...label].length <= LABEL_LENGTH)) &&
      !(kind.needsPasscode && kind.isOneFile)
    if (!isRight) return undefined
    return { url, key, label, ...kind, expiresAt: exp === undefined ? undefined : new Date(exp * 1_000) }
  } catch {
    return undefined
  }
}
