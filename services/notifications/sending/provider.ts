import type { Turns } from './turns.ts'

/** Somebody who carries messages of one channel. */
export interface Provider<M> {
  /** As attempts and metrics call it; no address and no secret. */
  readonly name: string
  /** Of those who may hand it something at a time. */
  readonly turns?: Turns
  /** Hands a message over, and answers what they call it. Throws Undelivered. */
  send(message: M): Promise<string | undefined>
}

/** The message was not taken. `code` names the fault without personal data. */
export class Undelivered extends Error {
  override name = 'Undelivered'
  readonly code: string
  /** Refused for good: asking again, or somebody else, would only annoy. */
  readonly final: boolean
  /** Whether they answered for this message: otherwise they could not be reached, or would not have us. */
  readonly answered: boolean
  /** Before that they do not want to be asked again. */
  readonly notBefore: Date | undefined
  constructor(
    code: string,
    {
      final = false,
      answered = final,
      notBefore,
    }: { final?: boolean; answered?: boolean; notBefore?: Date | undefined } = {},
  ) {
    super(`The message was not delivered: ${code}`) // no cause: a provider's words repeat the address
    this.code = code
    this.final = final
    this.answered = answered
    this.notBefore = notBefore
  }
}
