import { createHash } from 'node:crypto'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import { answerTo, type ServerState } from './messages.ts'
import { portOf, processState } from './process-state.ts'

/** What has come by now. */
export interface SinkState extends Pick<ServerState, 'port' | 'cpu' | 'rss'> {
  mails: number
  /** Different Message-IDs. */
  messages: number
  /** Of all Message-IDs, in order: to compare with those that were to come. */
  digest: string
  bytes: number
}

// A real SMTP server that takes everything, keeps nothing but the Message-IDs, and counts.
const ids = new Map<string, number>()
let [mails, bytes] = [0, 0]

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData: (stream, _session, done) => {
    take(stream).then(() => done(), done)
  },
})
server.on('error', () => {}) // clients that are killed

async function take(stream: SMTPServerDataStream): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const mail = Buffer.concat(chunks)
  const id = /^message-id: *<([^>@]+)@/im.exec(mail.toString('latin1'))?.[1] ?? ''
  ids.set(id, (ids.get(id) ?? 0) + 1)
  mails++
  bytes += mail.length
}

export const digestOf = (all: Iterable<string>): string =>
  createHash('sha256')
    .update([...all].sort().join())
    .digest('hex')

if (import.meta.main) {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  answerTo(
    async ({ digest }: { digest: boolean }): Promise<SinkState> => ({
      ...processState(portOf(server.server)),
      ...{ mails, messages: ids.size, bytes, digest: digest ? digestOf(ids.keys()) : '' },
    }),
  )
  process.on('disconnect', () => process.exit())
}
