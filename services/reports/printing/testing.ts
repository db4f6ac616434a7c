import { createCanvas } from '@napi-rs/canvas'
import jsQR from 'jsqr'
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs'

// PDFs as somebody else has them: what a screen shows, and what whoever does not see it is told.

type File = Awaited<ReturnType<typeof pdfjs.getDocument>['promise']>
type Page = Awaited<ReturnType<File['getPage']>>

export const opened = async (pdf: Buffer): Promise<File> =>
  pdfjs.getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise

export const pagesOf = (file: File): Promise<Page[]> =>
  Promise.all(Array.from({ length: file.numPages }, (_, n) => file.getPage(n + 1)))

/** What a QR code on a page says, once the page is drawn. */
export async function codeOn(page: Page): Promise<string | undefined> {
  const viewport = page.getViewport({ scale: 4 })
  const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height))
  const canvasContext = canvas.getContext('2d') as unknown as CanvasRenderingContext2D
  await page.render({ canvas: null, canvasContext, viewport }).promise
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return (jsQR as unknown as typeof jsQR.default)(new Uint8ClampedArray(data), canvas.width, canvas.height)?.data
}

/** An element of the tree of tags, or what is drawn of it. */
interface Tag {
  role?: string
  type?: string
  id?: string
  alt?: string
  lang?: string
  scope?: string
  children?: Tag[]
}

interface Told {
  faults: string[]
  /** All that is read aloud, in the order of the tags. */
  text: string
  /** Each heading with its level. */
  headings: string[]
  /** What is in another language than the document, as its tags say. */
  languages: string[]
}

/** What ISO 14289-1 (PDF/UA-1) asks of a file that a program can look at: what is missing, and what it tells whoever does not see it. */
export async function toldBy(pdf: Buffer): Promise<Told> {
  const file = await opened(pdf)
  const told: Told = { faults: await headFaults(file), text: '', headings: [], languages: [] }
  for (const page of await pagesOf(file)) {
    const { drawn, loose } = await drawnOn(page)
    if (loose !== '') told.faults.push(`without a tag: ${loose}`)
    const tree = (await page.getStructTree()) as unknown as Tag | null
    const spoken: string[] = []
    if (tree) tell(tree, drawn, { ...told, spoken })
    told.text += `${spoken.join(' ')} `
    for (const [id, text] of drawn) if (text.trim() !== '') told.faults.push(`in no tag of the tree: ${id} ${text}`)
  }
  for (const [n, heading] of told.headings.entries())
    if (levelOf(heading) > levelOf(told.headings[n - 1] ?? '') + 1) told.faults.push(`leaves out a level: ${heading}`)
  return { ...told, text: told.text.replace(/\s+/g, ' ') }
}

async function headFaults(file: File): Promise<string[]> {
  const { info, metadata } = await file.getMetadata()
  const { Title, Language } = info as { Title?: string; Language?: string }
  const [preferences, mark] = (await Promise.all([
    file.getViewerPreferences(),
    file.getMarkInfo(),
  ])) as unknown as (ReadonlyMap<string, unknown> | null)[]
  const wanted: [string, boolean][] = [
    ['a title', Boolean(Title)],
    ['a language', Boolean(Language)],
    ['its title in the window', preferences?.get('DisplayDocTitle') === true],
    ['tags', mark?.get('Marked') === true],
    ['the mark of PDF/UA-1', String(metadata?.get('pdfuaid:part')) === '1'],
  ]
  return wanted.flatMap(([what, has]) => (has ? [] : [`has not ${what}`]))
}

/** What is drawn, by the name under which tags have it; and what has none, and is no decoration either. */
async function drawnOn(page: Page): Promise<{ drawn: Map<string, string>; loose: string }> {
  const drawn = new Map<string, string>()
  const within: (string | undefined)[] = []
  let loose = ''
  for (const item of (await page.getTextContent({ includeMarkedContent: true })).items) {
    if ('str' in item) {
      const id = within.findLast((one) => one !== undefined)
      if (id === undefined) loose += item.str.trim()
      else if (id !== 'Artifact') drawn.set(id, `${drawn.get(id) ?? ''}${item.str}`)
    } else if (item.type === 'endMarkedContent') within.pop()
    else {
      const { id, tag } = item as { id?: string; tag?: string }
      within.push(id ?? (tag === 'Artifact' ? tag : undefined))
    }
  }
  return { drawn, loose }
}

const levelOf = (heading: string): number => Number(/^H(\d)/.exec(heading)?.[1] ?? 0)

function tell(tag: Tag, drawn: Map<string, string>, told: Omit<Told, 'text'> & { spoken: string[] }): string {
  if (tag.type === 'content') {
    const text = drawn.get(tag.id ?? '') ?? ''
    drawn.delete(tag.id ?? '')
    told.spoken.push(text)
    return text
  }
  if (tag.lang) told.languages.push(tag.lang)
  told.faults.push(...shapeFaults(tag))
  if (tag.alt) told.spoken.push(tag.alt)
  const text = (tag.children ?? []).map((child) => tell(child, drawn, told)).join('')
  if (/^H\d$/.test(tag.role ?? '')) told.headings.push(`${tag.role} ${text}`)
  return text
}

const rolesIn = ({ children = [] }: Tag): string[] => children.flatMap(({ role }) => role ?? [])

function shapeFaults(tag: Tag): string[] {
  const { role = '', alt, scope } = tag
  const only = (...roles: string[]) => rolesIn(tag).filter((one) => !roles.includes(one))
  if (role === 'Figure' && !alt) return ['a picture without words']
  if (role === 'TH' && !scope) return ['a head of a table that does not say of what']
  if (role === 'L') return only('LI', 'Caption').map((one) => `${one} in a list`)
  if (role === 'LI') return only('Lbl', 'LBody').map((one) => `${one} in an item of a list`)
  if (role === 'TR') return only('TH', 'TD').map((one) => `${one} in a row`)
  if (role === 'Table') {
    const sizes = new Set(rowsIn(tag).map((row) => rolesIn(row).length))
    return sizes.size > 1 ? ['rows of a table that are not as long as one another'] : []
  }
  return []
}

const rowsIn = ({ children = [] }: Tag): Tag[] => children.flatMap((one) => (one.role === 'TR' ? [one] : rowsIn(one)))
