import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { Problem } from '../errors.ts'

const unpack = promisify(inflateRaw)

/** What makes a PDF act when it is opened, ISO 32000-2 §12.6.4 and §13; a certificate needs none of it. */
const ACTIVE = /\/(JavaScript|Launch|SubmitForm|ImportData|EmbeddedFile|RichMedia|XFA)(?![A-Za-z0-9])/
/** Runs when the file, or a page of it, is opened. A list there names a page to begin at, and does nothing; a remark there is in nobody's interest. */
const OPENS = /\/(?:OpenAction|AA)[\s\0]*(?:<<|%|\d{1,10}[\s\0]+\d{1,10}[\s\0]+R)/
/** Leads out of the file. In a link that somebody follows it is in order. */
const LEADS_OUT = /\/(URI|GoToR|GoToE)(?![A-Za-z0-9])/
const MOST_UNPACKED = 100_000_000
const MOST_STREAMS = 5_000
const UNUSUAL = 'has objects packed in an unusual way'

const refused = (detail: string) =>
  new Problem('business-rule', `The PDF cannot be taken: it ${detail}. Print it into a new PDF, or send a picture.`, {
    errors: [{ pointer: '/body', detail }],
  })

/**
 * Refuses a PDF that could do something. It is looked through as it lies there and in whatever of it unpacks, since objects may be packed; names may be
 * written with numbers for letters (`/J#61vaScript`). What is encrypted, or objects packed in a way that is not looked into, cannot be judged. The file is
 * kept as it came: who made it stays in it, which whoever verifies a certificate may want to know.
 */
export async function checkDocument(content: Buffer): Promise<void> {
  const text = content.toString('latin1')
  if (/\/Encrypt(?![A-Za-z0-9])/.test(plain(text))) throw refused('is encrypted')
  const seen = { opens: false, leads: false }
  check(text, seen)
  let unpacked = 0
  let streams = 0
  for (const { index } of text.matchAll(/stream\r?\n/g)) {
    if (text.startsWith('end', index - 3)) continue
    if (++streams > MOST_STREAMS) throw refused('has too many parts')
    const objects = packsObjects(text.slice(Math.max(0, index - LONGEST_HEAD), index))
    const part = await unpackedAt(content, index + (text[index + 6] === '\r' ? 8 : 7), MOST_UNPACKED - unpacked)
    if (part === undefined && objects) throw refused(UNUSUAL)
    if (part === undefined) continue
    unpacked += part.length
    if (unpacked >= MOST_UNPACKED) throw refused('unpacks into too much')
    check(part.toString('latin1'), seen)
  }
}

/**
 * Past the two bytes of a head, to the end of what is packed, wherever the word that ends a stream stands: it may stand inside. Readers put up with a wrong
 * checksum, so none is asked for.
 */
const unpackedAt = (content: Buffer, begin: number, room: number): Promise<Buffer | undefined> =>
  unpack(content.subarray(begin + 2), {
    maxOutputLength: room,
    finishFlush: 2, // Z_SYNC_FLUSH: what is cut off is looked at as far as it goes
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw refused('unpacks into too much')
    return undefined // packed in another way: pictures and fonts
  })

/** Signs of what stands before a stream that are looked at. Such a head is some hundred signs long. */
const LONGEST_HEAD = 4_096

const ONLY_DEFLATED = /^[\s\0]*\[?[\s\0]*\/FlateDecode[\s\0]*\]?[\s\0]*(?:>>|\/(?!\w+Decode))/

/** Objects may be packed in the one way that is looked into, and not shifted against one another (a predictor). */
function packsObjects(before: string): boolean {
  const head = plain(before.slice(Math.max(0, before.lastIndexOf('obj'))))
  if (!/\/(?:ObjStm|First)(?![A-Za-z0-9])/.test(head)) return false
  const [, filter] = /\/Filter(?![A-Za-z0-9])(.*)/s.exec(head) ?? []
  const known = filter === undefined || ONLY_DEFLATED.test(filter)
  if (!known || /\/(?:DecodeParms|Predictor)(?![A-Za-z0-9])/.test(head)) throw refused(UNUSUAL)
  return filter !== undefined
}

const plain = (text: string) =>
  text.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

function check(text: string, seen: { opens: boolean; leads: boolean }): void {
  const read = plain(text)
  const found = ACTIVE.exec(read)
  if (found) throw refused(`has something in it that acts by itself (${found[1]})`)
  seen.opens ||= OPENS.test(read)
  seen.leads ||= LEADS_OUT.test(read)
  if (seen.opens && seen.leads) throw refused('may lead elsewhere when it is opened (OpenAction)')
}
