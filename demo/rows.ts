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
  yield ['identity.verified_contact', country.accounts.flatMap(contactRows)]
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

/** They have proved where they are written to, as people do who are glad to get a mail. */
const contactRows = ({ id, phone, email, createdAt }: Account): Row[] =>
  [
    { kind: 'phone', address: phone },
    { kind: 'email', address: email },
  ].flatMap(({ kind, address }) =>
    address === null ? [] : [{ kind, address, account_id: id, verified_at: instant(createdAt), signs_in: true }],
  )

const administratorRow = ({ id, createdAt }: Account): Row => ({
  account_id: id,
  role: 'administrator',
  granted_at: instant(createdAt),
})
