import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import type { TestHouse } from '#platform/testing.ts'

export async function newPatient(house: TestHouse) {
  const who = await house.signedIn()
  const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
  const { body } = await who.post('/v1/patients', { name: 'Saba Tesfaye', ...facts })
  return { ...who, id: body.id as string }
}

/** A practitioner who treats all of these. */
export async function practitionerOf(house: TestHouse, ...patients: { id: string }[]) {
  const doctor = await house.signedIn({ roles: ['practitioner'] })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     select gen_random_uuid(), $1::uuid, 'treatment', 'Patient', id, '{see-record}'::text[], '2030-01-01Z'::timestamptz from unnest($2::uuid[]) id
     union all select gen_random_uuid(), $1::uuid, 'licence', 'Practitioner', $1::uuid, '{}', '2030-01-01Z'`,
    [doctor.account, patients.map(({ id }) => id)],
  )
  return doctor
}

/** A least resource about a patient. */
export const flagFor = (patient: string) => ({
  resourceType: 'Flag',
  status: 'active',
  code: { text: 'Fictional' },
  subject: { reference: `Patient/${patient}` },
})

/** Carries out what is asked of it, and keeps the plan of each. */
export function explaining({ owner }: TestHouse): { db: Kysely<unknown>; plans: string[] } {
  const plans: string[] = []
  const query = async (text: string, values: unknown[]) => {
    const { rows } = await owner.query(`explain (analyze, costs off, timing off) ${text}`, values)
    plans.push(rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n'))
    return owner.query(text, values)
  }
  const pool = { connect: async () => ({ query, release() {} }), end: async () => {} } as unknown as PostgresPool
  return { db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }), plans }
}
