import { hash } from 'node:crypto'

const NEWLINE = 10
const LANES = 8

/**
 * A checksum of a table's rows that does not depend on their order, which a database does not promise: the sum of the rows' SHA-256, in eight
 * lanes of 32 bits. Rows come as text of COPY, where each ends with the only line break that it has.
 */
export class RowSum {
  rows = 0
  bytes = 0
  readonly #sum = new Uint32Array(LANES)
  #begun: Buffer[] = []

  update(chunk: Buffer): void {
    this.bytes += chunk.length
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, end))
      from = end + 1
    }
    if (from < chunk.length) this.#begun.push(chunk.subarray(from))
  }

  /** In hexadecimal. Throws when the last row was cut off. */
  checksum(): string {
    if (this.#begun.length > 0) throw new Error('The last row of a table is cut off.')
    return [...this.#sum].map((lane) => lane.toString(16).padStart(8, '0')).join('')
  }

  #add(end: Buffer): void {
    const row = this.#begun.length > 0 ? Buffer.concat([...this.#begun, end]) : end
    if (this.#begun.length > 0) this.#begun = []
    const digest = hash('sha256', row, 'buffer')
    for (let lane = 0; lane < LANES; lane++)
      this.#sum[lane] = ((this.#sum[lane] as number) + digest.readUInt32LE(lane * 4)) >>> 0
    this.rows++
  }
}
