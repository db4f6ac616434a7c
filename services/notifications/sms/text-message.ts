import type { Provider } from '../sending/provider.ts'

export interface TextMessage {
  /** The same at each try, so that a provider who had it already can tell. */
  id: string
  channel: 'sms' | 'voice'
  /** E.164 */
  to: string
  text: string
}

/** Something that a provider tells us, once it has proved that it is the one. */
export type Report = { reference: string; status: 'delivered' | 'failed'; code?: string }
export type Inbound = { reference: string; from: string; text: string; at?: Date }

/** What came with a callback. */
export interface Callback {
  headers: Readonly<Record<string, string | string[] | undefined>>
  key: string | undefined
  body: Buffer
}

/** Somebody who carries texts. */
export interface Carrier extends Provider<TextMessage> {
  readonly channels: readonly TextMessage['channel'][]
}

/** And who calls us to tell what became of them, and what people answer. */
export interface CallingCarrier extends Carrier {
  /** Whether a callback comes from there. */
  isFrom(callback: Callback): boolean
  /** Undefined where it says nothing that matters here. */
  report(callback: Callback): Report | undefined
  inbound(callback: Callback): Inbound | undefined
}
