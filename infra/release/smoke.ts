import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Release } from './platform.ts'

/** Somebody who may book for themselves, kept for this purpose. */
export interface SmokeAccount {
  userName: string
  password: string
}

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: looks into answers whose shape it asserts
  body: any
}

type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/**
 * What must work before anybody is sent there: the version that was meant, the database, a sign-in, a booking that is read back, the refusal of
 * the same time to a second one, and the refusal of whoever is not signed in. Leaves a cancelled appointment and nothing else. Without an account, in an
 * installation that is still empty: the version, the database and the refusal.
 */
export async function smoke(origin: string, release: Release, account: SmokeAccount | undefined): Promise<string> {
  const anonymous = askAt(origin)
  const ready = await anonymous('GET', '/readyz')
  assert.equal(ready.status, 200, `not ready: ${JSON.stringify(ready.body)}`)
  const { body } = await anonymous('GET', '/openapi.json')
  assert.equal(body?.info?.version, release.version, 'another version answers')
  const refused = await anonymous('GET', '/v1/account')
  assert.equal(refused.status, 401, `whoever is not signed in gets ${refused.status}`)
  if (!account) return `version ${release.version}, database, a refusal`
  const session = await anonymous('POST', '/v1/sessions', account)
  assert.equal(session.status, 201, `the sign-in answers ${session.status}`)
  const ask = askAt(origin, session.body.token)
  try {
    const start = await bookAndCancel(ask)
    return `version ${release.version}, database, sign-in, a booking at ${start}, a refusal`
  } finally {
    await ask('DELETE', '/v1/sessions/current')
  }
}

async function bookAndCancel(ask: Ask): Promise<string> {
  const me = (await ask('GET', '/v1/account')).body
  const patient = me?.self?.patient
  assert.ok(patient, 'the account is no patient')
  const { practitioner, start } = await freeSlot(ask)
  const wish = { practitioner, patient, start, reason: 'Check of a release' }
  const booked = await ask('POST', '/v1/appointments', wish, { 'idempotency-key': randomUUID() })
  assert.equal(booked.status, 201, `the booking answers ${booked.status}: ${JSON.stringify(booked.body)}`)
  const path = `/v1/appointments/${booked.body.id}`
  try {
    const read = await ask('GET', path)
    assert.deepEqual(read.body, booked.body, 'what was booked is not what is read')
    const again = await ask('POST', '/v1/appointments', wish, { 'idempotency-key': randomUUID() })
    assert.equal(again.status, 409, `the same time is given a second time: ${again.status}`)
  } finally {
    const cancelled = await ask(
      'POST',
      `${path}/cancel`,
      { reason: 'maint' },
      { 'if-match': `"${booked.body.version}"`, 'idempotency-key': randomUUID() },
    )
    assert.equal(
      cancelled.status,
      200,
      `the cancellation answers ${cancelled.status}: ${JSON.stringify(cancelled.body)}`,
    )
  }
  return start
}

/** Of the last practitioner on the page, well ahead: in nobody's way. */
async function freeSlot(ask: Ask): Promise<{ practitioner: string; start: string }> {
  const from = new Date(Date.now() + 7 * 86_400_000).toISOString()
  const found = await ask('GET', `/v1/practitioners/find?limit=20&from=${from}`)
  assert.equal(found.status, 200, `finding practitioners answers ${found.status}`)
  const someone = found.body.items.at(-1)
  assert.ok(someone, 'no practitioner has a free slot after a week from now')
  return { practitioner: someone.id, start: someone.next.start }
}

/** With a time limit, so that a release that does not answer fails its smoke and not its step. */
export const askAt =
  (origin: string, token?: string): Ask =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: AbortSignal.timeout(10_000),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, body: isJson && text ? JSON.parse(text) : text }
  }
