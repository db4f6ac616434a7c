import { createHash, type Hash } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import type pg from 'pg'
import { readEnvelope, writeEnvelope } from '../backup/envelope.ts'
import { type AuditHead, damaged, type End, type Frame } from '../backup/format.ts'
import { framesOfTable } from '../backup/tables.ts'
import { SEALED_COLUMNS } from './seal.ts'
import type { FoundInFile } from './verify.ts'

// A partition that was handed out, as a file: the envelope of a backup around its rows, in the order of their ids. It is verified without loading it.

export interface FileOptions {
  head: AuditHead
  /** Of the partition, in the ground's schema. */
  name: string
  /** 32 bytes to encrypt it with. */
  key: Buffer | undefined
}

export const writeAuditFile = (client: pg.Client, target: Writable, { head, name, key }: FileOptions) =>
  writeEnvelope(framesOf(client, head, name), target, key, 'audit')

async function* framesOf(client: pg.Client, head: AuditHead, name: string): AsyncGenerator<Frame> {
  yield head
  const rows = yield* framesOfTable(client, { name: `platform.${name}`, columns: SEALED_COLUMNS }, 'id')
  const end: End = { is: 'end', tables: [rows], files: { count: 0, bytes: 0, damaged: 0 } }
  yield end
}

export interface AuditFile {
  head: AuditHead
  rows: number
  /** By the ids of seals. */
  found: FoundInFile
  /** Rows that no seal covers. */
  strange: number
}

/** Reads a file against the seals of its range. Throws where it is not whole; what it has instead of sealed rows is in its answer. */
export async function readAuditFile(
  source: Readable,
  key: Buffer | undefined,
  sealsOf: (head: AuditHead) => Promise<readonly { id: number; ids: string }[]>,
): Promise<AuditFile> {
  let head: AuditHead | undefined
  let sealed: SealedRows | undefined
  const rest: string[] = []
  for await (const frame of readEnvelope(source, key, 'audit')) {
    if (Buffer.isBuffer(frame)) linesIn(frame, rest, (line) => sealed?.take(line))
    else if (frame.is === 'audit') {
      head = frame
      sealed = new SealedRows(await sealsOf(head))
    } else if (frame.is === 'table' && String(frame.columns) !== String(SEALED_COLUMNS))
      throw damaged('it has not the columns that were sealed')
  }
  if (!head || !sealed) throw damaged('its parts are mixed up')
  return { head, ...sealed.end() }
}

/** Text of COPY has one line break for each row; what a line began with is kept in `rest` for the next piece. */
function linesIn(piece: Buffer, rest: string[], take: (line: string) => void): void {
  let from = 0
  for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
    take(rest.splice(0).join('') + piece.toString('latin1', from, end))
    from = end + 1
  }
  if (from < piece.length) rest.push(piece.toString('latin1', from))
}

const NEWLINE = 10

/** Digests of sealed rows, as they come by. */
class SealedRows {
  readonly #ranges: { from: number; to: number; seal: number }[]
  readonly #found = new Map<number, { hash: Hash; count: number }>()
  #range = 0
  #last = 0
  #rows = 0
  #strange = 0

  constructor(seals: readonly { id: number; ids: string }[]) {
    this.#ranges = seals
      .flatMap(({ id, ids }) =>
        [...ids.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => ({ from: Number(from), to: Number(to), seal: id })),
      )
      .sort((one, other) => one.from - other.from)
  }

  take(line: string): void {
    const fields = line.split('\t')
    const id = Number(fields[0])
    if (id <= this.#last) throw damaged('its rows are not in order')
    this.#last = id
    this.#rows++
    while (id >= (this.#ranges[this.#range]?.to ?? Number.POSITIVE_INFINITY)) this.#range++
    const range = this.#ranges[this.#range]
    if (!range || id < range.from) this.#strange++
    else this.#add(range.seal, textOf(fields))
  }

  #add(seal: number, text: string): void {
    const found = this.#found.get(seal) ?? { hash: createHash('sha256'), count: 0 }
    if (found.count > 0) found.hash.update('\n')
    this.#found.set(seal, found)
    found.hash.update(text, 'latin1')
    found.count++
  }

  end() {
    const found = new Map(
      [...this.#found].map(([seal, { hash, count }]) => [seal, { count, digest: hash.digest('hex') }]),
    )
    return { rows: this.#rows, strange: this.#strange, found }
  }
}

const ESCAPED: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The fields of a line of COPY as PostgreSQL writes a row: what was sealed is the text of that. Bytes stay bytes (latin1 on the way in and out). */
function textOf(fields: readonly string[]): string {
  const values = fields.map((field) => {
    if (field === '\\N') return ''
    const value = field.replace(/\\(.)/gs, (_, letter: string) => ESCAPED[letter] ?? letter)
    return value === '' || /["\\(),\t\n\v\f\r ]/.test(value) ? `"${value.replace(/["\\]/g, '$&$&')}"` : value
  })
  return `(${values.join(',')})`
}
