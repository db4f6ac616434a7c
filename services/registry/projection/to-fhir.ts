import type { Projection } from '#fhir/store/project.ts'
import type { PlaceRow } from '../queries/places.ts'
import type { MandateFacts, OrganisationFacts, PatientFacts, PractitionerFacts } from './queries.ts'
import { ZONE } from './zone.ts'

// Rows as FHIR R4 resources. What has no value now is there as `undefined`: it belongs to this room, and nothing else stands in its place.

type Elements = Record<string, unknown>
type Reach = { phone: string | null; email?: string | null }

const THO = 'http://terminology.hl7.org/CodeSystem'
const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
const referring = (type: string, id: string | null) => (id === null ? undefined : { reference: `${type}/${id}` })
const language = (code: string) => coded('urn:ietf:bcp:47', code)
const filled = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined)

const telecom = ({ phone, email = null }: Reach) =>
  filled([
    ...(phone === null ? [] : [{ system: 'phone', value: phone }]),
    ...(email === null ? [] : [{ system: 'email', value: email }]),
  ])

/** The number by which the house knows them; those of states and insurers are sealed, and in no resource. */
const own = (publicUrl: string, path: string, id: string) => [{ system: `${publicUrl}/v1/${path}`, value: id }]

export function patientElements(row: PatientFacts, publicUrl: string): Elements {
  const links = [
    ...(row.survivor === null ? [] : [{ other: referring('Patient', row.survivor), type: 'replaced-by' }]),
    ...row.replaced.map((id) => ({ other: referring('Patient', id), type: 'replaces' })),
  ]
  return {
    extension: [{ url: ZONE, valueCode: row.zone }],
    identifier: own(publicUrl, 'patients', row.id),
    active: row.active && row.survivor === null,
    name: [{ text: row.name }],
    telecom: telecom(row),
    gender: row.gender,
    birthDate: row.birth_date,
    communication: [{ language: language(row.language), preferred: true }],
    managingOrganization: referring('Organization', row.organisation_id),
    link: filled(links),
  }
}

/** Somebody who acts for a patient, by a mandate. */
export const relatedPersonElements = (row: MandateFacts): Elements => ({
  active: !row.revoked,
  patient: referring('Patient', row.patient_id),
  relationship: [row.basis === 'guardian' ? coded(`${THO}/v3-RoleCode`, 'GUARD') : { text: 'Caregiver, by a mandate' }],
  name: [{ text: row.caregiver }],
  period: { start: row.valid_from.toISOString(), end: row.valid_until.toISOString() },
  communication: [{ language: language(row.language) }],
})

/** Licences that have been verified, without their numbers: those are for who verifies them. */
export const practitionerElements = (row: PractitionerFacts, publicUrl: string): Elements => ({
  identifier: own(publicUrl, 'practitioners', row.id),
  active: row.in_use,
  name: [{ text: row.name }],
  gender: row.gender,
  photo:
    row.photo_type === null
      ? undefined
      : [{ contentType: row.photo_type, url: `${publicUrl}/v1/practitioners/${row.id}/photo` }],
  qualification: filled(
    row.licences.map(({ issuer, country, from, until }) => ({
      code: { text: `Licence to practise, ${country}` },
      period: { start: from, end: until },
      issuer: { display: issuer },
    })),
  ),
  communication: filled(row.languages.map(language)),
})

/** The one role that they have here; where and when, their schedules say. */
export const practitionerRoleElements = (row: PractitionerFacts, publicUrl: string): Elements => ({
  active: row.in_use,
  practitioner: referring('Practitioner', row.id),
  organization: referring('Organization', row.organisation_id),
  specialty: filled(row.specialities.map((code) => coded(`${publicUrl}/v1/specialities`, code))),
})

/** Whoever is not in use, or has no licence that was verified, is in no directory. */
export const practitionerState = ({ in_use, licences, erased }: PractitionerFacts): Projection['state'] =>
  in_use && licences.length > 0 ? 'shown' : erased ? 'gone' : 'hidden'

export const organisationElements = (row: OrganisationFacts, publicUrl: string): Elements => ({
  identifier: own(publicUrl, 'organisations', row.id),
  active: row.active,
  type: [coded(`${THO}/organization-type`, 'prov')],
  name: row.name,
  telecom: telecom(row),
  address: [{ city: row.city, country: row.country }],
})

/** With what SMART Scheduling Links asks of it. An address is one line: it is kept as people write it. */
export const locationElements = (row: PlaceRow, publicUrl: string): Elements => ({
  identifier: own(publicUrl, 'places', row.id),
  status: row.deactivated_at === null ? 'active' : 'inactive',
  name: row.name,
  mode: 'instance',
  telecom: [...(telecom(row) ?? []), { system: 'url', value: `${publicUrl}/v1/places/${row.id}` }],
  address: { line: [row.address], city: row.city, country: row.country },
  position: { longitude: row.longitude, latitude: row.latitude },
  managingOrganization: referring('Organization', row.organisation_id),
})
