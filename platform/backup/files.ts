import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, opendir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { damaged, type FileEnds, type Frame } from './format.ts'

/** Keys of the file store (platform/files.ts), which are the SHA-256 of what they name. */
async function* keysIn(folder: string): AsyncGenerator<string> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => /^[0-9a-f]{2}$/.test(one)).sort())
    for await (const { name: key } of await opendir(join(folder, name))) if (/^[0-9a-f]{64}$/.test(key)) yield key
}

/** Every file: files are added and never changed, so all that a snapshot of the database names are there when it was taken before. */
export async function* framesOfFiles(folder: string): AsyncGenerator<Frame> {
  for await (const key of keysIn(folder)) {
    yield { is: 'file', key }
    const digest = createHash('sha256')
    let bytes = 0
    for await (const chunk of createReadStream(join(folder, key.slice(0, 2), key), { highWaterMark: 262_144 })) {
      digest.update(chunk)
      bytes += chunk.length
      yield chunk
    }
    yield { is: 'file end', key, bytes, sha256: digest.digest('hex') }
  }
}

/** Where files wait until the database that names them is whole. */
export class FileDrafts {
  readonly #folder: string
  readonly #drafts: string
  #key = ''
  #file: Awaited<ReturnType<typeof open>> | undefined

  /** `folder`: that of the file store. */
  constructor(folder: string) {
    this.#folder = folder
    this.#drafts = `${folder}.restoring`
  }

  async begin(key: string): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(key)) throw damaged('a file has an impossible name')
    this.#key = key
    await mkdir(join(this.#drafts, key.slice(0, 2)), { recursive: true, mode: 0o700 })
    this.#file = await open(join(this.#drafts, key.slice(0, 2), key), 'w', 0o600)
  }

  async write(chunk: Buffer): Promise<void> {
    await this.#file?.writeFile(chunk)
  }

  async end({ key }: FileEnds): Promise<void> {
    if (key !== this.#key) throw damaged('its files are mixed up')
    await this.#file?.sync()
    await this.#file?.close()
    this.#file = undefined
  }

  /** Into the store. One that is there already has the same content, since its name says so. */
  async publish(): Promise<void> {
    for await (const key of keysIn(this.#drafts)) {
      await mkdir(join(this.#folder, key.slice(0, 2)), { recursive: true, mode: 0o700 })
      await rename(join(this.#drafts, key.slice(0, 2), key), join(this.#folder, key.slice(0, 2), key))
    }
    await this.discard()
  }

  async discard(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    await rm(this.#drafts, { recursive: true, force: true })
  }
}
