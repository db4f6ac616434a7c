import { createHmac } from 'node:crypto'
import { ask, isSame, membersOf, textOf } from './ask.ts'
import type { Callback, CallingCarrier } from './text-message.ts'

const SIGNATURE = 'x-openhcs-signature'

/**
 * Any provider behind a few lines of one's own: it gets each message as JSON with a bearer token, answers 2xx when it has taken it, and signs what it
 * tells us with the same token.
 */
export const gateway = (url: string, token: string | undefined): CallingCarrier => ({
  name: 'gateway',
  channels: ['sms', 'voice'],
  async send(message) {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    await ask('gateway', url, { headers, body: JSON.stringify(message) })
    return message.id
  },
  isFrom({ headers, body }) {
    if (!token) return false
    return isSame(`sha256=${createHmac('sha256', token).update(body).digest('hex')}`, String(headers[SIGNATURE] ?? ''))
  },
  report({ body }) {
    const { id, status, code } = membersOf(body)
    const [reference, word] = [textOf(id), textOf(code, 40)]
    if (reference === undefined || (status !== 'delivered' && status !== 'failed')) return undefined
    return { reference, status, ...(word !== undefined && { code: word }) }
  },
  inbound: ({ body }: Callback) => {
    const { id, from, text, at } = membersOf(body)
    const [reference, number, words] = [textOf(id), textOf(from, 40), textOf(text, 2_000)]
    if (reference === undefined || number === undefined || words === undefined) return undefined
    const time = new Date(textOf(at, 40) ?? '')
    return { reference, from: number, text: words, ...(!Number.isNaN(time.getTime()) && { at: time }) }
  },
})
