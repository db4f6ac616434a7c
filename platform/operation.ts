import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import type { IssueType } from './errors.ts'

/**
 * What one must hold to call an operation: SMART-style `Resource.permissions` (c r u d s), `signed-in`, `public`, or `house`: only other
 * rooms may call it, and it is in no document.
 */
export type Access = `${Capitalize<string>}.${string}` | 'signed-in' | 'public' | 'house'

/** What an operation is on the FHIR face (R4), for GET /fhir/R4/metadata. */
export interface FhirInteraction {
  /** The type of resource; none: of the system. */
  resource?: Capitalize<string>
  interaction: 'read' | 'search-type' | 'create' | 'update' | 'operation'
  /** Search parameters, with their types; those of every search go without saying. */
  search?: Readonly<Record<string, { type: 'date' | 'reference' | 'token'; documentation: string }>>
  /** Of an operation: its name without `$`, and what it takes and gives. */
  operation?: { name: string; level: 'type' | 'instance' | 'system'; parameters: readonly FhirParameter[] }
}

export interface FhirParameter {
  name: string
  use: 'in' | 'out'
  min: 0 | 1
  /** FHIR's name of the type; also the value[x] in which it comes. */
  type:
    | 'uri'
    | 'string'
    | 'code'
    | 'dateTime'
    | 'instant'
    | 'integer'
    | 'boolean'
    | 'Reference'
    | 'Appointment'
    | 'Patient'
    | 'Bundle'
  /** Left out: once. */
  max?: '*'
  documentation: string
}

export interface OperationSpec {
  /** Unique in the house; the OpenAPI operationId. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: `/${string}`
  summary: string
  description?: string
  access: Access
  /** What a token with scopes must hold where `access` names no resource: `Patient.s`. Without it such tokens are refused. */
  scope?: `${Capitalize<string>}.${string}`
  /**
   * Opens the operation to tokens that are bound to one patient, and says what keeps them there: where in the input that patient's id must
   * stand, `condition`: the room's SQL compares with `actor.within`, or `none`: nothing of a patient is in it.
   */
  patient?: '/params/id' | '/query/patient' | '/body/patient' | 'condition' | 'none'
  params?: TObject
  query?: TObject
  body?: TObject
  /** Instead of a JSON body: raw bytes of one of these media types. */
  upload?: { mediaTypes: string[]; maxBytes: number }
  /** Success status; default 200, and 204 where there is no response schema. */
  status?: 200 | 201 | 202 | 204
  response?: TSchema
  /** Instead of a JSON response: this media type, written by the handler. */
  download?: string
  /** Beside JSON, for who asks for them by Accept: these media types, written by the handler. */
  alsoAs?: readonly string[]
  /** Problems beyond those that follow from the shape (400, 401, 403, 404 for a path parameter, 412, 428, 413, 415, 429, 500, 503). */
  problems?: IssueType[]
  /** Whether the caller must send If-Match with the version that was read. */
  ifMatch?: boolean
  /** Whether Idempotency-Key is honoured; default true for POST. Without an actor there is nobody to keep the answer for. */
  idempotent?: boolean
  /**
   * Whether a reader of the database may answer, where there is one: late by `LATE_SECONDS` at most (reader.ts), and never before the caller's own
   * last write. For reads that cost much and show nothing of the caller's own; the description says what may be late.
   */
  reader?: true
  /** On the FHIR face: JSON is application/fhir+json, ETags are weak, and what is refused is an OperationOutcome, as below /fhir/ everywhere. */
  fhir?: FhirInteraction
  /** Requests a minute from one address, for operations that are worth guessing at. What they refuse comes some milliseconds late, by chance (answer-time.ts). */
  perMinute?: number
}

export type Operation<S extends OperationSpec = OperationSpec> = S

type StaticOr<T, Otherwise> = T extends TSchema ? Static<T> : Otherwise

export interface InputOf<S extends OperationSpec> {
  params: StaticOr<S['params'], Record<never, never>>
  query: StaticOr<S['query'], Record<never, never>>
  body: StaticOr<S['body'], undefined>
}
/** The part of the input that a caller gives: parts without a schema are left out. */
export type CallInput<S extends OperationSpec> = (S['params'] extends TSchema
  ? { params: Static<S['params']> }
  : unknown) &
  (S['query'] extends TSchema ? { query?: Static<S['query']> } : unknown) &
  (S['body'] extends TSchema ? { body: Static<S['body']> } : unknown)
export type OutputOf<S extends OperationSpec> = StaticOr<S['response'], void>

export function operation<const S extends OperationSpec>(spec: S): Operation<S> {
  return spec
}

export interface EventSpec<T extends TObject = TObject> {
  /** Resource, past tense: `Appointment.booked`. */
  name: `${string}.${string}`
  payload: T
}

/** Payloads hold references, never clinical content. */
export function event<P extends TProperties>(name: `${string}.${string}`, properties: P): EventSpec<TObject<P>> {
  return { name, payload: Type.Object(properties, { additionalProperties: false }) }
}

// Building blocks of contracts, so that a uuid, an instant or a page looks the same in every room.

const closed = { additionalProperties: false }

/** An object that refuses unknown members. */
export const Closed = <P extends TProperties>(properties: P, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { ...closed, ...options })

const exampleId = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'
export const Id = Type.String({ format: 'uuid', examples: [exampleId], description: 'UUID, version 7' })
export const IdParams = Closed({ id: Id })
/** RFC 3339 with offset. */
export const Instant = Type.String({ format: 'date-time', examples: ['2031-03-03T09:00:00Z'], maxLength: 40 })
export const CalendarDate = Type.String({ format: 'date', examples: ['2031-03-03'], maxLength: 10 })
/** An IANA time zone; checked against the runtime's own list. */
export const Zone = Type.String({ format: 'iana-zone', maxLength: 64, examples: ['Africa/Accra'] })
/** BCP 47. */
export const Language = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', maxLength: 35, examples: ['am'] })
export const Gender = Type.Enum(['female', 'male', 'other', 'unknown'], { examples: ['female'] })
export const Version = Type.Integer({ minimum: 1, examples: [1], description: 'Rises with each change; also the ETag' })

/** One line of text for people: no control characters. `pattern` also keeps NUL out, which PostgreSQL cannot store. */
export const Line = (maxLength: number, example: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$',
    examples: [example],
  })
/** Text of several lines. */
export const Prose = (maxLength: number, example: string) =>
  Type.String({ maxLength, pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$', examples: [example] })

/** Query parameters of a list; each operation says in which order. */
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, examples: [20] })),
  cursor: Type.Optional(
    Type.String({
      maxLength: 400,
      pattern: '^[A-Za-z0-9_-]+$',
      description: 'As given in `next` or in the Link header',
    }),
  ),
}
export const Page = <T extends TSchema>(item: T) =>
  Closed({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'Cursor of the next page; absent on the last' })),
  })
