import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Invitation } from '../invitation.ts'
import { type Provider, Undelivered } from './provider.ts'
import { Turns } from './turns.ts'

export interface Mail {
  from: string
  to: { name: string; address: string }
  subject: string
  text: string
  html: string
  messageId: string
  date: Date
  invitation?: Invitation
}

export interface PostOffice extends Provider<Mail> {
  close(): void
}

/** How long a server is waited for, in milliseconds. */
export const patience = { connectMs: 5_000, answerMs: 10_000, wholeMs: 30_000 }

/** Pooled SMTP. */
export function openPostOffice(name: string, url: string, host: string): PostOffice {
  const transport = createTransport({ ...settings(host), url, pool: true })
  return {
    name,
    turns: new Turns(2 * CONNECTIONS), // one waits behind each that is sent: patience counts for both
    async send(mail) {
      try {
        await transport.sendMail({ ...messageOf(mail), signal: AbortSignal.timeout(patience.wholeMs) })
      } catch (error) {
        throw faultOf(error)
      }
      return mail.messageId
    },
    close: () => transport.close(),
  }
}

/** As many as a mailbox of Exchange Online may have. */
const CONNECTIONS = 3

const settings = (host: string) => ({
  maxConnections: CONNECTIONS,
  maxRequeues: 1, // a pooled connection may have been closed by the server while it was idle
  name: host,
  connectionTimeout: patience.connectMs,
  greetingTimeout: patience.connectMs,
  socketTimeout: patience.answerMs,
  disableFileAccess: true,
  disableUrlAccess: true,
})

/** Refusals of this mail (RFC 5321 §4.2.1: 5yz is final), as opposed to faults of the server or its settings. */
const OF_THIS_MAIL = new Set(['EENVELOPE', 'EMESSAGE'])

function faultOf(error: unknown): Undelivered {
  const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number }
  const answered = OF_THIS_MAIL.has(code)
  const word = /^\w{1,20}$/.test(code) ? code.toLowerCase() : 'unknown'
  const name = responseCode === undefined ? word : `${word} ${responseCode}`
  return new Undelivered(name, { answered, final: answered && responseCode !== undefined && responseCode >= 500 })
}

function messageOf({ invitation, ...mail }: Mail): SendMailOptions {
  return {
    ...mail,
    // RFC 3834: nobody's absence notice should answer this.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...(invitation && { icalEvent: { ...invitation, filename: 'appointment.ics' } }),
  }
}
