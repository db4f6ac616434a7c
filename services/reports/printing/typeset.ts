import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler'
import { coverageOf } from './font-coverage.ts'
import type { Paper } from './printed-document.ts'

// A thread that makes PDFs: 10 ms of one core for two pages, in which nobody else is answered by it. Typst sees its template, the fonts that come with the house
// and the text of the document, and nothing of the machine.

export interface Order {
  id: number
  /** A `Layout` as JSON: a string costs the thread that sends it least. */
  layout: string
  paper: Paper
}
export type Made = { id: number; pdf: Uint8Array } | { id: number; fault: string }

const require = createRequire(import.meta.url)
/** Of Latin, Greek and Cyrillic, of Arabic, and of Devanagari. */
const FONTS = [
  require.resolve('@expo-google-fonts/noto-sans/package.json'),
  require.resolve('@expo-google-fonts/noto-sans-arabic/package.json'),
  require.resolve('@expo-google-fonts/noto-sans-devanagari/package.json'),
]
const FACES = ['400Regular', '700Bold']

/** `…/noto-sans/400Regular/NotoSans_400Regular.ttf` */
function fontsOf(manifest: string): Buffer[] {
  const folder = dirname(manifest)
  const family = basename(folder)
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
  return FACES.map((face) => readFileSync(join(folder, face, `${family}_${face}.ttf`)))
}

const template = readFileSync(new URL('./document.typ', import.meta.url), 'utf8')
/** Where a template could read files from: what lies here is in the sources for all to read. */
const workspace = fileURLToPath(new URL('.', import.meta.url))
const fonts = FONTS.map(fontsOf)
const compiler = NodeCompiler.create({ workspace, fontArgs: [{ fontBlobs: fonts.flat() }] })
/** In both faces, which have the same characters. */
const shown = new Set(fonts.flatMap(([regular]) => [...(regular ? coverageOf(regular) : [])]))
/** Signs that make lines, words and direction, and are not shown. */
const SIGNS: ReadonlySet<string> = new Set('\n\u200c\u200d\u2066\u2067\u2068\u2069')

/** What no font has stands as a sign that says so: a name in a script that is not here is not silently shortened. */
const displayable = (text: string): string =>
  text.replace(/[^\u0020-\u007e]/gu, (one) =>
    shown.has(one.codePointAt(0) ?? 0) || SIGNS.has(one) ? one : REPLACEMENT,
  )
const REPLACEMENT = '\ufffd'

function typeset({ layout, paper }: Order): Uint8Array {
  const source = { mainFileContent: template, inputs: { document: displayable(layout), paper } }
  try {
    // In one step: the half megabyte of a document that JavaScript holds is freed only when its heap is collected, which is hundreds of documents later.
    return compiler.pdf(source, { pdfStandard: 'ua-1' })
  } catch (error) {
    throw new Error(faultOf(source) ?? (error as Error).message)
  } finally {
    // What it keeps of one document is of no use to the next, and would be kept for ever.
    compiler.evictCache(0)
  }
}

/** What is wrong with the template, which it does not say in one step. */
function faultOf(source: Parameters<NodeCompiler['compile']>[0]): string | undefined {
  const error = compiler.compile(source).takeError()
  return error ? JSON.stringify(compiler.fetchDiagnostics(error)).slice(0, 500) : undefined
}

parentPort?.on('message', (order: Order) => {
  try {
    const pdf = typeset(order)
    parentPort?.postMessage({ id: order.id, pdf } satisfies Made)
  } catch (error) {
    parentPort?.postMessage({ id: order.id, fault: (error as Error).message } satisfies Made)
  }
})
