import { places } from './country.ts'
import type { Country } from './generate.ts'
import type { Mandate } from './mandates.ts'
import type { Person } from './people.ts'
import type { Practitioner } from './practitioners.ts'
import type { Batch, Row } from './queries.ts'
import { instant, placeIds } from './rows.ts'

/** A code that ISO 3166-1 leaves to whoever needs one: no country has it, or ever will. */
export const COUNTRY = 'XN'

export function registryRows(country: Country): Batch[] {
  const administrator = country.administrators[0]?.id ?? null
  return [
    ['registry.place', placeRows(country)],
    ['registry.practitioner', country.practitioners.map(practitionerRow)],
    ['registry.licence', country.practitioners.map((practitioner) => licenceRow(practitioner, administrator))],
    ['registry.patient', country.patients.map(patientRow)],
    ['registry.caregiver', country.caregivers.map(caregiverRow)],
    ['registry.mandate', country.mandates.map((mandate) => mandateRow(mandate, administrator))],
  ]
}

const kept = (createdAt: number, changedAt = createdAt) => ({
  version: changedAt === createdAt ? 1 : 2,
  demo: true,
  created_at: instant(createdAt),
  updated_at: instant(changedAt),
})

function placeRows(country: Country): Row[] {
  const ids = placeIds(country)
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

function licenceRow({ id, licence }: Practitioner, administrator: string | null): Row {
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

const caregiverRow = (c: Person, n: number): Row => ({
  id: c.id,
  account_id: c.account?.id,
  name: c.name,
  language: c.language,
  ...reach(c),
  code: `DEM0${String(n + 1).padStart(4, '0')}`,
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
  revoked_at: m.revokedAt === null ? null : instant(m.revokedAt),
  revoked_by: m.revokedAt === null ? null : (m.caregiver.account?.id ?? null),
  revoke_reason: m.revokedAt === null ? null : 'Demonstration',
  version: m.revokedAt === null ? 1 : 2,
  demo: true,
  created_at: instant(m.from),
})
