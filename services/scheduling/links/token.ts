import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Config } from '#platform/config.ts'
import { keysFor } from '#platform/purpose-keys.ts'

/** What a link can do. The order is part of every link that is out there. */
export const actions = ['confirm', 'cancel', 'move', 'accept', 'decline', 'choose'] as const
export type Action = (typeof actions)[number]
/** What is done by a button; `choose` leads to those that there are. */
export type Deed = Exclude<Action, 'choose'>

/** Whom a link lets do what, once: the appointment (or the offer, which has the same id) as it was when the message was written. */
export interface Link {
  action: Action
  appointment: string
  /** Of the appointment: it rises with a move and a cancellation, and every earlier link is void. */
  sequence: number
  /** Who got the message; may they not any more, the link does nothing. */
  account: string
}

const PURPOSE = 'appointment links'
const MAC_BYTES = 16
const PLAIN_BYTES = 1 + 16 + 4 + 16
const FORM = /^[A-Za-z0-9_-]{71}$/

/** Nothing is kept of a link: it says what it is for, under a key that the database does not hold. 128 bits of the code are more than anybody can try. */
export function linkToken(config: Config, link: Link): string {
  const plain = pack(link)
  return Buffer.concat([plain, macOf(keysFor(config, PURPOSE)[0], plain)]).toString('base64url')
}

export function readToken(config: Config, token: string): Link | undefined {
  if (!FORM.test(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.toString('base64url') !== token) return undefined // the last letter has bits to spare
  const [plain, mac] = [bytes.subarray(0, PLAIN_BYTES), bytes.subarray(PLAIN_BYTES)]
  const made = keysFor(config, PURPOSE).map((key) => macOf(key, plain))
  return mac.length === MAC_BYTES && made.some((one) => timingSafeEqual(one, mac)) ? unpack(plain) : undefined
}

const macOf = (key: Buffer, plain: Buffer) => createHmac('sha256', key).update(plain).digest().subarray(0, MAC_BYTES)

function pack({ action, appointment, sequence, account }: Link): Buffer {
  const plain = Buffer.alloc(PLAIN_BYTES)
  plain.writeUInt8(actions.indexOf(action), 0)
  plain.write(appointment.replaceAll('-', ''), 1, 'hex')
  plain.writeUInt32BE(sequence, 17)
  plain.write(account.replaceAll('-', ''), 21, 'hex')
  return plain
}

function unpack(plain: Buffer): Link | undefined {
  const action = actions[plain.readUInt8(0)]
  const [appointment, account] = [uuid(plain.subarray(1, 17)), uuid(plain.subarray(21))]
  return action && { action, appointment, sequence: plain.readUInt32BE(17), account }
}

const uuid = (bytes: Buffer) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
