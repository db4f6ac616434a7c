import { places } from './country.ts'
import type { Country } from './generate.ts'
import { instant } from './instant.ts'
import type { Mandate } from './mandates.ts'
import type { Person } from './people.ts'
import type { Practitioner } from './practitioners.ts'
import type { Batch, Row } from './queries.ts'

/** A code that ISO 3166-1 leaves to whoever needs one: no country has it, or ever will. */
export const COUNTRY = 'XN'

export function* registryRows(country: Country, certificateKey: string): Generator<Batch> {
  const administrator = country.administrators[0]?.id ?? null
  yield ['registry.place', placeRows(country)]
  yield ['registry.practitioner', country.practitioners.map(practitionerRow)]
  yield [
    'registry.licence',
    country.practitioners.map((practitioner) => licenceRow(practitioner, { administrator, certificateKey })),
  ]
  yield ['registry.patient', country.patients.map(patientRow)]
  yield ['registry.caregiver', country.caregivers.map(caregiverRow)]
  yield ['registry.mandate', country.mandates.map((mandate) => mandateRow(mandate, administrator))]
}

const kept = (createdAt: number, changedAt = createdAt) => ({
  version: changedAt === createdAt ? 1 : 2,
  demo: true,
  created_at: instant(createdAt),
  updated_at: instant(changedAt),
})

function placeRows(country: Country): Row[] {
  const ids = country.placeIds
  return places.map(({ name, names, latitude, longitude, zone }, n) => ({
    id: ids[n],
    name: nameOf({ name, names }),
    address: `Buoy ${13_010 + n}, at sea`,
    city: 'Null Island',
    country: COUNTRY,
    latitude,
    longitude,
    zone,
    phone: null,
    ...kept(country.day.midnight - 800 * 86_400_000),
  }))
}

/** With its other names, so that a search in any of its languages finds it. */
export const nameOf = ({ name, names }: { name: string; names: Readonly<Record<string, string>> }): string =>
  [name, ...new Set(Object.values(names))].join(' · ')

const practitionerRow = (p: Practitioner): Row => ({
  id: p.id,
  account_id: p.account?.id ?? null,
  name: p.name,
  gender: p.gender,
  languages: p.languages,
  specialities: p.specialities,
  about: 'Somebody who does not exist, on an island that does not either.',
  ...kept(p.createdAt),
})

interface Decision {
  administrator: string | null
  certificateKey: string
}

function licenceRow({ id, licence }: Practitioner, { administrator, certificateKey }: Decision): Row {
  const decided = licence.status !== 'pending'
  const decidedAt = licence.submittedAt + 2 * 86_400_000
  return {
    id: licence.id,
    practitioner_id: id,
    number: licence.number,
    issuer: 'Null Island Council of Imaginary Medicine',
    country: COUNTRY,
    valid_from: licence.from,
    valid_until: licence.until,
    status: decided ? 'verified' : 'pending',
    certificate_key: certificateKey,
    certificate_type: 'application/pdf',
    decided_by: decided ? administrator : null,
    decided_at: decided ? instant(decidedAt) : null,
    ...kept(licence.submittedAt, decided ? decidedAt : licence.submittedAt),
  }
}

const reach = ({ account, phone }: Person) => ({ phone, email: account?.email ?? null })

const patientRow = (p: Person): Row => ({
  id: p.id,
  account_id: p.account?.id ?? null,
  name: p.name,
  birth_date: p.bornOn,
  gender: p.gender,
  language: p.language,
  zone: places[p.home]?.zone,
  ...reach(p),
  ...kept(p.createdAt),
})

/** Letters and digits that nobody mistakes for others, as registry draws them. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeOf = (n: number) =>
  `DEMX${[27_000, 900, 30, 1].map((place) => ALPHABET[Math.floor(n / place) % 30]).join('')}`

const caregiverRow = (c: Person, n: number): Row => ({
  id: c.id,
  account_id: c.account?.id,
  name: c.name,
  language: c.language,
  ...reach(c),
  code: codeOf(n),
  ...kept(c.createdAt),
})

const mandateRow = (m: Mandate, administrator: string | null): Row => ({
  id: m.id,
  patient_id: m.patient.id,
  caregiver_id: m.caregiver.id,
  powers: m.powers,
  evidence: 'Demonstration',
  valid_from: instant(m.from),
  valid_until: instant(m.until),
  granted_by: m.patient.account?.id ?? administrator,
  basis: m.patient.account ? 'patient' : 'desk',
  accepted_at: instant(m.from),
  revoked_at: m.revokedAt === null ? null : instant(m.revokedAt),
  revoked_by: m.revokedAt === null ? null : (m.caregiver.account?.id ?? null),
  revoke_reason: m.revokedAt === null ? null : 'Demonstration',
  version: m.revokedAt === null ? 1 : 2,
  demo: true,
  created_at: instant(m.from),
})
