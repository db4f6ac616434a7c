import { Undelivered } from '../sending/provider.ts'
import { ask, isSame, membersOf, textOf } from './ask.ts'
import type { CallingCarrier } from './text-message.ts'

// https://developers.africastalking.com/docs/sms: a form in, JSON out. Its callbacks carry no signature, so ours are at an address with a key in it, as
// those of other health services that use it are.

const NAME = 'africastalking'

/** Taken, sent, queued. */
const TAKEN = new Set([100, 101, 102])
/** No number, not one that can be reached, on their list of who wants none, do not disturb. */
const NEVER = new Set([403, 404, 406, 409])
/** They were asked, and have trouble of their own with this one. */
const LATER = new Set([407, 500, 501, 502])

const outcomes: Readonly<Record<string, 'delivered' | 'failed'>> = {
  Success: 'delivered',
  Rejected: 'failed',
  Failed: 'failed',
  AbsentSubscriber: 'failed',
}

/** `africastalking://user:key@api.africastalking.com?from=<sender>&callback=<key of our callbacks>` */
export function africasTalking({ username, password, host, protocol, searchParams }: URL): CallingCarrier {
  const address = `${protocol === 'africastalking+http:' ? 'http' : 'https'}://${host}/version1/messaging`
  const [from, key] = [searchParams.get('from'), searchParams.get('callback')]
  return {
    name: NAME,
    channels: ['sms'],
    async send({ to, text }) {
      const form = { username: decodeURIComponent(username), to, message: text, ...(from && { from }) }
      const answer = await ask(NAME, address, {
        headers: {
          apiKey: decodeURIComponent(password),
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
      })
      return referenceIn(answer)
    },
    isFrom: (callback) => key !== null && key !== '' && isSame(key, callback.key ?? ''),
    report({ body }) {
      const { id, status, failureReason } = membersOf(body)
      const [reference, outcome, code] = [textOf(id), outcomes[String(status)], textOf(failureReason, 40)]
      if (reference === undefined || outcome === undefined) return undefined
      return { reference, status: outcome, ...(code !== undefined && /^\w+$/.test(code) && { code }) }
    },
    inbound({ body }) {
      const { id, from, text, date } = membersOf(body)
      const [reference, number, words] = [textOf(id), textOf(from, 40), textOf(text, 2_000)]
      if (reference === undefined || number === undefined || words === undefined) return undefined
      const time = timeOf(textOf(date, 40))
      return { reference, from: number, text: words, ...(time && { at: time }) }
    },
  }
}

/** `2031-03-03 09:00:00`, in UTC. */
function timeOf(date: string | undefined): Date | undefined {
  const time = new Date(`${date?.replace(' ', 'T').replace(/Z?$/, '')}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}

interface Answer {
  SMSMessageData?: { Recipients?: { statusCode?: number; messageId?: string }[] }
}

function referenceIn(text: string): string | undefined {
  let answer: Answer
  try {
    answer = JSON.parse(text) as Answer
  } catch {
    throw new Undelivered(`${NAME} unreadable`)
  }
  const { statusCode = 0, messageId } = answer.SMSMessageData?.Recipients?.[0] ?? {}
  if (TAKEN.has(statusCode)) return textOf(messageId)
  // 401, 402, 405: they would not have us, or the money is gone. Another provider may take it.
  throw new Undelivered(`${NAME} ${statusCode}`, {
    final: NEVER.has(statusCode),
    answered: NEVER.has(statusCode) || LATER.has(statusCode),
  })
}
