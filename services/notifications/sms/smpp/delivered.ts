import type { SmppSettings } from '#platform/text-providers.ts'
import { textOf } from '../ask.ts'
import { fromSevenBitCodes } from '../segments.ts'
import type { Inbound, Report } from '../text-message.ts'
import { openFields } from './pdu.ts'

const RECEIPTED_MESSAGE_ID = 0x001e
const MESSAGE_STATE = 0x0427
const MESSAGE_PAYLOAD = 0x0424
const PARTS = [0x020e, 0x020f]

/** Of esm_class, bits 5 to 2: what kind of message it is. */
const KIND = 0x3c
const RECEIPT = 0x04
const HAS_HEADER = 0x40

const NATIONAL = 2

/** SMPP 3.4 §5.2.28, and what the text of a receipt calls them (appendix B). */
const states: Readonly<Record<string, Report['status']>> = {
  delivrd: 'delivered',
  expired: 'failed',
  deleted: 'failed',
  undeliv: 'failed',
  rejectd: 'failed',
}
const stateNames: Readonly<Record<number, string>> = {
  2: 'delivrd',
  3: 'expired',
  4: 'deleted',
  5: 'undeliv',
  8: 'rejectd',
}

export type Delivered = { report: Report } | { inbound: Omit<Inbound, 'reference'> }

/** What a deliver_sm says; undefined where that is nothing that matters here. Throws Malformed. */
export function deliveredIn(body: Buffer, { ids }: Pick<SmppSettings, 'ids'>): Delivered | undefined {
  const read = openFields(body)
  read.text(6)
  const [ton] = [read.number(), read.number()]
  const from = read.text(21)
  read.octets(2)
  read.text(21)
  const kind = read.number()
  read.octets(2)
  read.text(17)
  read.text(17)
  read.octets(2)
  const coding = read.number()
  read.octets(1)
  const short = read.octets(read.number())
  const more = read.optional()
  const octets = short.length > 0 ? short : (more.get(MESSAGE_PAYLOAD) ?? short)
  if ((kind & KIND) === RECEIPT) return reportIn(octets, more, ids)
  // A part of a longer text is not a word alone.
  if ((kind & KIND) !== 0 || (kind & HAS_HEADER) !== 0 || PARTS.some((tag) => more.has(tag))) return undefined
  return inboundFrom(from, ton, textIn(octets, coding))
}

const words = {
  id: /(?:^|\s)id:\s*([!-~]+)/i,
  stat: /(?:^|\s)stat:\s*([!-~]+)/i,
  err: /(?:^|\s)err:\s*([!-~]+)/i,
}

function reportIn(octets: Buffer, more: ReadonlyMap<number, Buffer>, ids: SmppSettings['ids']): Delivered | undefined {
  const text = octets.toString('latin1')
  const word = (name: keyof typeof words) => words[name].exec(text)?.[1]
  const id = more.get(RECEIPTED_MESSAGE_ID)?.toString('latin1').replace(/\0.*$/s, '') || word('id')
  const state = stateNames[more.get(MESSAGE_STATE)?.[0] ?? 0] ?? word('stat')?.toLowerCase() ?? ''
  const status = Object.hasOwn(states, state) ? states[state] : undefined
  const reference = textOf(id && referenceOf(id, ids === 'same' ? 'as-is' : ids === 'hex-decimal' ? 'decimal' : 'hex'))
  if (status === undefined || reference === undefined) return undefined
  const error = word('err') ?? ''
  const code = /^\w{1,20}$/.test(error) && !/^0+$/.test(error) ? `${state} ${error}` : state
  return { report: { reference, status, ...(status === 'failed' && { code }) } }
}

/** The same of the same message, however it is written: a number in figures of ten, without zeros before it. */
export function referenceOf(id: string, figures: 'as-is' | 'hex' | 'decimal'): string {
  const plain = id.trim()
  if (figures === 'hex' && /^[\da-f]{1,64}$/i.test(plain)) return BigInt(`0x${plain}`).toString()
  if (figures === 'decimal' && /^\d{1,64}$/.test(plain)) return BigInt(plain).toString()
  return /^[\da-f]+$/i.test(plain) ? plain.toLowerCase().replace(/^0+(?=.)/, '') : plain
}

/** In their figures when they take a message. */
export const takenAs = (id: string, ids: SmppSettings['ids']): string =>
  referenceOf(id, ids === 'same' ? 'as-is' : ids === 'hex-decimal' ? 'hex' : 'decimal')

/** A number without its country could be anybody's. */
function inboundFrom(from: string, ton: number, text: string | undefined): Delivered | undefined {
  const number = textOf(from.replace(/^(\+|00)?/, '+'), 40)
  const words = textOf(text, 2_000)
  return ton === NATIONAL || number === undefined || words === undefined
    ? undefined
    : { inbound: { from: number, text: words } }
}

/** SMPP 3.4 §5.2.19; of coding groups (TS 23.038) the alphabet. Undefined where it is no text. */
function textIn(octets: Buffer, coding: number): string | undefined {
  const alphabet = coding >= 0xf0 ? (coding & 0x04 ? 0x04 : 0x00) : coding > 0x0f ? coding & 0x0c : coding
  if (alphabet === 0) return fromSevenBitCodes(octets)
  if (alphabet === 1 || alphabet === 3) return octets.toString('latin1')
  if (alphabet === 8)
    return Buffer.from(octets.subarray(0, octets.length & ~1))
      .swap16()
      .toString('utf16le')
  return undefined
}
