// SMPP 3.4: what goes over the line, of which eight kinds are enough for a transceiver. Written for this: the package for it has not been worked on for
// years and stops reading after a PDU that it cannot take (docs/decisions/0042-smpp.md).

export const commands = {
  submitSm: 0x04,
  deliverSm: 0x05,
  unbind: 0x06,
  bindTransceiver: 0x09,
  enquireLink: 0x15,
  alertNotification: 0x102,
  genericNack: 0x8000_0000,
} as const

const RESPONSE = 0x8000_0000
export const isResponse = (command: number): boolean => command >= RESPONSE
export const responseTo = (command: number): number => command + RESPONSE

export interface Pdu {
  command: number
  status: number
  sequence: number
  body: Buffer
}

const HEADER = 16
/** A text of 64 KiB in one, and the fields around it. */
const MOST = 66_000

export function written({ command, status, sequence, body }: Pdu): Buffer {
  const header = Buffer.alloc(HEADER)
  for (const [n, value] of [HEADER + body.length, command, status, sequence].entries())
    header.writeUInt32BE(value, n * 4)
  return Buffer.concat([header, body])
}

/** What comes is no SMPP, or not what it says it is: nothing after it could be understood. */
export class Malformed extends Error {
  override name = 'Malformed'
}

/** Cuts what comes, in whatever pieces, into PDUs. Throws Malformed. */
export function openCutter(): (chunk: Buffer) => Pdu[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const pdus: Pdu[] = []
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0)
      if (length < HEADER || length > MOST) throw new Malformed('A PDU has a length that none has')
      if (rest.length < length) break
      const [command, status, sequence] = [4, 8, 12].map((at) => rest.readUInt32BE(at)) as [number, number, number]
      pdus.push({ command, status, sequence, body: rest.subarray(HEADER, length) })
      rest = rest.subarray(length)
    }
    return pdus
  }
}

/** A number of one octet, a text that ends with a zero, or octets as they are. */
export const fields = (...values: readonly (number | string | Buffer)[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      if (typeof value === 'string') return Buffer.from(`${value}\0`, 'latin1')
      return typeof value === 'number' ? Buffer.of(value) : value
    }),
  )

export function optional(tag: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(tag, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value])
}

/** Reads fields in their order. Throws Malformed where they do not fit. */
export function openFields(body: Buffer) {
  let at = 0
  const octets = (length: number): Buffer => {
    if (at + length > body.length) throw new Malformed('A PDU ends before its fields do')
    at += length
    return body.subarray(at - length, at)
  }
  return {
    octets,
    number: () => octets(1).readUInt8(0),
    /** Of so many signs at most. */
    text(most: number): string {
      const end = body.indexOf(0, at)
      if (end < 0 || end - at > most) throw new Malformed('A text in a PDU does not end')
      return octets(end - at + 1)
        .toString('latin1')
        .slice(0, -1)
    },
    /** What follows, by tag; of several the last. */
    optional(): ReadonlyMap<number, Buffer> {
      const found = new Map<number, Buffer>()
      while (at < body.length) {
        const head = octets(4)
        found.set(head.readUInt16BE(0), octets(head.readUInt16BE(2)))
      }
      return found
    },
  }
}
