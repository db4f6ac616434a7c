import type { TSchema } from 'typebox'
import { rolesFor } from './access.ts'
import { FHIR_JSON, type IssueType, issueTypes } from './errors.ts'
import type { OperationSpec } from './operation.ts'
import type { AnyService } from './service.ts'

// OpenAPI 3.0.3 from the contracts. JSON Schema 2020-12 says some things otherwise (examples, const, null, exclusive limits);
// `toOpenApi30` is the one place that knows.

type Json = Record<string, unknown>

export interface DocumentInfo {
  version: string
  publicUrl: string
}

/** The document of all rooms, whether or not they run in this process. */
export function openApiDocument(services: readonly AnyService[], { version, publicUrl }: DocumentInfo): Json {
  const schemas: Record<string, Json> = { Problem: problemSchema, OperationOutcome: outcomeSchema }
  const paths: Record<string, Json> = {}
  for (const { name, routes } of services)
    for (const { operation } of routes) {
      if (operation.access === 'house') continue
      const path = operation.url.replace(/:(\w+)/g, '{$1}')
      paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationObject(name, operation, schemas) }
    }
  return {
    openapi: '3.0.3',
    info: {
      title: 'OpenHCS, the Open Health Care Services API',
      version,
      description:
        'Find care, book it, keep it, share it. Errors are RFC 9457 problem documents; times are RFC 3339; lists are paged by cursor.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: publicUrl, description: 'This installation' }],
    tags: services
      .filter(({ routes }) => routes.some(isPublic))
      .map(({ name, purpose }) => ({ name, description: purpose })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'The token given by POST /v1/sessions' },
      },
      responses: usedIn(JSON.stringify(paths)),
      schemas,
    },
  }
}

const isPublic = ({ operation }: { operation: OperationSpec }) => operation.access !== 'house'

function operationObject(room: string, operation: OperationSpec, schemas: Record<string, Json>): Json {
  const { id, summary, description, access } = operation
  return {
    operationId: id,
    tags: [room],
    summary,
    description: [description, whoMayCall(access)].filter(Boolean).join('\n\n'),
    security: access === 'public' ? [] : [{ session: [] }],
    parameters: parametersOf(operation, schemas),
    ...requestBodyOf(operation, schemas),
    responses: responsesOf(operation, schemas),
  }
}

function whoMayCall(access: OperationSpec['access']): string {
  if (access === 'public') return 'Open to everybody.'
  if (access === 'signed-in') return 'For everybody who is signed in.'
  return `For: ${rolesFor(access).join(', ')}.`
}

function parametersOf(operation: OperationSpec, schemas: Record<string, Json>): Json[] {
  const from = (where: 'path' | 'query', object: OperationSpec['params']) =>
    Object.entries((object?.properties ?? {}) as Record<string, TSchema>).map(([name, schema]) => {
      const { description, ...rest } = toOpenApi30(schema, schemas) as Json & { description?: string }
      const example = exampleOf(schema)
      const required = where === 'path' || ((object?.required ?? []) as string[]).includes(name)
      return {
        name,
        in: where,
        required,
        ...(description && { description }),
        schema: rest,
        ...(example !== undefined && { example }),
      }
    })
  return [
    ...from('path', operation.params),
    ...from('query', operation.query),
    ...(operation.ifMatch ? [ifMatchHeader] : []),
    ...(operation.method === 'POST' && operation.idempotent !== false && operation.access !== 'public'
      ? [idempotencyHeader]
      : []),
  ]
}

const ifMatchHeader = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag last read',
  schema: { type: 'string', pattern: '^(W/)?"\\d{1,9}"$' },
  example: '"1"',
}
const idempotencyHeader = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes a repeated request take effect once',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
  example: '5b0c1a',
}

const jsonOf = ({ fhir }: OperationSpec) => (fhir ? FHIR_JSON : 'application/json')

function requestBodyOf(operation: OperationSpec, schemas: Record<string, Json>): Json {
  const { body, upload } = operation
  if (upload) {
    const binary = { schema: { type: 'string', format: 'binary' } }
    return {
      requestBody: { required: true, content: Object.fromEntries(upload.mediaTypes.map((type) => [type, binary])) },
    }
  }
  if (!body) return {}
  return {
    requestBody: {
      required: true,
      content: { [jsonOf(operation)]: { schema: toOpenApi30(body, schemas), example: exampleOf(body) } },
    },
  }
}

function responsesOf(operation: OperationSpec, schemas: Record<string, Json>): Json {
  const { response, download, alsoAs = [], status } = operation
  const success = status ?? (response || download ? 200 : 204)
  const json = response && {
    [jsonOf(operation)]: { schema: toOpenApi30(response, schemas), example: exampleOf(response) },
  }
  const files = [...(download ? [download] : []), ...alsoAs].map((type) => [
    type,
    { schema: { type: 'string', ...(type.startsWith('text/') ? {} : { format: 'binary' }) } },
  ])
  const content = json || files.length > 0 ? { ...json, ...Object.fromEntries(files) } : undefined
  const problems = [...problemsOf(operation)].map((code) => [
    issueTypes[code].status,
    { $ref: `#/components/responses/${operation.fhir ? 'fhir-' : ''}${issueTypes[code].status}` },
  ])
  return { [success]: { description: 'Done', ...(content && { content }) }, ...Object.fromEntries(problems) }
}

/** What an operation may answer beside success: what follows from its shape, and what it declares. */
export function problemsOf(operation: OperationSpec): Set<IssueType> {
  const { access, params, body, upload, ifMatch, problems = [] } = operation
  return new Set<IssueType>([
    'invalid',
    ...(access === 'public' ? [] : (['login', 'forbidden'] as const)),
    ...(params ? (['not-found'] as const) : []),
    ...(body || upload ? (['too-long', 'not-supported'] as const) : []),
    ...(ifMatch ? (['lock-error', 'required'] as const) : []),
    ...(operation.method === 'POST' && operation.idempotent !== false ? (['conflict', 'business-rule'] as const) : []),
    ...problems,
    'login', // also a public operation refuses a token that is not one
    'throttled',
    'exception',
    'transient',
  ])
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'code', 'detail', 'traceId'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'Opens a page that explains the problem' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(issueTypes), description: "FHIR's IssueType" },
    detail: { type: 'string', description: 'What to do' },
    traceId: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
  example: {
    type: 'http://localhost:8080/problems/invalid',
    title: 'Invalid request',
    status: 400,
    code: 'invalid',
    detail: 'Parts of the request are wrong; see errors.',
    traceId: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
    errors: [{ pointer: '/body/start', detail: 'is missing' }],
  },
}

const outcomeSchema: Json = {
  type: 'object',
  description: 'FHIR R4 OperationOutcome',
  required: ['resourceType', 'issue'],
  properties: {
    resourceType: { type: 'string', enum: ['OperationOutcome'] },
    id: { type: 'string', description: 'The traceId' },
    issue: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          severity: { type: 'string', enum: ['error'] },
          code: { type: 'string', enum: Object.keys(issueTypes) },
          diagnostics: { type: 'string', description: 'What to do' },
          expression: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
  example: {
    resourceType: 'OperationOutcome',
    id: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
    issue: [{ severity: 'error', code: 'invalid', diagnostics: 'Parts of the request are wrong; see errors.' }],
  },
}

const refusals = (prefix: string, mediaType: string, schema: string) =>
  Object.values(issueTypes).map(({ status, meaning }) => [
    `${prefix}${status}`,
    { description: meaning, content: { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } } },
  ])
const responses = [
  ...refusals('', 'application/problem+json', 'Problem'),
  ...refusals('fhir-', FHIR_JSON, 'OperationOutcome'),
]
const usedIn = (paths: string) =>
  Object.fromEntries(responses.filter(([name]) => paths.includes(`"#/components/responses/${name}"`)))

/** Translates a schema; objects with a title become components. */
function toOpenApi30(schema: unknown, schemas: Record<string, Json>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => toOpenApi30(one, schemas))
  if (typeof schema !== 'object' || schema === null) return schema
  const {
    examples,
    const: only,
    exclusiveMinimum,
    exclusiveMaximum,
    properties,
    items,
    anyOf,
    title,
    patternProperties,
    ...rest
  } = schema as Json
  const named = (members: unknown) =>
    Object.fromEntries(Object.entries(members as Json).map(([key, one]) => [key, toOpenApi30(one, schemas)]))
  const out: Json = {
    ...rest,
    ...(only !== undefined && { enum: [only] }),
    ...(exclusiveMinimum !== undefined && { minimum: exclusiveMinimum, exclusiveMinimum: true }),
    ...(exclusiveMaximum !== undefined && { maximum: exclusiveMaximum, exclusiveMaximum: true }),
    ...(properties !== undefined && { properties: named(properties) }),
    ...(items !== undefined && { items: toOpenApi30(items, schemas) }),
    ...(anyOf !== undefined && { anyOf: toOpenApi30(anyOf, schemas) }),
    ...(patternProperties !== undefined && {
      additionalProperties: toOpenApi30(Object.values(patternProperties as Json)[0], schemas),
    }),
    ...(Array.isArray(examples) && { example: examples[0] }),
  }
  if (out.format === 'iana-zone') delete out.format
  if (Array.isArray(out.enum) && out.type === undefined)
    out.type = typeof out.enum[0] === 'number' ? 'number' : 'string'
  if (typeof title !== 'string') return out
  schemas[title] = out
  return { $ref: `#/components/schemas/${title}` }
}

/** An example put together from the examples of its leaves, so that it always fits its schema. */
export function exampleOf(schema: TSchema): unknown {
  const {
    examples,
    default: fallback,
    const: only,
    enum: values,
    anyOf,
    type,
    properties,
    items,
    minimum,
  } = schema as Json & { properties?: Record<string, TSchema> }
  if (Array.isArray(examples)) return examples[0]
  if (fallback !== undefined) return fallback
  if (only !== undefined) return only
  if (Array.isArray(values)) return values[0]
  if (Array.isArray(anyOf)) return exampleOf(anyOf[0] as TSchema)
  if (properties) return Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, exampleOf(one)]))
  if (type === 'array') return items === undefined ? [] : [exampleOf(items as TSchema)]
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return minimum ?? 1
  return type === 'object' ? {} : 'text'
}
