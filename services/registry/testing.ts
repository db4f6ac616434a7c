import assert from 'node:assert/strict'
import { after } from 'node:test'
import { unzipSync } from 'fflate'
import type { Role } from '#platform/auth.ts'
import type { AnyService } from '#platform/service.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { identity } from '../identity/service.ts'
import { notifications } from '../notifications/service.ts'
import { scheduling } from '../scheduling/service.ts'
import { registry } from './service.ts'

// For the tests of this room: a house with people in it, made through the API where there is an operation for it.

export const nowhere = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'
export const aPractitioner = {
  name: 'Dr Amina Okello',
  gender: 'female',
  languages: ['en', 'sw'],
  specialities: ['cardiology'],
}
export const aPatient = {
  name: 'Saba Tesfaye',
  birthDate: '1987-06-05',
  gender: 'female',
  language: 'am',
  zone: 'Africa/Addis_Ababa',
}
export const aLicence = {
  number: 'MDC-004217',
  issuer: 'Medical and Dental Council',
  country: 'GH',
  validFrom: '2030-01-01',
  validUntil: '2032-12-31',
}
export const version = (of: number) => ({ 'if-match': `"${of}"` })

export const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export async function openRegistry(
  env: Record<string, string> = {},
  services: readonly AnyService[] = [identity, registry, scheduling, notifications],
) {
  const house = await openTestHouse(services, { env })
  after(() => house[Symbol.asyncDispose]())
  const made = async (path: string, body: object, client?: Client) => {
    const who = client ?? (await house.signedIn())
    const { status, body: answer } = await who.post(path, body)
    assert.equal(status, 201, JSON.stringify(answer))
    return { ...who, id: answer.id as string, answer }
  }
  return {
    house,
    administrator: (more: { roles?: Role[] } = {}) => house.signedIn({ roles: ['administrator'], ...more }),
    patient: (change: object = {}, client?: Client) => made('/v1/patients', { ...aPatient, ...change }, client),
    caregiver: (change: object = {}, client?: Client) =>
      made('/v1/caregivers', { name: 'Hana Bekele', language: 'am', ...change }, client),
    practitioner: (change: object = {}, client?: Client) =>
      made('/v1/practitioners', { ...aPractitioner, ...change }, client),
    /** A mandate in force; its id. */
    given: async (by: Client, mandate: object, caregiver: Client): Promise<string> => {
      const { status, body } = await by.post('/v1/mandates', mandate)
      assert.equal(status, 201, JSON.stringify(body))
      assert.equal((await caregiver.post(`/v1/mandates/${body.id}/accept`)).status, 200)
      return body.id
    },
    /** The files in a copy of everything. */
    copyOf: async (who: Client, of: { patient?: string } = {}): Promise<Record<string, Buffer>> => {
      const { status, body } = await who.post('/v1/exports', of)
      assert.equal(status, 201, JSON.stringify(body))
      await house.work()
      const headers = { authorization: `Bearer ${who.token}` }
      const { rawPayload } = await house.app.inject({ url: `/v1/exports/${body.id}/file`, headers })
      return Object.fromEntries(
        Object.entries(unzipSync(new Uint8Array(rawPayload))).map(([name, bytes]) => [name, Buffer.from(bytes)]),
      )
    },
    /** Rows as they are. */
    rows: async (text: string, values: unknown[] = []) => (await house.owner.query(text, values)).rows,
    /** Holds a row, starts what wants it, and lets go once all of them stand in line. */
    together: async <T>(lock: string, id: string, starts: (() => Promise<T>)[]) => {
      const waiting = `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and application_name in ('openhcs registry', 'openhcs records')`
      await house.owner.query('begin')
      await house.owner.query(lock, [id])
      let answered = 0
      const answers = starts.map((start) => start().finally(() => answered++))
      for (let n = 0; n + answered < starts.length; n = (await house.owner.query(waiting)).rows[0].n)
        await house.owner.query('select pg_stat_clear_snapshot()')
      await house.owner.query('rollback')
      return Promise.all(answers)
    },
    /** Payloads of an event that waits to be delivered: one for each room that subscribes to it. */
    waiting: async (event: string) =>
      (
        await house.owner.query(
          "select payload->'payload' as payload from graphile_worker._private_jobs where payload->>'event' = $1 order by id",
          [event],
        )
      ).rows.map(({ payload }) => payload),
  }
}

export type Registry = Awaited<ReturnType<typeof openRegistry>>

/** Somebody who may practise, by a grant as verify-licence.ts makes it. */
export async function licensed({ house, practitioner }: Registry) {
  const doctor = await practitioner()
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'licence', 'Practitioner', $2, '{practise}', '2030-01-01')`,
    [doctor.account, doctor.id],
  )
  return doctor
}

/** As a booked visit makes it. */
export const treats = ({ house }: Registry, doctor: { account: string }, patient: { id: string }) =>
  house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', '2031-01-01')`,
    [doctor.account, patient.id],
  )
