// What a backup is made of, in this order: the head, every table, the sequences, every file, the end. docs/backup.md describes the bytes.

/** First: what the rest is about, and what it needs to be restored. */
export interface Head {
  is: 'backup'
  id: string
  madeAt: string
  /** The release that made it. */
  version: string
  postgres: string
  migrations: { room: string; name: string; checksum: string }[]
  /** Newest migration of the job engine. */
  jobEngine: number
  /** Shows whether a secret key is the one of this installation, and gives nothing of it away. */
  keyCheck: string
  tables: string[]
  partitions: Partition[]
}

/** A table that holds a range of another one's rows. Those rows are in the backup under the name of the whole. */
export interface Partition {
  of: string
  name: string
  /** As PostgreSQL prints it, and nothing else is ever taken: `DEFAULT`, or `FOR VALUES FROM ('1') TO ('1000001')`. */
  bound: string
}

/** First in a file with a part of the audit; the rows follow as a table, in the order of their ids. */
export interface AuditHead {
  is: 'audit'
  /** Ids from here up to and without `to`. */
  from: number
  to: number
  madeAt: string
  version: string
}

export interface TableBegins {
  is: 'table'
  name: string
  columns: string[]
}

export interface TableEnds {
  is: 'table end'
  name: string
  rows: number
  bytes: number
  /** See `RowSum`. */
  checksum: string
}

export interface Sequences {
  is: 'sequences'
  values: { name: string; last: string; called: boolean }[]
}

export interface FileBegins {
  is: 'file'
  key: string
}

export interface FileEnds {
  is: 'file end'
  key: string
  bytes: number
  sha256: string
}

export interface End {
  is: 'end'
  tables: TableEnds[]
  files: { count: number; bytes: number; damaged: number }
}

export type Entry = Head | AuditHead | TableBegins | TableEnds | Sequences | FileBegins | FileEnds | End

/** An entry, or a piece of what the entry before began. */
export type Frame = Entry | Buffer

const ENTRY = 0x4a // J
const DATA = 0x44 // D
const PREFIX = 5
/** A piece is at most this long, so that whoever reads needs no more memory than that. */
const LONGEST = 1_048_576
const LONGEST_ENTRY = 64 * LONGEST

export const damaged = (how: string) => new Error(`The backup is damaged: ${how}. Nothing of it was kept.`)

export function* encode(frame: Frame): Generator<Buffer> {
  if (!Buffer.isBuffer(frame)) {
    yield framed(ENTRY, Buffer.from(JSON.stringify(frame)))
    return
  }
  for (let from = 0; from < frame.length; from += LONGEST) yield framed(DATA, frame.subarray(from, from + LONGEST))
}

function framed(kind: number, payload: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX)
  prefix.writeUInt8(kind, 0)
  prefix.writeUInt32BE(payload.length, 1)
  return Buffer.concat([prefix, payload])
}

/** The frames of a backup, up to and with its end. Throws when anything is missing or does not belong there. */
export async function* decode(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  let ended = false
  for await (const chunk of source) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let length = lengthOf(rest); rest.length >= length; length = lengthOf(rest)) {
      if (ended) throw damaged('something follows its end')
      const frame = frameOf(rest.subarray(0, length))
      ended = !Buffer.isBuffer(frame) && frame.is === 'end'
      yield frame
      rest = rest.subarray(length)
    }
  }
  if (!ended || rest.length > 0) throw damaged('its end is missing')
}

/** Of the frame that begins here, with its prefix; more than there is where even that is missing. */
function lengthOf(bytes: Buffer): number {
  if (bytes.length < PREFIX) return Number.POSITIVE_INFINITY
  const kind = bytes.readUInt8(0)
  const length = bytes.readUInt32BE(1)
  if (kind !== DATA && kind !== ENTRY) throw damaged('a part of it has no known kind')
  if (length > (kind === DATA ? LONGEST : LONGEST_ENTRY)) throw damaged('a part of it is impossibly long')
  return PREFIX + length
}

function frameOf(bytes: Buffer): Frame {
  const payload = bytes.subarray(PREFIX)
  if (bytes.readUInt8(0) === DATA) return payload
  try {
    return JSON.parse(payload.toString('utf8')) as Entry
  } catch {
    throw damaged('a part of it cannot be read')
  }
}
