// 3GPP TS 23.038: what a phone can show in seven bits, and what takes two places of it. Everything else is sent as UCS-2, in which a message is short.

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const EXTENDED = '^{}\\[~]|€\f'

const places = new Map([
  ...[...BASIC].map((one) => [one, 1] as const),
  ...[...EXTENDED].map((one) => [one, 2] as const),
])

/** How many messages a network makes of a text, and charges: one of 160 or 70 places, or several of 153 or 67. */
export function segmentsOf(text: string): number {
  const lengths = [...text].map((one) => places.get(one))
  if (lengths.every((length) => length !== undefined)) return split(lengths as number[], 160, 153)
  return split(
    [...text].map((one) => one.length),
    70,
    67,
  )
}

/** A sign of two places is not torn apart. */
function split(lengths: readonly number[], alone: number, each: number): number {
  if (lengths.reduce((sum, one) => sum + one, 0) <= alone) return 1
  let [segments, left] = [1, each]
  for (const length of lengths) {
    if (length > left) {
      segments++
      left = each
    }
    left -= length
  }
  return segments
}
