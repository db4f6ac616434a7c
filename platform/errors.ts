import type { FastifyError } from 'fastify'

/**
 * The error vocabulary: FHIR's IssueType value set (hl7.org/fhir/R4/valueset-issue-type.html), one for the JSON and the FHIR face.
 * `meaning` is the text of the page that a problem's `type` URL opens.
 */
export const issueTypes = {
  invalid: {
    status: 400,
    title: 'Invalid request',
    meaning: 'The request is malformed. Each entry of `errors` points at the part to correct.',
  },
  login: {
    status: 401,
    title: 'Sign-in needed',
    meaning: 'No valid token came with the request. Sign in and send `Authorization: Bearer <token>`.',
  },
  forbidden: { status: 403, title: 'Not allowed', meaning: 'You are signed in, but none of your roles may do this.' },
  'not-found': {
    status: 404,
    title: 'Not found',
    meaning: 'There is no such thing, or you may not see it. The two look alike on purpose.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    meaning:
      'Somebody else was first, or the request is already being handled. Look at the present state, then try again.',
  },
  duplicate: {
    status: 409,
    title: 'Already exists',
    meaning: 'Something with the same unique property exists already.',
  },
  deleted: { status: 410, title: 'Gone', meaning: 'This existed, and no longer does.' },
  'lock-error': {
    status: 412,
    title: 'Changed meanwhile',
    meaning:
      'The version in If-Match is not the present one. Read again, apply your change to what you see, and send the new ETag.',
  },
  'too-long': { status: 413, title: 'Too large', meaning: 'The request is larger than this operation accepts.' },
  'not-supported': {
    status: 415,
    title: 'Media type not supported',
    meaning: 'Send the media type that the operation documents.',
  },
  'too-costly': {
    status: 422,
    title: 'Too costly',
    meaning: 'Answering would take more than anybody is given here. Ask for less, or in parts.',
  },
  'business-rule': {
    status: 422,
    title: 'Against a rule',
    meaning: 'The request is well formed, but a rule of the service forbids it. The detail says which.',
  },
  required: {
    status: 428,
    title: 'Precondition needed',
    meaning: 'Send the ETag that you last read in the If-Match header, so that no change of somebody else is lost.',
  },
  throttled: { status: 429, title: 'Too many requests', meaning: 'Wait as long as the Retry-After header says.' },
  exception: {
    status: 500,
    title: 'Our mistake',
    meaning: 'Something unexpected went wrong here. Quote the traceId when you report it.',
  },
  transient: {
    status: 503,
    title: 'Busy',
    meaning:
      'The service is overloaded or restarting. Try again after the time in Retry-After; with the same Idempotency-Key, so that it takes effect once.',
  },
} as const

export type IssueType = keyof typeof issueTypes

/** One part of a request that is wrong. `pointer` is a JSON pointer (RFC 6901) into body, query, path or header, e.g. `/body/start`. */
export interface FieldError {
  pointer: string
  detail: string
}

interface ProblemOptions {
  cause?: unknown
  /** Where HTTP has a status of its own for a case of the code: 406 beside 415. */
  status?: 405 | 406
  errors?: FieldError[]
  /** Facts that help the caller to go on, such as alternatives to a lost slot. Shown as members of the document. */
  details?: Record<string, unknown>
  retryAfterSeconds?: number
  /** Which rule refused, as a word for counting; not shown. */
  reason?: string
}

/** The only error thrown on purpose. `message` is shown to the caller and holds no personal data; `cause` is logged, never shown. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: IssueType
  readonly status: number
  readonly errors: FieldError[] | undefined
  readonly details: Record<string, unknown> | undefined
  readonly retryAfterSeconds: number | undefined
  readonly reason: string | undefined

  constructor(code: IssueType, message: string, options: ProblemOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status ?? issueTypes[code].status
    this.errors = options.errors
    this.details = options.details
    this.reason = options.reason
    this.retryAfterSeconds = options.retryAfterSeconds ?? (code === 'transient' ? 1 : undefined)
  }
}

/** The RFC 9457 document of a problem. */
export function problemDocument(problem: Problem, publicUrl: string, traceId: string) {
  return {
    type: `${publicUrl}/problems/${problem.code}`,
    title: issueTypes[problem.code].title,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    traceId,
    ...(problem.errors && { errors: problem.errors }),
    ...problem.details,
  }
}

/** Media type of JSON below /fhir/ (hl7.org/fhir/R4/http.html#mime-type). */
export const FHIR_JSON = 'application/fhir+json'

/**
 * The same problem for the FHIR face: one issue for the whole, then one for each fault. Facts to go on with are extensions. `sent`: the type of what came as the
 * body, at which the places of faults begin.
 */
export function operationOutcome(problem: Problem, publicUrl: string, traceId: string, sent = 'Resource') {
  const { code, message, errors = [], details = {} } = problem
  const page = `${publicUrl}/problems/${code}`
  const facts = Object.entries(details).flatMap(([name, value]) =>
    [value].flat().map((one) => ({ url: `${page}#${name}`, ...factOf(one) })),
  )
  return {
    resourceType: 'OperationOutcome',
    id: traceId,
    ...(facts.length > 0 && { extension: facts }),
    issue: [
      { severity: 'error', code, details: { text: issueTypes[code].title }, diagnostics: message },
      ...errors.map(({ pointer, detail }) => ({
        severity: 'error',
        code,
        diagnostics: detail,
        expression: [expressionOf(pointer, sent)],
      })),
    ],
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
const REFERENCE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/

/** A value as the content of an extension; the members of an object are extensions of it. */
function factOf(value: unknown): object {
  if (typeof value === 'object' && value !== null)
    return { extension: Object.entries(value).map(([url, one]) => ({ url, ...factOf(one) })) }
  const text = String(value)
  if (INSTANT.test(text)) return { valueInstant: text }
  return REFERENCE.test(text) ? { valueReference: { reference: text } } : { valueString: text }
}

/** `/body/name/0/family` → `Patient.name[0].family`; what is in the URL or a header, as R4 has it: `http.start`. */
function expressionOf(pointer: string, sent: string): string {
  const [, part, ...names] = pointer.split('/')
  const path = names.map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join('')
  return `${part === 'body' ? sent : 'http'}${path}`
}

/** PostgreSQL error classes (postgresql.org/docs/current/errcodes-appendix.html) that a caller can cause or wait out. */
const problemOfSqlState: Record<string, () => [IssueType, string]> = {
  '23505': () => ['duplicate', 'Something with the same unique property exists already.'],
  '23P01': () => ['conflict', 'This time has just been taken.'],
  '23503': () => ['business-rule', 'The request refers to something that does not exist.'],
  '23514': () => ['business-rule', 'A value lies outside what is permitted.'],
  '22021': () => ['invalid', 'A text holds characters that cannot be stored.'],
  '22P05': () => ['invalid', 'A text holds characters that cannot be stored.'],
  '22P02': () => ['invalid', 'A value has the wrong form.'],
  '22007': () => ['invalid', 'A date or time has the wrong form.'],
  '22008': () => ['invalid', 'A date or time is out of range.'],
  '22003': () => ['invalid', 'A number is out of range.'],
  '40001': () => ['transient', 'Too many changes at once; try again.'],
  '40P01': () => ['transient', 'Too many changes at once; try again.'],
  '55P03': () => ['transient', 'Too many changes at once; try again.'],
  '57014': () => ['transient', 'The request took too long and was stopped; nothing was changed.'],
  '25P03': () => ['transient', 'The request took too long and was stopped; nothing was changed.'],
  '57P01': () => ['transient', 'The database is restarting; try again.'],
  '57P02': () => ['transient', 'The database is restarting; try again.'],
  '57P03': () => ['transient', 'The database is starting; try again.'],
  '53300': () => ['transient', 'The database has no free connection; try again.'],
  '53100': () => ['transient', 'The database has no space left; nothing was changed.'],
  '08006': () => ['transient', 'The connection to the database was lost; try again.'],
}

const connectionLost =
  /Connection terminated|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|timeout (exceeded|expired)|Query read timeout|not queryable|was closed/

/** A pooler's own words: it is full, is stopping, or has lost its server. (PostgreSQL uses the class for mistakes of ours too, which are no FATAL.) */
const byPooler = (code: string | undefined, severity: string | undefined) =>
  severity === 'FATAL' && code?.startsWith('08') === true

/** Any thrown value as a Problem: the one place where causes become words. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code, message, statusCode, severity } = error as Partial<FastifyError & { severity: string }>
  const known = code && Object.hasOwn(problemOfSqlState, code) ? problemOfSqlState[code]?.() : undefined
  if (known) return new Problem(known[0], known[1], { cause: error })
  if (connectionLost.test(`${code} ${message}`) || byPooler(code, severity))
    return new Problem(
      'transient',
      'The database does not answer at the moment. Try again with the same Idempotency-Key: whether this request took effect is not known.',
      { cause: error },
    )
  if (statusCode === 413)
    return new Problem('too-long', 'The body is larger than this operation accepts.', { cause: error })
  if (statusCode === 415)
    return new Problem('not-supported', 'Send the media type that this operation documents.', { cause: error })
  if (statusCode === 429)
    return new Problem('throttled', 'Too many requests; wait before the next one.', { cause: error })
  if (statusCode === 503)
    return new Problem('transient', 'The service is saturated; try again shortly.', { cause: error })
  if (statusCode && statusCode < 500)
    return new Problem('invalid', 'The request could not be read. Check its JSON syntax, headers and URL.', {
      cause: error,
    })
  return new Problem('exception', 'Something unexpected went wrong. Nothing was changed.', { cause: error })
}
