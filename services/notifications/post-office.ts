import { createTransport } from 'nodemailer'
import { Problem } from '#platform/errors.ts'

export interface Mail {
  from: string
  to: { name: string; address: string }
  subject: string
  text: string
  messageId: string
  date: Date
  invitation?: { method: 'REQUEST' | 'CANCEL'; content: string }
}

export interface PostOffice {
  send(mail: Mail): Promise<void>
  close(): void
}

/** The server was asked and did not take the mail. `code` names the fault without personal data. */
export class Undelivered extends Error {
  override name = 'Undelivered'
  readonly code: string
  /** The server refuses this mail for good: asking again would only annoy it. */
  readonly final: boolean
  constructor(code: string, final: boolean, cause?: unknown) {
    super(`The mail was not delivered: ${code}`, { cause })
    this.code = code
    this.final = final
  }
}

const REST_MS = 15_000

/**
 * Pooled SMTP. The job engine has few hands, which events need as well: after a failure to reach the server one mail at a time tries it
 * again, at most every 15 s, and the others fail at once, so that a server that hangs never holds all hands.
 */
export function openPostOffice(url: string, host: string): PostOffice {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    name: host,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  let restUntil = 0
  return {
    async send(mail) {
      if (Date.now() < restUntil) throw new Undelivered('resting', false)
      if (restUntil > 0) restUntil = Date.now() + REST_MS // this one tries; the others wait for what it finds
      try {
        await transport.sendMail(messageOf(mail))
        restUntil = 0
      } catch (error) {
        const undelivered = undeliveredBy(error)
        restUntil = (error as { responseCode?: number }).responseCode === undefined ? Date.now() + REST_MS : 0
        throw undelivered
      }
    },
    close: () => transport.close(),
  }
}
