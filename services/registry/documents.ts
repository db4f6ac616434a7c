import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { Problem } from '#platform/errors.ts'

const unpack = promisify(inflate)

/** What makes a PDF act when it is opened, ISO 32000-2 §12.6.4 and §13; a certificate needs none of it. */
const ACTIVE = /\/(JavaScript|Launch|SubmitForm|ImportData|EmbeddedFile|RichMedia|XFA)(?![A-Za-z0-9])/
const MOST_UNPACKED = 100_000_000
const MOST_STREAMS = 5_000

const refused = (detail: string) =>
  new Problem('business-rule', `The PDF cannot be taken: it ${detail}. Print it into a new PDF, or send a picture.`, {
    errors: [{ pointer: '/body', detail }],
  })

/**
 * Refuses a PDF that could do something. It is looked through as it lies there and in whatever of it unpacks, since objects may be packed; names may be
 * written with numbers for letters (`/J#61vaScript`). What is encrypted cannot be looked into. The file is kept as it came: who made it stays in it, which
 * whoever verifies a certificate may want to know.
 */
export async function checkDocument(content: Buffer): Promise<void> {
  const text = content.toString('latin1')
  if (/\/Encrypt(?![A-Za-z0-9])/.test(plain(text))) throw refused('is encrypted')
  check(text)
  let unpacked = 0
  let streams = 0
  for (const { index } of text.matchAll(/stream\r?\n/g)) {
    if (text.startsWith('end', index - 3)) continue
    if (++streams > MOST_STREAMS) throw refused('has too many parts')
    const begin = index + (text[index + 6] === '\r' ? 8 : 7)
    const end = text.indexOf('endstream', begin)
    const part = await unpack(content.subarray(begin, end < 0 ? undefined : end), {
      maxOutputLength: MOST_UNPACKED - unpacked,
      finishFlush: 2, // Z_SYNC_FLUSH: what is cut off is looked at as far as it goes
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') throw refused('unpacks into too much')
      return undefined // packed in another way: pictures and fonts
    })
    if (part === undefined) continue
    unpacked += part.length
    if (unpacked >= MOST_UNPACKED) throw refused('unpacks into too much')
    check(part.toString('latin1'))
  }
}

const plain = (text: string) =>
  text.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

function check(text: string): void {
  const found = ACTIVE.exec(plain(text))
  if (found) throw refused(`has something in it that acts by itself (${found[1]})`)
}
