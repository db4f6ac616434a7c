import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { SmppSettings } from '#platform/text-providers.ts'
import { Undelivered } from '../../sending/provider.ts'
import { textOf } from '../ask.ts'
import type { TextMessage } from '../text-message.ts'
import { type Connection, NotBound, OK, openConnection, Unanswered } from './connection.ts'
import { type Delivered, deliveredIn, takenAs } from './delivered.ts'
import { Malformed, openFields, type Pdu } from './pdu.ts'
import { submissionsOf } from './submission.ts'
import { Crowded, turnstile } from './turnstile.ts'

/** Between attempts to come back, and between texts for somebody who wants fewer, in milliseconds; each time twice as long, up to the second. */
export const waits = { back: [1_000, 60_000], throttled: [1_000, 60_000] }
/** What held for so long was a good line: the next attempt does not wait for what went before. */
const GOOD_MS = 60_000

/** No such destination; no such length. */
const NEVER = new Set([0x0b, 0x01])
/** Too many, or too fast. */
const TOO_MUCH = new Set([0x14, 0x58])
/** Not this one, for whatever reason of theirs. */
const NOT_THIS = new Set([0x45])
/** Ours, to what is delivered: come again. */
const NOT_NOW = 0x64

const HEARD_AT_ONCE = 10
const HEARD_LATER = 500

export interface Line {
  send(message: TextMessage): Promise<string | undefined>
  close(): Promise<void>
}

interface LineOptions {
  /** As attempts call it. */
  name: string
  settings: SmppSettings
  log: FastifyBaseLogger
  /** Puts it on record; what fails is delivered again. */
  hear(delivered: Delivered): Promise<void>
}

/** Keeps us bound, whatever happens to the line, until it is closed. */
export function openLine(options: LineOptions): Line {
  const { name, settings } = options
  const stopped = new AbortController()
  const ear = earOf(options)
  let connection: Promise<Connection>
  const dial = () => {
    connection = openConnection(settings, ear.hear)
    connection.catch(() => {}) // seen below, and by whoever wants to send
    return connection
  }
  const kept = keep(dial(), dial, options, stopped.signal)
  const brake = openBrake()
  return {
    async send(message) {
      if (brake.holds()) throw new Undelivered(`${name} throttled`, { answered: true })
      let id: string | undefined
      for (const body of submissionsOf(settings, message)) {
        const answer = await submit(connection, body, name)
        if (TOO_MUCH.has(answer.status)) brake.pull()
        id = idIn(answer, name)
        brake.release()
      }
      return id === undefined ? undefined : textOf(takenAs(id, settings.ids))
    },
    async close() {
      stopped.abort()
      await connection.then((open) => open.close()).catch(() => {})
      await kept
      await ear.quiet()
    },
  }
}

/** Bound anew each time that the line ends. */
async function keep(
  first: Promise<Connection>,
  dial: () => Promise<Connection>,
  { name, log }: LineOptions,
  signal: AbortSignal,
): Promise<void> {
  const [shortest = 0, longest = 0] = waits.back
  let wait = shortest
  for (let attempt = first; !signal.aborted; attempt = dial()) {
    const began = performance.now()
    try {
      const { ended } = await attempt
      log.info({ provider: name }, 'bound by SMPP')
      await ended
      log.warn({ provider: name }, 'a line of SMPP has ended')
    } catch (error) {
      // No words of theirs: they may repeat what we said.
      const status = error instanceof NotBound ? error.status : undefined
      log.warn({ provider: name, ...(status !== undefined && { status }) }, 'could not be bound by SMPP')
    }
    if (performance.now() - began > GOOD_MS) wait = shortest
    await pause(wait * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {})
    wait = Math.min(wait * 2, longest)
    if (signal.aborted) return
  }
}

/** Where nobody can say whether it was taken, it counts as not taken, as with every provider: better twice than never. */
async function submit(connection: Promise<Connection>, body: Buffer, name: string): Promise<Pdu> {
  try {
    return await (await connection).submit(body)
  } catch (error) {
    throw new Undelivered(`${name} ${error instanceof Unanswered ? error.message : 'not-bound'}`)
  }
}

function idIn({ status, body }: Pdu, name: string): string | undefined {
  if (status !== OK)
    throw new Undelivered(`${name} ${status}`, {
      final: NEVER.has(status),
      answered: NEVER.has(status) || TOO_MUCH.has(status) || NOT_THIS.has(status),
    })
  try {
    return openFields(body).text(64)
  } catch (error) {
    if (error instanceof Malformed) return undefined // it was taken all the same
    throw error
  }
}

/** Who said that it was too much is asked for nothing for a while. */
function openBrake() {
  const [shortest = 0, longest = 0] = waits.throttled
  let [until, wait] = [0, shortest]
  return {
    holds: () => performance.now() < until,
    pull() {
      until = performance.now() + wait
      wait = Math.min(wait * 2, longest)
    },
    release() {
      wait = shortest
    },
  }
}

/** Answers what is delivered when it is on record; what comes faster than that is told to come again. */
function earOf({ name, settings, log, hear }: LineOptions) {
  const inTurn = turnstile(HEARD_AT_ONCE, HEARD_LATER)
  const hearing = new Set<Promise<number>>()
  const take = async ({ body }: Pdu): Promise<number> => {
    try {
      const delivered = deliveredIn(body, settings)
      if (delivered) await inTurn(() => hear(delivered))
    } catch (error) {
      if (error instanceof Malformed) return OK // it would be the same the next time
      if (!(error instanceof Crowded)) log.error({ provider: name, err: error }, 'what SMPP delivered is not on record')
      return NOT_NOW
    }
    return OK
  }
  return {
    hear(pdu: Pdu) {
      const heard = take(pdu)
      hearing.add(heard)
      void heard.finally(() => hearing.delete(heard))
      return heard
    },
    quiet: async () => {
      await Promise.all(hearing)
    },
  }
}
