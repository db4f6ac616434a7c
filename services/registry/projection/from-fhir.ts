import type { Static } from 'typebox'
import type { FieldError } from '#platform/errors.ts'
import { Problem } from '#platform/errors.ts'
import type { KeptResource } from '#platform/keeper.ts'
import { Closed } from '#platform/operation.ts'
import { inputValidator } from '#platform/validate.ts'
import { createOrganisation } from '../contract/organisations.ts'
import { NewPatient } from '../contract/patients.ts'
import { NewPlace } from '../contract/places.ts'
import { NewPractitioner } from '../contract/practitioners.ts'
import * as heard from './heard.ts'

// What FHIR resources say of the columns, in the words of /v1. The rest of what they say is kept as it is: see said.ts.

/** What is meant where nothing is said. */
export interface Otherwise {
  language: string
  zone: string | undefined
}

interface Person extends KeptResource {
  name?: heard.HumanName[]
  telecom?: heard.ContactPoint[]
  gender?: string
  active?: boolean
}
interface Patient extends Person {
  birthDate?: string
  communication?: heard.Communication[]
  extension?: heard.Extension[]
}
interface Practitioner extends Person {
  communication?: heard.CodeableConcept[]
}
interface Address {
  line?: string[]
  city?: string
  country?: string
}
interface Organization extends KeptResource {
  name?: string
  telecom?: heard.ContactPoint[]
  address?: Address[]
}
interface Location extends KeptResource {
  name?: string
  telecom?: heard.ContactPoint[]
  address?: Address
  position?: { longitude: unknown; latitude: unknown }
  extension?: heard.Extension[]
}

export function patientFrom(resource: KeptResource, otherwise: Otherwise): Static<typeof NewPatient> {
  const { name, birthDate, gender = 'unknown', communication, extension, telecom } = resource as Patient
  return checkedPatient({
    name: heard.nameIn(name).value,
    birthDate,
    gender,
    language: heard.languageIn(communication).value ?? otherwise.language,
    zone: heard.zoneIn(extension).value ?? otherwise.zone,
    ...reachIn(telecom),
  })
}

const reachIn = (telecom: heard.ContactPoint[] | undefined) => {
  const [phone, email] = [heard.phoneIn(telecom).value, heard.emailIn(telecom).value]
  return { ...(phone !== undefined && { phone }), ...(email !== undefined && { email }) }
}

export function practitionerFrom(
  resource: KeptResource,
  { languages, specialities }: { languages: string[]; specialities: string[] },
): Static<typeof NewPractitioner> {
  const { name, gender = 'unknown', communication = [] } = resource as Practitioner
  const spoken = [...new Set(communication.flatMap((one) => heard.languageOf(one) ?? []))]
  const facts = { name: heard.nameIn(name).value, gender, languages: spoken.length > 0 ? spoken : languages }
  return { ...checkedPractitioner(facts), specialities }
}

type NewOrganisation = Static<typeof createOrganisation.body>

export function organisationFrom(resource: KeptResource): NewOrganisation {
  const { name, telecom, address: [{ city, country } = {}] = [] } = resource as Organization
  return checkedOrganisation({ name, city, country, ...reachIn(telecom) })
}

export function placeFrom(resource: KeptResource, otherwise: Pick<Otherwise, 'zone'>): Static<typeof NewPlace> {
  const { name, telecom, address = {}, position, extension } = resource as Location
  const { phone } = reachIn(telecom)
  return checkedPlace({
    ...{ name, city: address.city, country: address.country },
    ...(address.line && { address: address.line.join(', ') }),
    ...(position && { latitude: Number(position.latitude), longitude: Number(position.longitude) }),
    zone: heard.zoneIn(extension).value ?? otherwise.zone,
    ...(phone !== undefined && { phone }),
  })
}

/** Where in the resource what /v1 calls so is said. */
const PLACES: Readonly<Record<string, string>> = {
  language: 'communication',
  languages: 'communication',
  specialities: 'specialty',
  organisation: 'managingOrganization',
  zone: 'extension',
  phone: 'telecom',
  email: 'telecom',
  city: 'address',
  country: 'address',
  latitude: 'position',
  longitude: 'position',
}
const DETAILS: Readonly<Record<string, string>> = {
  zone: 'must have http://hl7.org/fhir/StructureDefinition/timezone: by it appointments are told',
  birthDate: 'must be a whole date, 1900 or later',
  country: 'must have a country of two letters (ISO 3166-1), and a city',
}

/** As the operation of /v1 checks its body; faults have the place where the resource says it. */
function checking<T>(id: string, body: object) {
  const check = inputValidator({
    ...{ method: 'POST', url: '/', summary: '', access: 'house' },
    ...{ id, body: body as never },
  })
  return (facts: object): T => {
    const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
    try {
      check({ params: {}, query: {}, body: given })
    } catch (error) {
      throw error instanceof Problem && error.errors ? asResource(error.errors, error) : error
    }
    return given as T
  }
}

const checkedPatient = checking<Static<typeof NewPatient>>('writePatient', NewPatient)
/** What they practise, their role says; who is in no directory yet may have none. */
const { name: Name, gender: Gender, languages: Languages } = NewPractitioner.properties
const Profile = Closed({ name: Name, gender: Gender, languages: Languages })
const checkedPractitioner = checking<Static<typeof Profile>>('writePractitioner', Profile)
const checkedOrganisation = checking<NewOrganisation>('writeOrganization', createOrganisation.body)
const checkedPlace = checking<Static<typeof NewPlace>>('writeLocation', NewPlace)

/** `/body/birthDate` of /v1, in the resource. */
export function placeOf(pointer: string): string {
  const [, , name = ''] = pointer.split('/')
  return `/${PLACES[name] ?? name}`
}

/** The same faults, at the places of a resource. */
function asResource(errors: readonly FieldError[], cause: unknown): Problem {
  const once = new Map<string, string>()
  for (const { pointer, detail } of errors) {
    const name = pointer.split('/')[2] ?? ''
    const place = placeOf(pointer)
    if (!once.has(place)) once.set(place, DETAILS[name] ?? detail)
  }
  return new Problem('business-rule', 'It cannot be kept as it is; see errors.', {
    cause,
    errors: [...once].map(([pointer, detail]) => ({ pointer, detail })),
  })
}
