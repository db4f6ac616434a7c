import { definitionOf, type ElementDefinition, jsonName } from '#fhir/types/definitions.ts'

// The least that is valid: what must be there, and of a part that needs nothing its first element.

type Members = Record<string, unknown>
export type LeastResource = Members & { resourceType: string }

const primitives: Readonly<Record<string, unknown>> = {
  base64Binary: 'AAAA',
  boolean: true,
  canonical: 'https://openhcs.example/fhir/a',
  code: 'en',
  date: '2031-03-04',
  dateTime: '2031-03-04T10:00:00Z',
  decimal: 1.5,
  id: 'a-1',
  instant: '2031-03-04T10:00:00.000Z',
  integer: 3,
  markdown: 'Words',
  oid: 'urn:oid:1.2.3',
  positiveInt: 1,
  string: 'Words',
  time: '10:00:00',
  unsignedInt: 0,
  uri: 'https://openhcs.example/a',
  url: 'https://openhcs.example/b',
  uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">Words</div>',
}

/** What invariants ask for over what must be there. */
const more: Readonly<Record<string, object>> = {
  AllergyIntolerance: {
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
  },
  Appointment: { status: 'proposed' },
  'Appointment.participant': { type: [{ text: 'Practitioner' }] },
  AppointmentResponse: { participantType: [{ text: 'Practitioner' }] },
  Bundle: { type: 'collection' },
  CapabilityStatement: { kind: 'requirements', description: 'Words', rest: [{ mode: 'server' }] },
  Consent: { policyRule: { text: 'Opt in' } },
  'Composition.section': { entry: [{ reference: 'Patient/1' }] },
  'MedicationAdministration.dosage': { dose: { value: 1.5 } },
  Organization: { name: 'Clinic' },
  Subscription: { status: 'off', criteria: 'Observation', channel: { type: 'websocket' } },
  StructureDefinition: {
    ...{ abstract: true, type: 'Patient' },
    differential: { element: [{ id: 'Patient', path: 'Patient' }] },
  },
}

export function leastResource(type: string): LeastResource {
  return { resourceType: type, ...(least(type) as Members) }
}

/** Of an element, one value: not a list of them. */
export function leastValue(element: ElementDefinition, type: string): unknown {
  const [[system, codes] = []] = element.codes ?? []
  const [code] = codes ?? []
  if (code !== undefined && type === 'code') return code
  if (code !== undefined && type === 'CodeableConcept') return { coding: [{ system, code }] }
  if (type === 'Reference') return { reference: `${targetOf(element)}/1` }
  return least(type)
}

/** About a patient, where it can be. */
function targetOf({ targets: [first = ''] = ['Patient'], targets = [first] }: ElementDefinition): string {
  return targets.includes('Patient') ? 'Patient' : first
}

function least(type: string): unknown {
  if (type in primitives) return primitives[type]
  if (type === 'Extension') return { url: 'https://openhcs.example/a', valueString: 'Words' }
  if (type === 'Resource') return { resourceType: 'Patient', id: 'a-1' }
  const elements = definitionOf(type)?.elements ?? []
  const needed = elements.filter(({ min }) => min > 0)
  // The first is of the type itself: those of Element come before.
  const own = elements.filter(({ name }) => !['id', 'extension', 'modifierExtension'].includes(name)).slice(0, 1)
  const isResource = elements.some(({ name }) => name === 'implicitRules')
  const chosen = needed.length > 0 || isResource ? needed : own
  return { ...Object.fromEntries(chosen.map(asMember)), ...more[type] }
}

function asMember(element: ElementDefinition): [string, unknown] {
  const [type = ''] = element.types
  const value = leastValue(element, type)
  return [jsonName(element, type), element.max > 1 ? [value] : value]
}
