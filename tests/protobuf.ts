// Reads protobuf's wire format by a list of field numbers: enough for what an OpenTelemetry collector is sent
// (github.com/open-telemetry/opentelemetry-proto). What is not listed is skipped.

type Kind = 'text' | 'hex' | 'varint' | 'fixed64' | 'double' | 'fixed64s' | 'doubles'
export interface Message {
  [field: number]: readonly [name: string, kind: Kind | Message | (() => Message)]
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the list of fields that the caller gives
export type Decoded = Record<string, any>

export function decode(buffer: Buffer, message: Message): Decoded {
  const decoded: Decoded = {}
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++] as number
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(value)
    }
  }
  while (at < buffer.length) {
    const tag = varint()
    const wire = tag & 7
    const start = at
    const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : 0
    const value = wire === 0 ? varint() : buffer.subarray(at, at + length)
    at = wire === 0 ? at : at + length
    if (at > buffer.length || at <= start) throw new Error('This is not protobuf')
    const [name, kind] = message[tag >>> 3] ?? []
    if (name === undefined || kind === undefined) continue
    const one = typeof value === 'number' ? value : read(value, kind)
    if (typeof kind === 'object') decoded[name] = [...(decoded[name] ?? []), one]
    else decoded[name] = one
  }
  return decoded
}

function read(bytes: Buffer, kind: Kind | Message | (() => Message)) {
  if (typeof kind === 'function') return decode(bytes, kind())
  if (typeof kind === 'object') return decode(bytes, kind)
  if (kind === 'text') return bytes.toString()
  if (kind === 'hex') return bytes.toString('hex')
  const each = Array.from({ length: bytes.length / 8 }, (_, i) =>
    kind.startsWith('double') ? bytes.readDoubleLE(i * 8) : Number(bytes.readBigUInt64LE(i * 8)),
  )
  return kind.endsWith('s') ? each : each[0]
}
