import { DEMO_PASSWORD_HASH } from './country.ts'
import type { Country } from './generate.ts'
import { instant } from './instant.ts'
import type { Account } from './people.ts'
import type { Batch, Row } from './queries.ts'
import { grantRows, treatmentRows } from './rows-grants.ts'
import { notificationRows } from './rows-notifications.ts'
import { registryRows } from './rows-registry.ts'
import { schedulingRows } from './rows-scheduling.ts'
import { visitRows } from './rows-visits.ts'

/** The country as rows, in an order in which they can be inserted; made as they are asked for. */
export function* rowsOf(country: Country, certificateKey: string): Generator<Batch> {
  yield ['identity.account', country.accounts.map(accountRow)]
  yield ['platform.role_grant', country.administrators.map(administratorRow)]
  yield* registryRows(country, certificateKey)
  yield ['platform.access_grant', grantRows(country)]
  yield ['platform.access_grant', treatmentRows(country)]
  yield* schedulingRows(country)
  yield* visitRows(country)
  yield* notificationRows(country)
}

const accountRow = ({ id, userName, phone, email, name, language, createdAt }: Account): Row => ({
  id,
  user_name: userName,
  user_name_key: userName,
  phone,
  email,
  name,
  language,
  password_hash: DEMO_PASSWORD_HASH,
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
