import type { Config } from '#platform/config.ts'
import { Undelivered } from './sending/provider.ts'

export interface PhoneMessage {
  channel: 'sms' | 'voice'
  /** E.164 */
  to: string
  text: string
}

/** How long the gateway is waited for, in milliseconds. */
const PATIENCE_MS = 10_000

/** Hands a text message or a call to whoever can send it. Throws Undelivered; undefined where no gateway is configured. */
export function gatewayOf({ SMS_GATEWAY_URL, smsGatewayToken }: Config) {
  if (!SMS_GATEWAY_URL) return undefined
  return async (message: PhoneMessage): Promise<void> => {
    const answer = await fetch(SMS_GATEWAY_URL, {
      method: 'POST',
      redirect: 'error', // a token is given to the address that was configured, and to no other
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        'content-type': 'application/json',
        ...(smsGatewayToken && { authorization: `Bearer ${smsGatewayToken.reveal()}` }),
      },
      body: JSON.stringify(message),
    }).catch(() => {
      throw new Undelivered('gateway unreachable') // no cause: its words may repeat the number
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Undelivered(`gateway ${answer.status}`, { final: answer.status < 500 })
  }
}
