import { createTransport, type SendMailOptions } from 'nodemailer'

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
  /** Hands a mail to the server; throws Undelivered. */
  send(mail: Mail): Promise<void>
  close(): void
}

/** The server did not take the mail. `code` names the fault without personal data. */
export class Undelivered extends Error {
  override name = 'Undelivered'
  readonly code: string
  /** The server refuses this mail for good: asking again would only annoy it. */
  readonly final: boolean
  constructor(code: string, final: boolean) {
    super(`The mail was not delivered: ${code}`) // no cause: the server's words repeat the address
    this.code = code
    this.final = final
  }
}

/** How long a server is waited for, and left alone after it could not be reached, in milliseconds. */
export const patience = { connectMs: 5_000, answerMs: 10_000, wholeMs: 30_000, restMs: 15_000 }

/** One lost connection is no outage; two in a row are. */
const OUTAGE = 2

/**
 * Pooled SMTP. The job engine has few hands, and events need them as well: in an outage one mail tries the server every 15 s while the
 * others fail at once, so that a server that hangs holds one hand and not all.
 */
export function openPostOffice(url: string, host: string): PostOffice {
  const transport = createTransport({ ...settings(host), url, pool: true })
  let unreached = 0
  let restUntil = 0
  let last = 'unreachable'
  return {
    async send(mail) {
      if (unreached >= OUTAGE) {
        if (performance.now() < restUntil) throw new Undelivered(last, false)
        restUntil = performance.now() + patience.wholeMs // this one tries, and the others wait for what it finds
      }
      try {
        await transport.sendMail({ ...messageOf(mail), signal: AbortSignal.timeout(patience.wholeMs) })
        unreached = 0
      } catch (error) {
        const { undelivered, answered } = faultOf(error)
        unreached = answered ? 0 : unreached + 1
        restUntil = performance.now() + patience.restMs
        last = undelivered.code
        throw undelivered
      }
    },
    close: () => transport.close(),
  }
}

const settings = (host: string) => ({
  maxConnections: 2,
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

function faultOf(error: unknown): { undelivered: Undelivered; answered: boolean } {
  const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number }
  const answered = OF_THIS_MAIL.has(code)
  const word = /^\w{1,20}$/.test(code) ? code.toLowerCase() : 'unknown'
  const name = responseCode === undefined ? word : `${word} ${responseCode}`
  return { undelivered: new Undelivered(name, answered && responseCode !== undefined && responseCode >= 500), answered }
}

function messageOf({ invitation, ...mail }: Mail): SendMailOptions {
  return {
    ...mail,
    // RFC 3834: nobody's absence notice should answer this.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...(invitation && { icalEvent: { ...invitation, filename: 'appointment.ics' } }),
  }
}
