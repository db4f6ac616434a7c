import { CompactEncrypt, compactDecrypt } from 'jose'
import type { CARD_MEDIA_TYPE } from './card.ts'

/** What a link may share. */
export type SharedType = typeof CARD_MEDIA_TYPE | 'application/fhir+json'

const keyOf = (key: string) => Buffer.from(key, 'base64url')

/** A file as it is kept and handed out: it opens with the key of its link alone. */
export const encryptFile = (key: string, contentType: SharedType, content: object): Promise<string> =>
  new CompactEncrypt(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: contentType })
    .encrypt(keyOf(key))

/** Of a file that somebody else shares, and of what it inflates to. */
const MOST_CHARACTERS = 14_000_000
const MOST_BYTES = 10_000_000

/** undefined: this key opens nothing there. `contentType`: as it says itself, where it does. */
export async function decryptFile(
  key: string,
  file: string,
): Promise<{ contentType: string | undefined; content: Buffer } | undefined> {
  if (file.length > MOST_CHARACTERS) return undefined
  const options = {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
    maxDecompressedLength: MOST_BYTES,
  }
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(file, keyOf(key), options)
    return { contentType: protectedHeader.cty, content: Buffer.from(plaintext) }
  } catch {
    return undefined // no JWE, of another key, changed, or larger than is read
  }
}

export interface SharedFile {
  contentType: SharedType
  /** As `encryptFile` made it. */
  jwe: string
  updatedAt: Date
}

/** What a reader of a link sends: its own name, for the one who shares; what else it sends is passed over, as the specification has it. */
export interface ManifestRequest {
  recipient: string
  passcode?: string | undefined
  embeddedLengthMax?: number | undefined
}

export function manifestRequest(body: unknown): ManifestRequest | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { recipient, passcode, embeddedLengthMax } = body as Record<string, unknown>
  const isRight =
    typeof recipient === 'string' &&
    recipient.trim() !== '' &&
    recipient.length <= 300 &&
    (passcode === undefined || typeof passcode === 'string') &&
    (embeddedLengthMax === undefined || (Number.isInteger(embeddedLengthMax) && Number(embeddedLengthMax) >= 0))
  return isRight ? ({ recipient, passcode, embeddedLengthMax } as ManifestRequest) : undefined
}

/**
 * What is shared: in the answer itself, unless the reader wants it no longer than this; then at `locate(…)`, an address that lives an hour at most and needs no
 * sign-in.
 */
export const manifestOf = <F extends SharedFile>(
  files: readonly F[],
  { embeddedLengthMax = Number.POSITIVE_INFINITY }: Pick<ManifestRequest, 'embeddedLengthMax'>,
  { isLongTerm, locate }: { isLongTerm: boolean; locate(file: F): string },
) => ({
  files: files.map((file) => ({
    contentType: file.contentType,
    ...(file.jwe.length <= embeddedLengthMax ? { embedded: file.jwe } : { location: locate(file) }),
    lastUpdated: file.updatedAt.toISOString(),
    status: isLongTerm ? ('can-change' as const) : ('finalized' as const),
  })),
})

/** The answer to a wrong passcode, with 401. The count is of the whole life of a link. */
export const wrongPasscode = (remainingAttempts: number) => ({ remainingAttempts })
