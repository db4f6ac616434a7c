import { powers } from '#platform/access.ts'
import type { Country } from './generate.ts'
import { instant } from './instant.ts'
import type { Mandate } from './mandates.ts'
import { type Account, DAY, type Person } from './people.ts'
import type { Practitioner } from './practitioners.ts'
import type { Row } from './queries.ts'
import { type Random, randomFrom } from './random.ts'

/** Who may do what with whose data, as registry writes it. */
export function grantRows({ practitioners, patients, caregivers, mandates }: Country): Row[] {
  const random = randomFrom('grants')
  return [
    ...practitioners.flatMap((one) => self(random, 'Practitioner', one)),
    ...patients.flatMap((one) => self(random, 'Patient', one)),
    ...caregivers.flatMap((one) => self(random, 'Caregiver', one)),
    ...practitioners.flatMap((one) => licensed(random, one)),
    ...mandates.flatMap((one) => mandated(random, one)),
  ]
}

/** A row without its id. */
function grant(account: Account, relationship: string, [type, subject]: [string, string], from: number): Row {
  return {
    account_id: account.id,
    relationship,
    subject_type: type,
    subject_id: subject,
    powers: [],
    source_id: null,
    valid_from: instant(from),
    valid_until: null,
    revoked_at: null,
  }
}

function self(random: Random, type: string, { id, account, createdAt }: Person): Row[] {
  if (!account) return []
  const may = type === 'Patient' ? powers : []
  return [{ id: random.id(createdAt), ...grant(account, 'self', [type, id], createdAt), powers: may }]
}

function licensed(random: Random, { id, account, licence }: Practitioner): Row[] {
  if (!account || licence.status === 'pending') return []
  const from = Date.parse(licence.from)
  const valid_until = instant(Date.parse(licence.until) + DAY)
  const granted = grant(account, 'licence', ['Practitioner', id], from)
  return [{ id: random.id(licence.submittedAt), ...granted, powers: ['practise'], source_id: licence.id, valid_until }]
}

function mandated(random: Random, { id, patient, caregiver, powers, from, until, revokedAt }: Mandate): Row[] {
  if (!caregiver.account) return []
  const granted = grant(caregiver.account, 'mandate', ['Patient', patient.id], from)
  const revoked_at = revokedAt === null ? null : instant(revokedAt)
  return [{ id: random.id(from), ...granted, powers, source_id: id, valid_until: instant(until), revoked_at }]
}

/** For how long after a visit its practitioner may look things up; registry says so. */
const AFTERWARDS = 30 * DAY

/** One for each visit that is not cancelled, under the visit's own id, as registry makes them of its events. */
export const treatmentRows = ({ visits }: Country): Row[] =>
  visits.flatMap(({ id, schedule, patient, status, end, createdAt }) => {
    const { account } = schedule.practitioner
    if (!account || status === 'cancelled') return []
    const granted = grant(account, 'treatment', ['Patient', patient.id], createdAt)
    return [{ id, ...granted, powers: ['see-record'], source_id: id, valid_until: instant(end + AFTERWARDS) }]
  })
