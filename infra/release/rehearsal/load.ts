import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SmokeAccount } from '../smoke.ts'

// The public of a rehearsal: people who book, look, cancel and look again, each as fast as they are answered. Whatever one of them wrote must be what
// they read next, whichever release answers.

export interface Failure {
  /** On the clock of `performance.now()`. */
  at: number
  what: string
}

export interface Tally {
  /** Requests answered as they should be, by what served them. */
  served: Record<string, number>
  /** 409 at a booking: somebody else was faster. That is an answer, not a failure. */
  taken: number
  failed: Failure[]
  stale: string[]
  lastAt: number
}

export interface Load {
  readonly tally: Tally
  /** Lets each finish the round it is in. */
  stop(): Promise<void>
}

interface Answer {
  status: number
  servedBy: string
  // biome-ignore lint/suspicious/noExplicitAny: looks into answers whose shape it checks
  body: any
}

/** Starts as many closed-loop clients as there are accounts. Ends by itself after `limitSeconds`. */
export async function startLoad(origin: string, accounts: SmokeAccount[], limitSeconds: number): Promise<Load> {
  const tally: Tally = { served: {}, taken: 0, failed: [], stale: [], lastAt: performance.now() }
  const end = performance.now() + limitSeconds * 1_000
  let stopped = false
  const going = () => !stopped && performance.now() < end
  const clients = await Promise.all(accounts.map((account) => Client.signIn(origin, account, tally)))
  const running = Promise.all(clients.map((client) => client.goOn(going)))
  return {
    tally,
    async stop() {
      stopped = true
      await running
    },
  }
}

class Client {
  readonly #origin: string
  readonly #tally: Tally
  readonly #token: string
  readonly #patient: string
  #page: { id: string }[] = []

  constructor(origin: string, tally: Tally, token: string, patient: string) {
    this.#origin = origin
    this.#tally = tally
    this.#token = token
    this.#patient = patient
  }

  static async signIn(origin: string, account: SmokeAccount, tally: Tally): Promise<Client> {
    const session = await fetch(`${origin}/v1/sessions`, {
      method: 'POST',
      body: JSON.stringify(account),
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(session.status, 201, `${account.userName} cannot sign in`)
    const { token } = (await session.json()) as { token: string }
    const me = await fetch(`${origin}/v1/account`, { headers: { authorization: `Bearer ${token}` } })
    const { self } = (await me.json()) as { self: { patient: string } }
    return new Client(origin, tally, token, self.patient)
  }

  async goOn(going: () => boolean): Promise<void> {
    while (going()) {
      const failure = await this.#round().then(
        () => undefined,
        (error: Error) => error,
      )
      if (!failure) continue
      this.#tally.failed.push({ at: performance.now(), what: failure.message })
      // The next round would tell the same, thousands of times.
      await sleep(20)
    }
  }

  async #round(): Promise<void> {
    if (this.#page.length === 0) this.#page = await this.#find()
    const practitioner = this.#page.pop()?.id
    const from = new Date(Date.now() + (7 + Math.random() * 14) * 86_400_000).toISOString()
    const { items } = (await this.#ask(200, 'GET', `/v1/practitioners/${practitioner}/slots?from=${from}&limit=50`))
      .body
    const slot = items[Math.floor(Math.random() * items.length)]
    if (!slot) return
    const wish = { practitioner, patient: this.#patient, start: slot.start, reason: 'Rehearsal' }
    const booked = await this.#ask([201, 409], 'POST', '/v1/appointments', wish)
    if (booked.status === 409) {
      this.#tally.taken++
      return
    }
    await this.#readBack(booked.body)
    const note = `Note ${randomUUID()}`
    const path = `/v1/appointments/${booked.body.id}`
    const match = { 'if-match': `"${booked.body.version}"` }
    const cancelled = await this.#ask(200, 'POST', `${path}/cancel`, { reason: 'pat-cpp', note }, match)
    if (cancelled.body.cancelNote !== note) this.#tally.stale.push(`${path}: the note is ${cancelled.body.cancelNote}`)
    await this.#readBack(cancelled.body)
  }

  /** Twice, since two releases may take turns. */
  async #readBack(written: { id: string }): Promise<void> {
    for (const _ of [1, 2]) {
      const { body, servedBy } = await this.#ask(200, 'GET', `/v1/appointments/${written.id}`)
      if (JSON.stringify(body) !== JSON.stringify(written))
        this.#tally.stale.push(`${servedBy} reads ${JSON.stringify(body)}, written was ${JSON.stringify(written)}`)
    }
  }

  async #find(): Promise<{ id: string }[]> {
    return (await this.#ask(200, 'GET', '/v1/practitioners/find?limit=50')).body.items
  }

  async #ask(
    expected: number | number[],
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.#origin}${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        ...headers,
      },
      signal: AbortSignal.timeout(15_000),
    }).catch((error: Error) => {
      throw new Error(`${method} ${path}: ${(error.cause as Error)?.message ?? error.message}`)
    })
    const servedBy = (response.headers.get('x-served-by') ?? 'nobody').replace(/\d+$/, '')
    const text = await response.text()
    if (![expected].flat().includes(response.status))
      throw new Error(`${method} ${path}: ${servedBy} answers ${response.status} ${text.slice(0, 200)}`)
    this.#tally.served[servedBy] = (this.#tally.served[servedBy] ?? 0) + 1
    this.#tally.lastAt = performance.now()
    return { status: response.status, servedBy, body: text ? JSON.parse(text) : undefined }
  }
}
