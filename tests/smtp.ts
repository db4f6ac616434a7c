import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'

/** What the server does with the next mails. `refuse`: 451, come again. `reject`: 550, never. `hang`: no answer. `drop`: it keeps the mail, and the line breaks before it says so. */
export type Mood = 'accept' | 'refuse' | 'reject' | 'hang' | 'drop'

export interface TestSmtp extends AsyncDisposable {
  readonly url: string
  /** Mails kept, in order. */
  readonly mails: ParsedMail[]
  /** Envelopes seen, also of mails that were not taken. */
  readonly attempts: { from: string; to: string[] }[]
  mood: Mood
  /** Those to one address. */
  to(address: string): ParsedMail[]
  /** Waits until `count` mails have come; fails after ten seconds. */
  received(count: number): Promise<void>
  close(): Promise<void>
}

const PATIENCE_MS = 60_000

type Done = (error?: (Error & { responseCode?: number }) | null) => void

/** A real SMTP server on a free port of this machine. */
export async function openSmtp(): Promise<TestSmtp> {
  const mails: ParsedMail[] = []
  const attempts: { from: string; to: string[] }[] = []
  const arrivals = new EventTarget()
  const sockets = new Set<Socket>()
  const breakLines = () => {
    for (const socket of sockets) socket.destroy()
  }
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onData: (stream, session, done) => {
      receive(stream, session, done).catch(done)
    },
  })
  server.on('error', () => {}) // clients that go away are part of the tests
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function receive(stream: SMTPServerDataStream, session: SMTPServerSession, done: Done): Promise<void> {
    const mail = await simpleParser(stream)
    attempts.push(envelopeOf(session))
    const { mood } = smtp
    if (mood === 'refuse') return done(replyWith(451, 'Try again later'))
    if (mood === 'reject') return done(replyWith(550, 'No such mailbox'))
    if (mood === 'hang') return
    mails.push(mail)
    arrivals.dispatchEvent(new Event('mail'))
    if (mood === 'drop') return breakLines()
    done()
  }

  const smtp: TestSmtp = {
    url: '',
    mails,
    attempts,
    mood: 'accept',
    to: (address) => mails.filter((mail) => addressesOf(mail).includes(address)),
    async received(count) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      while (mails.length < count) await once(arrivals, 'mail', { signal })
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      breakLines()
      await closed
    },
    [Symbol.asyncDispose]: () => smtp.close(),
  }
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return Object.assign(smtp, { url: `smtp://127.0.0.1:${port}` })
}

const envelopeOf = ({ envelope }: SMTPServerSession) => ({
  from: envelope.mailFrom ? envelope.mailFrom.address : '',
  to: envelope.rcptTo.map(({ address }) => address),
})

const replyWith = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

function addressesOf({ to }: ParsedMail): (string | undefined)[] {
  return [to ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address))
}
