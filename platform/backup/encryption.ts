import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { damaged } from './format.ts'

// AES-256-GCM over pieces of 64 KiB, as in age's STREAM: the nonce is the number of the piece and whether it is the last, so a piece that is
// changed, moved, left out or cut off is not opened. Each backup has a key of its own, derived from the operator's with a random salt.

const PIECE = 65_536
const TAG = 16
const SALT = 16

const keyOf = (key: Buffer, salt: Buffer) => Buffer.from(hkdfSync('sha256', key, salt, 'openhcs backup', 32))

function nonceOf(piece: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(piece, 5, 6)
  nonce.writeUInt8(last ? 1 : 0, 11)
  return nonce
}

/** Gathers what comes into pieces of one size; the last may be shorter, or empty. */
async function* pieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<{ piece: Buffer; last: boolean }> {
  let waiting: Buffer[] = []
  let length = 0
  for await (const chunk of source) {
    waiting.push(chunk)
    length += chunk.length
    if (length <= size) continue
    let all: Buffer = Buffer.concat(waiting)
    // One is held back: whether it is the last is known when something follows it.
    for (; all.length > size; all = all.subarray(size)) yield { piece: all.subarray(0, size), last: false }
    waiting = [all]
    length = all.length
  }
  yield { piece: Buffer.concat(waiting), last: true }
}

export async function* encrypt(source: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT)
  const derived = keyOf(key, salt)
  yield salt
  let number = 0
  for await (const { piece, last } of pieces(source, PIECE)) {
    const cipher = createCipheriv('aes-256-gcm', derived, nonceOf(number++, last))
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
  }
}

export async function* decrypt(source: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  let derived: Buffer | undefined
  let number = 0
  for await (const { piece, last } of pieces(
    afterSalt(source, (salt) => (derived = keyOf(key, salt))),
    PIECE + TAG,
  )) {
    if (!derived || piece.length < TAG) throw damaged('its end is missing')
    const opening = createDecipheriv('aes-256-gcm', derived, nonceOf(number++, last))
    opening.setAuthTag(piece.subarray(-TAG))
    const text = opening.update(piece.subarray(0, -TAG))
    try {
      opening.final()
    } catch {
      throw number === 1
        ? new Error('The backup does not open: this is not the key that it was encrypted with, or it is damaged.')
        : damaged('a part of it was changed')
    }
    yield text
  }
}

async function* afterSalt(source: AsyncIterable<Buffer>, found: (salt: Buffer) => void): AsyncGenerator<Buffer> {
  let first: Buffer = Buffer.alloc(0)
  let begun = false
  for await (const chunk of source) {
    if (begun) {
      yield chunk
      continue
    }
    first = Buffer.concat([first, chunk])
    if (first.length < SALT) continue
    begun = true
    found(first.subarray(0, SALT))
    yield first.subarray(SALT)
  }
}
