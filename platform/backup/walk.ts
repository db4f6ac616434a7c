import {
  damaged,
  type End,
  type Entry,
  type FileEnds,
  type Frame,
  type Head,
  type Sequences,
  type TableBegins,
  type TableEnds,
} from './format.ts'
import { RowSum } from './rows.ts'

/** Whoever takes in a backup, piece by piece. */
export interface Receiver {
  head(head: Head): Promise<void>
  table(table: TableBegins): Promise<void>
  rows(chunk: Buffer): Promise<void>
  tableEnd(table: TableEnds): Promise<void>
  sequences(sequences: Sequences): Promise<void>
  file(key: string): Promise<void>
  content(chunk: Buffer): Promise<void>
  fileEnd(file: FileEnds): Promise<void>
}

const idle = async () => {}
const looking: Receiver = {
  head: idle,
  table: idle,
  rows: idle,
  tableEnd: idle,
  sequences: idle,
  file: idle,
  content: idle,
  fileEnd: idle,
}

/** Goes through a backup and sees that every part is there, in its place, and what it says it is. Without a receiver: only looks. */
export async function walk(
  frames: AsyncIterable<Frame>,
  receiver: Receiver = looking,
): Promise<{ head: Head; end: End }> {
  let head: Head | undefined
  let end: End | undefined
  let inside: Inside
  const tables: TableEnds[] = []
  for await (const frame of frames) {
    if (Buffer.isBuffer(frame)) {
      await take(frame, inside, receiver)
      continue
    }
    if ((head === undefined) !== (frame.is === 'backup')) throw damaged('its parts are mixed up')
    if (frame.is === 'backup') head = frame
    else if (frame.is === 'table end') tables.push(frame)
    else if (frame.is === 'end') end = frame
    inside = await enter(frame, inside, receiver)
  }
  if (!head || !end) throw damaged('its end is missing')
  if (String(tables.map(({ name }) => name)) !== String(head.tables)) throw damaged('tables are missing')
  if (JSON.stringify(tables) !== JSON.stringify(end.tables)) throw damaged('its tables are not those it lists')
  return { head, end }
}

type Inside = { table: string; sum: RowSum } | { file: string; bytes: number } | undefined

async function take(chunk: Buffer, inside: Inside, receiver: Receiver): Promise<void> {
  if (!inside) throw damaged('its parts are mixed up')
  if ('table' in inside) {
    inside.sum.update(chunk)
    await receiver.rows(chunk)
  } else {
    inside.bytes += chunk.length
    await receiver.content(chunk)
  }
}

async function enter(entry: Entry, inside: Inside, receiver: Receiver): Promise<Inside> {
  const ends = entry.is === 'table end' || entry.is === 'file end'
  if ((inside !== undefined) !== ends) throw damaged('its parts are mixed up')
  switch (entry.is) {
    case 'backup':
      await receiver.head(entry)
      return undefined
    case 'audit':
      throw damaged('its parts are mixed up')
    case 'table':
      await receiver.table(entry)
      return { table: entry.name, sum: new RowSum() }
    case 'table end':
      sameTable(entry, inside)
      await receiver.tableEnd(entry)
      return undefined
    case 'sequences':
      await receiver.sequences(entry)
      return undefined
    case 'file':
      await receiver.file(entry.key)
      return { file: entry.key, bytes: 0 }
    case 'file end':
      if (!inside || !('file' in inside) || inside.file !== entry.key || inside.bytes !== entry.bytes)
        throw damaged('a file is not what it should be')
      await receiver.fileEnd(entry)
      return undefined
    case 'end':
      return undefined
  }
}

function sameTable({ name, rows, checksum }: TableEnds, inside: Inside): void {
  if (!inside || !('table' in inside) || inside.table !== name) throw damaged('its parts are mixed up')
  if (inside.sum.rows !== rows || inside.sum.checksum() !== checksum)
    throw damaged(`the checksum of ${name} does not match`)
}
