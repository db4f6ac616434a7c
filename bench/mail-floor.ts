import { createTransport } from 'nodemailer'
import { answerTo } from './messages.ts'

export interface FloorJob {
  url: string
  messages: number
  /** Of the body. */
  bytes: number
  connections: number
}

// The least that could send the same: the library alone, over as many connections, mails of the same length, and nothing looked up or written down.
answerTo(async ({ url, messages, bytes, connections }: FloorJob): Promise<{ seconds: number; cpu: number }> => {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
  })
  const text = 'A line of seventy characters, as a mail about an appointment has them.\n'.repeat(bytes / 71)
  const before = process.cpuUsage()
  const began = performance.now()
  let next = 0
  const work = async () => {
    for (let n = next++; n < messages; n = next++)
      await transport.sendMail({ from: 'a@clinic.example', to: `p${n}@people.example`, subject: 'A visit', text })
  }
  await Promise.all(Array.from({ length: connections }, work))
  const { user, system } = process.cpuUsage(before)
  transport.close()
  return { seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1_000 / messages }
})
process.on('disconnect', () => process.exit())
