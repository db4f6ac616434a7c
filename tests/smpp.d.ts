/** The part of npm smpp that the tests use; it has no types of its own. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events'
  import type { Socket } from 'node:net'

  export interface Pdu {
    command: string
    command_status: number
    sequence_number: number
    system_id: string
    password: string
    system_type: string
    source_addr: string
    source_addr_ton: number
    destination_addr: string
    dest_addr_ton: number
    esm_class: number
    data_coding: number
    registered_delivery: number
    short_message: { message: string; udh?: Buffer[] }
    message_payload?: { message: string }
    response(fields?: Record<string, unknown>): Pdu
  }

  export class Session extends EventEmitter {
    constructor(options: { socket: Socket })
    readonly socket: Socket
    on(event: string, listener: (pdu: Pdu) => void): this
    send(pdu: Pdu): boolean
    deliver_sm(fields: Record<string, unknown>, answered: (pdu: Pdu) => void): boolean
    enquire_link(answered: (pdu: Pdu) => void): boolean
    unbind(answered: (pdu: Pdu) => void): boolean
    close(): void
    destroy(): void
  }

  const smpp: { Session: typeof Session }
  export default smpp
}
