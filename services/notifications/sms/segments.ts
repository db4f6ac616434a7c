// 3GPP TS 23.038: what a phone can show in seven bits, and what takes two places of it. Everything else is sent as UCS-2, in which a message is short.

/** By their code; an escape is where \x1b stands. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
/** After an escape, each with its code. */
const EXTENDED = new Map<string, number>([
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
])
const ESCAPE = 0x1b

const codes = new Map<string, readonly number[]>([
  ...[...BASIC].map((one, code): [string, number[]] => [one, [code]]).filter(([one]) => one !== '\x1b'),
  ...[...EXTENDED].map(([one, code]): [string, number[]] => [one, [ESCAPE, code]]),
])
const basic = [...BASIC]
const extended = new Map([...EXTENDED].map(([one, code]) => [code, one]))

/** How many messages a network makes of a text, and charges: one of 160 or 70 places, or several of 153 or 67. */
export const segmentsOf = (text: string): number => partsOf(text).length

export const isSevenBit = (text: string): boolean => [...text].every((one) => codes.has(one))

/** Those messages. */
export function partsOf(text: string): string[] {
  const signs = [...text]
  return isSevenBit(text)
    ? split(signs, (one) => codes.get(one)?.length ?? 0, 160, 153)
    : split(signs, (one) => one.length, 70, 67)
}

/** A sign of two places is not torn apart. */
function split(signs: readonly string[], lengthOf: (sign: string) => number, alone: number, each: number): string[] {
  if (signs.reduce((sum, one) => sum + lengthOf(one), 0) <= alone) return [signs.join('')]
  const parts: string[] = []
  let [part, left] = ['', each]
  for (const sign of signs) {
    const length = lengthOf(sign)
    if (length > left) {
      parts.push(part)
      ;[part, left] = ['', each]
    }
    part += sign
    left -= length
  }
  return [...parts, part]
}

/** One code to an octet, as SMPP and most of what carries texts have it. */
export const inSevenBitCodes = (text: string): Buffer => Buffer.from([...text].flatMap((one) => codes.get(one) ?? []))

/** What a code of an extension does not mean here is shown as a space, as phones do (TS 23.038, 6.2.1.1). */
export function fromSevenBitCodes(octets: Buffer): string {
  let [text, escaped] = ['', false]
  for (const octet of octets) {
    if (escaped) text += extended.get(octet) ?? ' '
    else if (octet !== ESCAPE) text += basic[octet] ?? ' '
    escaped = !escaped && octet === ESCAPE
  }
  return text
}
