import { QR_LENGTH } from './card.ts'

const PREFIX = 'shc:/'
/** The least of the characters of a JWS, which two digits stand for as 00; the greatest is z. */
const FIRST = 45
const LAST = 122 - FIRST

/** A card as the text of one QR code: each of its characters as two digits, which a QR code holds in a third of a byte each. */
export function qrText(card: string): string {
  if (card.length > QR_LENGTH) throw new RangeError('This card does not fit into one QR code; hand it out as a file')
  const digits = [...card].map((character) => String(character.charCodeAt(0) - FIRST).padStart(2, '0'))
  return `${PREFIX}${digits.join('')}`
}

/** For `qrcode`: at most version 22, to be read from 40 mm of paper. */
export function qrCode(card: string) {
  const digits = qrText(card).slice(PREFIX.length)
  return {
    segments: [
      { data: Buffer.from(PREFIX), mode: 'byte' as const },
      { data: digits, mode: 'numeric' as const },
    ],
    options: { errorCorrectionLevel: 'L' as const },
  }
}

/** Parts of a card of which others make several codes, at most as many as one can scan with patience; we make none. */
const PARTS = 32
/** Place and count are there where there are several. */
const PART = /^shc:\/(?:(\d{1,2})\/([2-9]|[1-9]\d)\/)?((?:\d\d)+)$/

/** The card in the texts of its QR code or codes, in any order; undefined where they are not one whole card. */
export function cardIn(texts: readonly string[]): string | undefined {
  if (texts.length === 0 || texts.length > PARTS) return undefined
  const parts: string[] = []
  for (const text of texts) {
    const [, place = '1', count = '1', digits = ''] = PART.exec(text) ?? []
    if (Number(count) !== texts.length || Number(place) < 1 || Number(place) > texts.length) return undefined
    const part = charactersOf(digits)
    if (part === undefined || parts[Number(place) - 1] !== undefined) return undefined
    parts[Number(place) - 1] = part
  }
  return parts.join('')
}

function charactersOf(digits: string): string | undefined {
  const codes = digits.match(/\d\d/g)?.map(Number) ?? []
  return codes.length === 0 || codes.some((code) => code > LAST)
    ? undefined
    : String.fromCharCode(...codes.map((code) => code + FIRST))
}
