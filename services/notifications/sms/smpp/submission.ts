import { createHash } from 'node:crypto'
import type { SmppSettings } from '#platform/text-providers.ts'
import { inSevenBitCodes, isSevenBit, partsOf } from '../segments.ts'
import type { TextMessage } from '../text-message.ts'
import { fields, optional } from './pdu.ts'

const INTERNATIONAL = 1
const ISDN = 1
const SHORT_CODE = 3
const NAME = 5

const UCS2 = 0x08
const SEVEN_BIT = 0x00
const HAS_HEADER = 0x40
const REPORT = 1
const MESSAGE_PAYLOAD = 0x0424

/** The fields of each submit_sm that a text takes. */
export function submissionsOf(settings: SmppSettings, { id, to, text }: Pick<TextMessage, 'id' | 'to' | 'text'>) {
  const coding = isSevenBit(text) ? SEVEN_BIT : UCS2
  const octetsOf = (part: string) => (coding === SEVEN_BIT ? inSevenBitCodes(part) : inUcs2(part))
  const parts = partsOf(text)
  const submission = (one: Omit<Submission, 'coding' | 'to'>) => bodyOf(settings, { ...one, coding, to })
  if (parts.length === 1) return [submission({ octets: octetsOf(text) })]
  if (settings.long === 'payload') return [submission({ octets: Buffer.alloc(0), payload: octetsOf(text) })]
  return parts.map((part, n) =>
    submission({
      octets: Buffer.concat([partHeader(id, parts.length, n + 1), octetsOf(part)]),
      header: true,
      // Of a text in parts the last one is reported on: so it has one id, and phones show it whole or not at all.
      silent: n + 1 < parts.length,
    }),
  )
}

interface Submission {
  to: string
  coding: number
  octets: Buffer
  payload?: Buffer
  header?: boolean
  silent?: boolean
}

function bodyOf(settings: SmppSettings, { to, coding, octets, payload, header, silent }: Submission): Buffer {
  const [ton, npi] = numberingOf(settings)
  return Buffer.concat([
    fields('', ton, npi, settings.from.replace(/^\+/, ''), INTERNATIONAL, ISDN, to.replace(/^\+/, '')),
    fields(header ? HAS_HEADER : 0, 0, 0, '', '', silent ? 0 : REPORT, 0, coding, 0, octets.length, octets),
    ...(payload ? [optional(MESSAGE_PAYLOAD, payload)] : []),
  ])
}

function numberingOf({ from, fromTon, fromNpi }: SmppSettings): [number, number] {
  const [ton, npi] = /^\+\d+$/.test(from)
    ? [INTERNATIONAL, ISDN]
    : /^\d+$/.test(from)
      ? [SHORT_CODE, 0]
      : [from === '' ? 0 : NAME, 0]
  return [fromTon ?? ton, fromNpi ?? npi]
}

/** 3GPP TS 23.040, 9.2.3.24.1. The same number at each try: what arrived of an earlier one is made whole, and not shown twice. */
const partHeader = (id: string, of: number, part: number) =>
  Buffer.of(5, 0, 3, createHash('sha256').update(id).digest().readUInt8(0), of, part)

const inUcs2 = (text: string) => Buffer.from(text, 'utf16le').swap16()
