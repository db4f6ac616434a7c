// What goes wrong between us and the store of uploads, in words for whoever runs this: in the log and in what doctor says, and never in an answer.

export class StoreFault extends Error {
  override name = 'StoreFault'
  readonly says: string
  readonly advice: string
  /** The store's own word for it, where it gave one. */
  readonly code: string | undefined

  constructor(says: string, advice: string, { code, cause }: { code?: string | undefined; cause?: unknown } = {}) {
    super(`${says}. ${advice}`, { cause })
    this.says = says
    this.advice = advice
    this.code = code
  }
}

const RENEWED = 'The next request asks for new ones; if this goes on, see what the role is attached to.'
const REGION = 'Set S3_REGION, and S3_ENDPOINT if there is one, to where the bucket is.'
const LATER = 'It asks for fewer requests, or is unwell. Uploads work again by themselves when it is not.'

/** By the codes of docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, which others that speak S3 use too. */
const ADVICE: Record<string, string> = {
  AccessDenied: 'See what the policies of the role or key, of the bucket and of its KMS key permit.',
  AllAccessDisabled: 'Somebody has shut the bucket: ask its owner.',
  AuthorizationHeaderMalformed: REGION,
  ExpiredToken: RENEWED,
  InternalError: LATER,
  InvalidAccessKeyId: 'The store does not know this key: see S3_ACCESS_KEY_ID, or what the role is attached to.',
  InvalidToken: RENEWED,
  NoSuchBucket: 'Make the bucket, or correct S3_BUCKET.',
  PermanentRedirect: REGION,
  RequestTimeTooSkewed: 'The clock of this machine is wrong: let it follow a time server.',
  ServiceUnavailable: LATER,
  SignatureDoesNotMatch: 'S3_SECRET_ACCESS_KEY is not the secret of S3_ACCESS_KEY_ID.',
  SlowDown: LATER,
  TokenRefreshRequired: RENEWED,
}

/** Credentials with which the store will not have us again. */
export const isStale = ({ code = '' }: StoreFault): boolean =>
  ['ExpiredToken', 'InvalidAccessKeyId', 'InvalidToken', 'TokenRefreshRequired'].includes(code)

/** Of an answer that is not what was asked for. Reads its body, where the store says why. */
export async function faultOf(method: string, response: Response): Promise<StoreFault> {
  const body = await response.text().catch(() => '')
  const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(body)?.[1]
  const says = `The file store answered ${[response.status, code].filter(Boolean).join(' ')} to ${method}`
  return new StoreFault(says, adviceOn(response.status, code), { code })
}

function adviceOn(status: number, code = ''): string {
  if (Object.hasOwn(ADVICE, code)) return ADVICE[code] ?? ''
  if (status === 403) return ADVICE.AccessDenied ?? ''
  if (status >= 300 && status < 400) return REGION
  return status >= 500 || status === 429 ? LATER : 'See S3_ENDPOINT: is this a store that speaks S3?'
}

/** Of a connection that did not come about or broke. */
export function unreachable(what: string, error: unknown, advice: string): StoreFault {
  const { name, cause } = error as Error
  const code = name === 'TimeoutError' ? 'it took too long' : (cause as NodeJS.ErrnoException | undefined)?.code
  return new StoreFault(`${what} does not answer: ${code ?? 'the connection broke'}`, advice, { cause: error })
}
