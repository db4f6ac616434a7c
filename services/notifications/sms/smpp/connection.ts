import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { SmppSettings } from '#platform/text-providers.ts'
import { commands, fields, isResponse, Malformed, openCutter, type Pdu, responseTo, written } from './pdu.ts'
import { turnstile } from './turnstile.ts'

/** How long is waited, in milliseconds: for a line, for an answer, and before one asks whether the other side is still there. */
export const patience = { connectMs: 5_000, answerMs: 10_000, idleMs: 30_000, goodbyeMs: 2_000 }

export const OK = 0
const INVALID_COMMAND = 0x03
const VERSION = 0x34
const LAST_SEQUENCE = 0x7fff_ffff

/** No answer came, or there is nobody to ask. `asked`: it may have been heard all the same. */
export class Unanswered extends Error {
  override name = 'Unanswered'
  readonly asked: boolean
  constructor(asked: boolean) {
    super(asked ? 'no-answer' : 'not-bound')
    this.asked = asked
  }
}

/** They would not have us. */
export class NotBound extends Error {
  override name = 'NotBound'
  readonly status: number
  constructor(status: number) {
    super('not-bound')
    this.status = status
  }
}

export interface Connection {
  /** When it has ended, however it did. */
  readonly ended: Promise<void>
  /** Answers what came back, whatever its status. No more are on their way at once than the window is wide. Throws Unanswered. */
  submit(body: Buffer): Promise<Pdu>
  close(): Promise<void>
}

/** What to answer to something that was delivered to us: status and body. */
export type Hear = (delivered: Pdu) => Promise<number>

/** A line on which we are bound, to send and to hear. Throws NotBound, or why there is no line. */
export async function openConnection(settings: SmppSettings, hear: Hear): Promise<Connection> {
  const socket = await reach(settings)
  const talk = openTalk(socket, hear)
  try {
    const { status } = await talk.ask(commands.bindTransceiver, bindingOf(settings))
    if (status !== OK) throw new NotBound(status)
  } catch (error) {
    socket.destroy()
    throw error
  }
  const inWindow = turnstile(settings.window)
  const stop = keepAlive(socket, talk)
  socket.once('close', stop)
  return {
    ended: talk.ended,
    submit(body) {
      const began = performance.now()
      return inWindow(() => {
        // Who has waited for their turn for half of that has nobody who answers before them.
        if (performance.now() - began > patience.answerMs / 2) throw new Unanswered(false)
        return talk.ask(commands.submitSm, body)
      })
    },
    async close() {
      stop()
      if (!socket.destroyed) await talk.ask(commands.unbind, Buffer.alloc(0), patience.goodbyeMs).catch(() => {})
      socket.destroy()
      await talk.ended
    },
  }
}

const bindingOf = ({ systemId, password, systemType }: SmppSettings) =>
  fields(systemId, password, systemType, VERSION, 0, 0, '')

async function reach({ host, port, tls }: SmppSettings): Promise<Socket> {
  const socket = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port })
  socket.setNoDelay(true)
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(patience.connectMs) })
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    throw error
  }
}

interface Talk {
  readonly ended: Promise<void>
  readonly lastHeard: () => number
  ask(command: number, body: Buffer, waitMs?: number): Promise<Pdu>
}

interface Pending {
  command: number
  timer: NodeJS.Timeout
  resolve(answer: Pdu): void
  reject(error: Unanswered): void
}

/** Questions and answers by their numbers, in whatever order they come; what answers no question of ours is nothing. */
function openTalk(socket: Socket, hear: Hear): Talk {
  const pending = new Map<number, Pending>()
  let [sequence, heard] = [0, performance.now()]
  const cut = openCutter()
  const say = (pdu: Pdu) => {
    if (socket.writable) socket.write(written(pdu))
  }
  const settle = (answer: Pdu) => {
    const asked = pending.get(answer.sequence)
    if (!asked || ![responseTo(asked.command), commands.genericNack].includes(answer.command)) return
    pending.delete(answer.sequence)
    clearTimeout(asked.timer)
    asked.resolve(answer)
  }
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { timer, reject } of pending.values()) {
        clearTimeout(timer)
        reject(new Unanswered(true))
      }
      pending.clear()
      resolve()
    })
  })
  socket.on('error', () => {}) // 'close' follows, and says enough
  socket.on('end', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    heard = performance.now()
    try {
      for (const pdu of cut(chunk))
        if (isResponse(pdu.command)) settle(pdu)
        else answer(pdu, { socket, hear, say })
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      socket.destroy()
    }
  })
  return {
    ended,
    lastHeard: () => heard,
    ask(command, body, waitMs = patience.answerMs) {
      if (!socket.writable) return Promise.reject(new Unanswered(false))
      do sequence = sequence >= LAST_SEQUENCE ? 1 : sequence + 1
      while (pending.has(sequence))
      const number = sequence
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          pending.delete(number)
          reject(new Unanswered(true))
        }, waitMs)
        pending.set(number, { command, timer, resolve, reject })
        say({ command, status: OK, sequence: number, body })
      })
    },
  }
}

interface Ear {
  socket: Socket
  hear: Hear
  say(pdu: Pdu): void
}

/** What the other side asks of us. */
function answer(pdu: Pdu, { socket, hear, say }: Ear): void {
  const { command, sequence } = pdu
  const reply = (status: number, body: Buffer = Buffer.alloc(0)) =>
    say({ command: responseTo(command), status, sequence, body })
  if (command === commands.enquireLink) reply(OK)
  else if (command === commands.deliverSm) void hear(pdu).then((status) => reply(status, fields('')))
  else if (command === commands.unbind) {
    reply(OK)
    socket.end()
  } else if (command !== commands.alertNotification)
    say({ command: commands.genericNack, status: INVALID_COMMAND, sequence, body: Buffer.alloc(0) })
}

/** Asks whether the other side is still there when nothing has been heard for a while, and gives the line up where no answer comes. */
function keepAlive(socket: Socket, { ask, lastHeard }: Talk): () => void {
  let asking = false
  const look = async () => {
    if (asking || performance.now() - lastHeard() < patience.idleMs) return
    asking = true
    await ask(commands.enquireLink, Buffer.alloc(0)).catch(() => socket.destroy())
    asking = false
  }
  const timer = setInterval(look, Math.ceil(patience.idleMs / 2))
  return () => clearInterval(timer)
}
