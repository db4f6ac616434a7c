import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import smpp, { type Pdu, type Session } from 'smpp'

/** What it does with the next texts. `hang`: no answer. `drop`: it keeps the text, and the line breaks before it says so. A number is its refusal. */
export type Mood = 'take' | 'hang' | 'drop' | number

export interface TestSmsc extends AsyncDisposable {
  /** For SMS_PROVIDERS. */
  readonly url: string
  /** What was submitted, in order. */
  readonly submitted: Pdu[]
  /** Who is bound, in the order in which they came. */
  readonly bound: Session[]
  /** Binds that were asked for. */
  readonly binds: Pdu[]
  mood: Mood
  /** Refuses the next binds with this. */
  refusal: number
  /** What the next texts are called, in order; else by their count. */
  readonly names: string[]
  /** Whether it answers enquire_link. */
  alive: boolean
  /** Waits until this holds, looking each time that something comes; fails after ten seconds. */
  until(holds: () => boolean): Promise<void>
  /** Delivers to the newest who is bound; answers with which status it was taken. */
  deliver(fields: Record<string, unknown>): Promise<number>
  close(): Promise<void>
}

const PATIENCE_MS = 60_000

/** Somebody else's SMSC (npm smpp), on a free port of this machine. */
export async function openSmsc({ tls, query = 'from=CLINIC' }: SmscOptions = {}): Promise<TestSmsc> {
  const events = new EventTarget()
  const happened = () => events.dispatchEvent(new Event('something'))
  const sockets = new Set<Socket>()
  const server: Server = tls ? createTlsServer(tls, accept) : createServer(accept)

  function accept(socket: Socket): void {
    sockets.add(socket)
    const session = new smpp.Session({ socket })
    session.on('error', () => socket.destroy())
    socket.once('close', () => {
      sockets.delete(socket)
      if (smsc.bound.includes(session)) smsc.bound.splice(smsc.bound.indexOf(session), 1)
      happened()
    })
    session.on('pdu', happened)
    session.on('bind_transceiver', (pdu) => {
      smsc.binds.push(pdu)
      if (smsc.refusal !== 0) return session.send(pdu.response({ command_status: smsc.refusal }))
      smsc.bound.push(session)
      session.send(pdu.response({ system_id: 'smsc' }))
    })
    session.on('enquire_link', (pdu) => smsc.alive && session.send(pdu.response()))
    session.on('unbind', (pdu) => {
      session.send(pdu.response())
      session.close()
    })
    session.on('submit_sm', (pdu) => submitted(session, pdu))
  }

  function submitted(session: Session, pdu: Pdu): void {
    smsc.submitted.push(pdu)
    const { mood } = smsc
    if (mood === 'hang') return
    if (mood === 'drop') {
      session.destroy()
      return
    }
    const message_id = smsc.names.shift() ?? String(smsc.submitted.length)
    session.send(pdu.response(mood === 'take' ? { message_id } : { command_status: mood }))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const smsc: TestSmsc = {
    url: `${tls ? 'smpps' : 'smpp'}://clinic:s%3Acret@${tls ? 'localhost' : '127.0.0.1'}:${port}?${query}`,
    ...{ submitted: [], bound: [], binds: [], names: [], mood: 'take', refusal: 0, alive: true },
    async until(holds) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      while (!holds()) await once(events, 'something', { signal })
    },
    async deliver(fields) {
      const session = smsc.bound.at(-1)
      if (!session) throw new Error('Nobody is bound')
      return new Promise((resolve) => session.deliver_sm(fields, ({ command_status }) => resolve(command_status)))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await smsc.close()
    },
  }
  return smsc
}

interface SmscOptions {
  tls?: { key: string; cert: string }
  /** Of `url`. */
  query?: string
}
