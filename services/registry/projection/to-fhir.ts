import { parseExact } from '#fhir/decimal.ts'
import type { Projection } from '#fhir/store/project.ts'
import type { PlaceRow } from '../queries/places.ts'
import * as heard from './heard.ts'
import { filled, withColumn } from './lay-over.ts'
import type { MandateFacts, OrganisationFacts, PatientFacts, PractitionerFacts } from './queries.ts'
import { ZONE } from './zone.ts'

// Rows as FHIR R4 resources. What a FHIR client said beyond the columns (`said`) stands as it was written; what the columns say is laid over it. What has no value
// now is there as `undefined`.

type Elements = Record<string, unknown>
type Reach = { phone: string | null; email?: string | null }

/** What the elements hold that columns are laid over. */
interface Said extends Elements {
  name?: heard.HumanName[]
  telecom?: heard.ContactPoint[]
  communication?: heard.Communication[]
  extension?: heard.Extension[]
  identifier?: object[]
  link?: object[]
  birthDate?: string
  status?: string
  address?: Elements[] | Elements
  managingOrganization?: { reference?: string }
  specialty?: heard.CodeableConcept[]
  type?: object[]
}

export const saidIn = (text: string | null): Said => {
  if (text === null) return {}
  const { resourceType: _type, id: _id, ...said } = parseExact(text) as Elements
  return said
}

/** The house's elements first: so what a client sends back as it was read stands in the same order, and is no change. */
const laidOver = (said: Said, house: Elements): Elements => ({ ...house, ...said, ...house, ...overtaken(said, house) })

/** What stands beside a value (`_status`) is of that value, and goes with it. */
const overtaken = (said: Said, house: Elements): Elements =>
  Object.fromEntries(
    Object.keys(house)
      .filter((name) => `_${name}` in said && (said[name] ?? null) !== (house[name] ?? null))
      .map((name) => [`_${name}`, undefined]),
  )

const THO = 'http://terminology.hl7.org/CodeSystem'
const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
const referring = (type: string, id: string | null) => (id === null ? undefined : { reference: `${type}/${id}` })
const language = (code: string) => coded('urn:ietf:bcp:47', code)

function nameOver({ name }: Said, now: string) {
  const { value, at } = heard.nameIn(name)
  return withColumn(name, at, value === now, [{ text: now }])
}

/** The first number and the first address that can be reached are what the columns hold. */
function telecomOver({ telecom = [] }: Said, { phone, email }: Reach) {
  const one = (system: string, value: string | null) => (value === null ? [] : [{ system, value }])
  const [byPhone, byEmail] = [heard.phoneIn(telecom), heard.emailIn(telecom)]
  const emailed =
    email === undefined // no column holds it
      ? telecom
      : withColumn(telecom, byEmail.at, (byEmail.value ?? null) === email, one('email', email))
  // Where an address came to its beginning or went, the number stands elsewhere.
  const { at } = heard.phoneIn(emailed)
  return filled(withColumn(emailed, at, (byPhone.value ?? null) === phone, one('phone', phone)))
}

function zoneOver({ extension }: Said, zone: string) {
  const { value, at } = heard.zoneIn(extension)
  return withColumn(extension, at, value === zone, [{ url: ZONE, valueCode: zone }])
}

function languageOver({ communication = [] }: Said, now: string) {
  const { value, at } = heard.languageIn(communication)
  const others: heard.Communication[] = communication.map(({ preferred: _preferred, ...one }) => one)
  return value === now ? communication : withColumn(others, at, false, [{ language: language(now), preferred: true }])
}

/** The number by which the house knows them; those of states and insurers are sealed, and in no resource. */
const ownOver = ({ identifier = [] }: Said, publicUrl: string, path: string, id: string) => [
  { system: `${publicUrl}/v1/${path}`, value: id },
  ...identifier,
]

/** As it was said, where that is the same: with what it is called. */
const referenceOver = (said: { reference?: string } | undefined, type: string, id: string | null) =>
  said?.reference === `${type}/${id}` ? said : referring(type, id)

/** What people are told in words is left out where the columns say something else by now. */
const textOver = (said: Said, over: Elements) => ({
  text: Object.entries(over).every(
    ([name, value]) => said[name] === undefined || JSON.stringify(said[name]) === JSON.stringify(value),
  )
    ? said.text
    : undefined,
})

export function patientElements(row: PatientFacts, publicUrl: string): Elements {
  const said = saidIn(row.said)
  const links = [
    ...(row.survivor === null ? [] : [{ other: referring('Patient', row.survivor), type: 'replaced-by' }]),
    ...row.replaced.map((id) => ({ other: referring('Patient', id), type: 'replaces' })),
  ]
  const over = {
    active: row.active && row.survivor === null,
    name: nameOver(said, row.name),
    telecom: telecomOver(said, row),
    gender: row.gender,
    birthDate: row.birth_date,
    communication: languageOver(said, row.language),
  }
  return laidOver(said, {
    ...over,
    ...textOver(said, over),
    extension: zoneOver(said, row.zone),
    identifier: ownOver(said, publicUrl, 'patients', row.id),
    managingOrganization: referenceOver(said.managingOrganization, 'Organization', row.organisation_id),
    link: filled([...links, ...(said.link ?? [])]),
  })
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
export function practitionerElements(row: PractitionerFacts, publicUrl: string): Elements {
  const said = saidIn(row.said) as Said & { communication?: heard.CodeableConcept[] }
  const { communication = [] } = said
  const languages = communication.map(heard.languageOf).join()
  const over = {
    active: row.in_use,
    name: nameOver(said, row.name),
    gender: row.gender,
    communication: languages === row.languages.join() ? filled(communication) : filled(row.languages.map(language)),
  }
  return laidOver(said, {
    ...over,
    ...textOver(said, over),
    identifier: ownOver(said, publicUrl, 'practitioners', row.id),
    photo:
      row.photo_type === null
        ? said.photo
        : [{ contentType: row.photo_type, url: `${publicUrl}/v1/practitioners/${row.id}/photo` }],
    qualification: filled(
      row.licences.map(({ issuer, country, from, until }) => ({
        code: { text: `Licence to practise, ${country}` },
        period: { start: from, end: until },
        issuer: { display: issuer },
      })),
    ),
  })
}

/** The one role that they have here; where and when, their schedules say. */
export function practitionerRoleElements(row: PractitionerFacts, publicUrl: string): Elements {
  const said = saidIn(row.said_role) as Said & { practitioner?: object; organization?: object }
  const system = `${publicUrl}/v1/specialities`
  const isSame = heard.specialitiesIn(said.specialty, system).join() === row.specialities.join()
  const others = (said.specialty ?? []).filter((one) => heard.specialitiesIn([one], system).length === 0)
  return laidOver(said, {
    active: row.in_use,
    practitioner: referenceOver(said.practitioner, 'Practitioner', row.id),
    organization: referenceOver(said.organization, 'Organization', row.organisation_id),
    specialty: isSame
      ? filled(said.specialty ?? [])
      : filled([...row.specialities.map((code) => coded(system, code)), ...others]),
    text: isSame ? said.text : undefined,
  })
}

/** Whoever is not in use, or has no licence that was verified, is in no directory: they see it themselves. */
export const practitionerState = ({ in_use, licences, erased }: PractitionerFacts): Projection['state'] =>
  in_use && licences.length > 0 ? 'shown' : erased ? 'gone' : 'own'

export function organisationElements(row: OrganisationFacts, publicUrl: string): Elements {
  const said = saidIn(row.said)
  const { address = [] } = said as { address?: Elements[] }
  const over = {
    active: row.active,
    name: row.name,
    telecom: telecomOver(said, row),
    address: withColumn(address, address.length > 0 ? 0 : -1, isIn(address[0], row), [
      { city: row.city, country: row.country },
    ]),
  }
  return laidOver(said, {
    ...over,
    ...textOver(said, over),
    identifier: ownOver(said, publicUrl, 'organisations', row.id),
    type: said.type ?? [coded(`${THO}/organization-type`, 'prov')],
  })
}

const isIn = (address: Elements | undefined, { city, country }: { city: string; country: string }): boolean =>
  address?.city === city && address.country === country

/** With what SMART Scheduling Links asks of it. An address is one line: it is kept as people write it. */
export function locationElements(row: PlaceRow & { said?: string | null }, publicUrl: string): Elements {
  const said = saidIn(row.said ?? null) as Said & { address?: Elements & { line?: string[] }; position?: Elements }
  const { address, position } = said
  const isAddress = isIn(address, row) && address?.line?.join(', ') === row.address
  const isPosition = Number(position?.longitude) === row.longitude && Number(position?.latitude) === row.latitude
  const over = {
    status: row.deactivated_at !== null ? 'inactive' : said.status === 'suspended' ? 'suspended' : 'active',
    name: row.name,
    address: isAddress ? address : { line: [row.address], city: row.city, country: row.country },
    position: isPosition ? position : { longitude: row.longitude, latitude: row.latitude },
  }
  return laidOver(said, {
    ...over,
    ...textOver(said, over),
    identifier: ownOver(said, publicUrl, 'places', row.id),
    mode: 'instance',
    telecom: [...(telecomOver(said, row) ?? []), { system: 'url', value: `${publicUrl}/v1/places/${row.id}` }],
    managingOrganization: referenceOver(said.managingOrganization, 'Organization', row.organisation_id),
  })
}
