import { powers } from '#platform/access.ts'
import { places } from './country.ts'
import type { Country } from './generate.ts'
import type { Account } from './people.ts'
import type { Batch, Row } from './queries.ts'
import { randomFrom } from './random.ts'
import { registryRows } from './rows-registry.ts'
import { schedulingRows } from './rows-scheduling.ts'

export const instant = (milliseconds: number) => new Date(milliseconds).toISOString()

/** Ids of the places, in their order. */
export function placeIds({ day }: Country): string[] {
  const random = randomFrom('places')
  return places.map(() => random.id(day.midnight - 800 * 86_400_000))
}

/** The country as rows, in an order in which they can be inserted. */
export function rowsOf(country: Country, passwordHash: string): Batch[] {
  return [
    ['identity.account', country.accounts.map((account) => accountRow(account, passwordHash))],
    ['platform.role_grant', country.administrators.map(administratorRow)],
    ...registryRows(country),
    ['platform.access_grant', grantRows(country)],
    ...schedulingRows(country),
  ]
}

const accountRow = ({ id, userName, phone, email, name, language, createdAt }: Account, passwordHash: string): Row => ({
  id,
  user_name: userName,
  user_name_key: userName,
  phone,
  email,
  name,
  language,
  password_hash: passwordHash,
  version: 1,
  demo: true,
  created_at: instant(createdAt),
  updated_at: instant(createdAt),
})

const administratorRow = ({ id, createdAt }: Account): Row => ({
  account_id: id,
  role: 'administrator',
  granted_at: instant(createdAt),
})

/** Who may do what with whose data, as registry writes it. */
function grantRows({ practitioners, patients, caregivers, mandates }: Country): Row[] {
  const random = randomFrom('grants')
  const grant = (relationship: string, account: Account, [type, id]: [string, string], from: number): Row => ({
    id: random.id(from),
    account_id: account.id,
    relationship,
    subject_type: type,
    subject_id: id,
    powers: relationship === 'self' && type === 'Patient' ? powers : [],
    source_id: null,
    valid_from: instant(from),
    valid_until: null,
    revoked_at: null,
  })
  const self = (type: string) => (person: { id: string; account: Account | null; createdAt: number }) =>
    person.account ? [grant('self', person.account, [type, person.id], person.createdAt)] : []
  const licensed = practitioners.flatMap(({ id, account, licence }) =>
    account && licence.status !== 'pending'
      ? [
          {
            ...grant('licence', account, ['Practitioner', id], Date.parse(licence.from)),
            powers: ['practise'],
            source_id: licence.id,
            valid_until: instant(Date.parse(licence.until) + 86_400_000),
          },
        ]
      : [],
  )
  const mandated = mandates.flatMap(({ id, patient, caregiver, powers, from, until, revokedAt }) =>
    caregiver.account
      ? [
          {
            ...grant('mandate', caregiver.account, ['Patient', patient.id], from),
            powers,
            source_id: id,
            valid_until: instant(until),
            revoked_at: revokedAt === null ? null : instant(revokedAt),
          },
        ]
      : [],
  )
  return [
    ...practitioners.flatMap(self('Practitioner')),
    ...patients.flatMap(self('Patient')),
    ...caregivers.flatMap(self('Caregiver')),
    ...licensed,
    ...mandated,
  ]
}
