import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { decrypt, encrypt } from './encryption.ts'
import { damaged, decode, encode, type Frame } from './format.ts'

// Around the frames: a line that says what this is, then they themselves, compressed (zstd) and, if wanted, encrypted, then 64 digits: the SHA-256 of every
// byte before. So `head -c -64 file | sha256sum` checks a backup where there is nothing else.

/** What a file holds: everything, or a part of the audit that was handed out. */
export type Kind = 'backup' | 'audit'

const plain = (kind: Kind) => `openhcs ${kind} 1\n`
const encrypted = (kind: Kind) => `openhcs ${kind} 1 encrypted\n`
const TRAILER = 64

const notOurs = (kind: Kind) =>
  new Error(
    `This is not ${kind === 'backup' ? 'a backup' : 'a part of the audit'} of OpenHCS, or its first bytes are damaged.`,
  )

/** Writes a backup. `key`: 32 bytes to encrypt it with. Answers how long it is, and its digest. */
export async function writeEnvelope(
  frames: AsyncIterable<Frame>,
  target: Writable,
  key?: Buffer,
  kind: Kind = 'backup',
): Promise<{ bytes: number; sha256: string }> {
  const compress = createZstdCompress()
  // Where the frames fail, so does the stream that is read below.
  const feeding = pipeline(bytesOf(frames), compress)
  feeding.catch(() => {})
  const digest = createHash('sha256')
  let bytes = 0
  const write = async (chunk: Buffer) => {
    bytes += chunk.length
    if (!target.write(chunk)) await Promise.race([once(target, 'drain'), failed])
  }
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => {})
  target.on('error', reject)
  try {
    for await (const chunk of sealed(compress, key, kind)) {
      digest.update(chunk)
      await write(chunk)
    }
    await feeding
    const sha256 = digest.digest('hex')
    await write(Buffer.from(sha256))
    return { bytes, sha256 }
  } finally {
    compress.destroy()
    target.off('error', reject)
  }
}

async function* sealed(source: AsyncIterable<Buffer>, key: Buffer | undefined, kind: Kind): AsyncGenerator<Buffer> {
  yield Buffer.from(key ? encrypted(kind) : plain(kind))
  yield* key ? encrypt(source, key) : source
}

async function* bytesOf(frames: AsyncIterable<Frame>): AsyncGenerator<Buffer> {
  for await (const frame of frames) yield* encode(frame)
}

/** The frames of a backup. The last of them is not the end of the check: only when no more come has every byte been seen to be right. */
export async function* readEnvelope(
  source: AsyncIterable<Buffer>,
  key?: Buffer,
  kind: Kind = 'backup',
): AsyncGenerator<Frame> {
  const expand = createZstdDecompress()
  const feeding = pipeline(Readable.from(opened(checked(source, kind), key, kind)), expand)
  feeding.catch(() => {})
  try {
    yield* decode(expand)
    await feeding
  } catch (error) {
    throw /^(ERR_|ZSTD|Z_)/.test(String((error as NodeJS.ErrnoException).code))
      ? damaged('it cannot be expanded')
      : error
  } finally {
    expand.destroy()
  }
}

/** All but the digest at the end, which it compares. */
async function* checked(source: AsyncIterable<Buffer>, kind: Kind): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    const all = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    const known = Math.max(0, all.length - TRAILER)
    held = all.subarray(known)
    if (known === 0) continue
    digest.update(all.subarray(0, known))
    yield all.subarray(0, known)
  }
  if (held.length < TRAILER) throw notOurs(kind)
  if (held.toString('latin1') !== digest.digest('hex')) throw damaged('its digest does not match')
}

async function* opened(source: AsyncIterable<Buffer>, key: Buffer | undefined, kind: Kind): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]()
  let first: Buffer = Buffer.alloc(0)
  while (!first.includes('\n') && first.length < 100) {
    const { done, value } = await chunks.next()
    if (done) break
    first = Buffer.concat([first, value])
  }
  const line = [plain(kind), encrypted(kind)].find((one) => first.subarray(0, one.length).equals(Buffer.from(one)))
  if (!line) throw notOurs(kind)
  const isEncrypted = line === encrypted(kind)
  if (isEncrypted && !key) throw new Error(`The ${kind} is encrypted: give its key with --key-file.`)
  const rest = (async function* () {
    yield first.subarray(line.length)
    yield* { [Symbol.asyncIterator]: () => chunks }
  })()
  yield* isEncrypted && key ? decrypt(rest, key) : rest
}
