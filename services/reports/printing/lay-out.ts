import { directionOf, languageOf, localeOf } from '#platform/language.ts'
import { dayIn, formatMessage, timeIn } from '#platform/message-format.ts'
import { cleanText, cleanWithin } from './clean-text.ts'
import type { Block, PrintedDocument, Term } from './printed-document.ts'
import { type CodeImage, imageOf } from './qr-code.ts'
import { catalogues } from './words/catalogues.ts'

/** A document with every word that is on paper, as all of HTML, A4 and a receipt show it. JSON: document.typ reads it. */
export interface Layout {
  id: string
  /** For shaping and for whoever reads it aloud. */
  language: string
  direction: 'ltr' | 'rtl'
  title: string
  about: { name: string; facts: Term[] }
  /** On each page but the first: of whom it is, and what. */
  reminder: string
  running: string
  issued: { by: string[]; facts: Term[]; organisation: string[]; line: string }
  warnings: { title: string; text: string }[]
  amended: { title: string; text: string } | null
  sections: { heading: string; isWarning: boolean; written: Written; blocks: Block[] }[]
  signed: string[]
  code: CodeImage | null
  /** Around `{page}` and `{pages}`. */
  page: string
}

/** In which language the blocks of a section are. */
interface Written {
  language: string
  direction: 'ltr' | 'rtl'
}

export function layOut(document: PrintedDocument): Layout {
  expectWhole(document)
  const { language: tag, about, issued, amends, code, warnings = [] } = document
  const language = languageOf(tag) ?? 'en'
  const words = catalogues[language]
  const within = (text: string) => cleanWithin(text, tag)
  const say = (message: string, values: Record<string, string | number>) => formatMessage(message, tag, values)
  const when = timeIn(tag, issued.zone, issued.at)
  const term = (one: Term): Term => ({ term: within(one.term), value: within(one.value) })
  const born = about.born === undefined ? [] : [{ term: words.born, value: within(dateIn(tag, about.born)) }]
  const facts = [...born, ...(about.facts ?? []).map(term)]
  const by = issued.by.map(within)
  return {
    ...{ id: `${cleanText(document.id)} · ${say(words.version, { version: document.version })}`, language },
    ...{ direction: directionOf(language), title: within(document.title) },
    about: { name: within(about.name), facts },
    running: within(shortened(document.title)),
    warnings: warnings.map(({ title, text = '' }) => ({ title: within(title), text: within(text) })),
    reminder: [
      ...warnings.map(({ title }) => within(shortened(title))),
      within(shortened(about.name)),
      ...born.map((one) => `${one.term}: ${one.value}`),
    ].join(' · '),
    issued: {
      by,
      facts: [...by.map((value) => ({ term: words.issuedBy, value })), { term: words.issuedOn, value: when }],
      organisation: (issued.organisation ?? []).map(within),
      line: say(words.issued, { when }),
    },
    amended: amends
      ? { title: say(words.amended, { when: timeIn(tag, issued.zone, amends.at) }), text: within(amends.reason) }
      : null,
    sections: document.sections.map(({ heading, isWarning = false, blocks, language: own = tag }) => ({
      ...{ heading: within(heading), isWarning, written: writtenIn(own) },
      blocks: blocks.map((one) => cleaned(one, (text) => cleanWithin(text, own))),
    })),
    signed: (document.signed ?? []).map(within),
    code: code ? imageOf({ ...code, alt: cleanText(code.alt), caption: within(code.caption) }) : null,
    page: say(words.page, { page: '{page}', pages: '{pages}' }),
  }
}

/** A language that nobody here writes is told as it is, and runs from the left. */
function writtenIn(tag: string): Written {
  const known = languageOf(tag)
  return { language: known ?? (/^[a-z]{2,3}/.exec(tag)?.[0] as string), direction: known ? directionOf(known) : 'ltr' }
}

function cleaned(block: Block, within: (text: string) => string): Block {
  switch (block.kind) {
    case 'list':
      return { kind: 'list', items: block.items.map(within) }
    case 'terms':
      return {
        kind: 'terms',
        terms: block.terms.map(({ term, value }) => ({ term: within(term), value: within(value) })),
      }
    case 'table':
      return { kind: 'table', columns: block.columns.map(within), rows: block.rows.map((row) => row.map(within)) }
    default:
      return { kind: block.kind, text: within(block.text) }
  }
}

/** A day as people write it; a year or a month as it is known (hl7.org/fhir/R4/datatypes.html#date), and what is no date as it was said. */
export function dateIn(tag: string, date: string): string {
  const at = /^\d{4}-\d\d(-\d\d)?$/.test(date) ? new Date(date) : undefined
  if (at === undefined || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(date)) return date
  return date.length === 10 ? dayIn(tag, 'UTC', at) : monthIn(tag, at)
}

const monthIn = (tag: string, at: Date) =>
  new Intl.DateTimeFormat(localeOf(tag), {
    calendar: 'gregory',
    timeZone: 'UTC',
    month: 'long',
    year: 'numeric',
  }).format(at)

/** Beside what else stands at the head of a page. */
const shortened = (text: string) => ([...text].length > LONGEST ? `${[...text].slice(0, LONGEST - 1).join('')}…` : text)
const LONGEST = 40

/** What Typst, or whoever reads it aloud, cannot do without. Whoever composes a document sees to it: nothing is left out or moved silently. */
function expectWhole({ title, sections }: PrintedDocument): void {
  if (cleanText(title).trim() === '') throw new Error('A printed document needs a title')
  for (const { heading, blocks } of sections) {
    if (cleanText(heading).trim() === '') throw new Error('A section needs a heading')
    for (const block of blocks)
      if (
        block.kind === 'table' &&
        (block.columns.length === 0 || block.rows.some((row) => row.length !== block.columns.length))
      )
        throw new Error('A table needs as many cells in each row as it has columns')
  }
}
