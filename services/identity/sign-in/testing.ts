import { after } from 'node:test'
import type { AnyService } from '#platform/service.ts'
import { type Answer, type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { registry } from '../../registry/service.ts'
import { identity } from '../service.ts'

export const password = 'salt-harbour-lantern'
export const from = (address: string) => ({ 'x-forwarded-for': address })

export interface Street {
  house: TestHouse
  /** From an address that nobody else has, unless one is given. */
  post(url: string, body: object, headers?: Record<string, string>): Promise<Answer>
  signIn(body: object, headers?: Record<string, string>): Promise<Answer>
  /** A new account, signed in. */
  newcomer(
    userName: string,
    more?: { password?: string; [fact: string]: string | undefined },
  ): Promise<Client & { id: string; session: string }>
  rows(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** Moves the clock on from where it began. */
  later(seconds: number): void
}

const BEGINNING = Date.parse('2031-03-01T08:00:00Z')

/** A house for tests of signing in; closed after them. */
export async function openStreet(env: Record<string, string> = {}, more: readonly AnyService[] = []): Promise<Street> {
  const house = await openTestHouse([identity, registry, ...more], { env: { TRUST_PROXY: '127.0.0.1', ...env } })
  after(() => house[Symbol.asyncDispose]())
  let address = 0
  const somewhere = () => from(`203.0.${Math.floor(++address / 250)}.${(address % 250) + 1}`)
  const post: Street['post'] = (url, body, headers = somewhere()) => house.anonymous.post(url, body, headers)
  const signIn: Street['signIn'] = (body, headers) => post('/v1/sessions', { password, ...body }, headers)
  return {
    house,
    post,
    signIn,
    async newcomer(userName, details = {}) {
      const { id } = (await post('/v1/accounts', { userName, password, name: userName, ...details })).body
      const { body } = await signIn({ userName, password: details.password ?? password })
      return { ...house.withToken(body.token), account: id, id, session: body.id }
    },
    rows: async (sql, values) => (await house.owner.query(sql, values)).rows,
    later: (seconds) => house.setNow(new Date(BEGINNING + seconds * 1_000).toISOString()),
  }
}
