import { directionOf, languageOf } from '#platform/language.ts'
import { escapeXml } from '#platform/xml.ts'
import type { Block } from '../printing/printed-document.ts'

// What was written, as FHIR wants text (hl7.org/fhir/R4/narrative.html), and back: of what this house writes, itself.

/** Whatever it says, it is text: nothing of it becomes an element. Ends of lines stay as they came. */
export const written = (language: string, text: string): string =>
  `<div xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}" dir="${directionOf(languageOf(language) ?? 'en')}"><p>${escapeXml(text).replaceAll('\n', '<br/>\n')}</p></div>`

/** The same, to the letter. */
export const textOf = (div: string): string => unescaped(div.replace(/<[^>]*>/g, ''))

/** Paragraphs and lists. */
export function blocksOf(div: string): Block[] {
  const blocks: Block[] = []
  for (const [, element, inner = ''] of div.matchAll(/<(p|li)>(.*?)<\/\1>/gs)) {
    const text = textOf(inner.replace(/\n/g, '').replaceAll('<br/>', '\n'))
    const last = blocks.at(-1)
    if (element === 'p') blocks.push({ kind: 'paragraph', text })
    else if (last?.kind === 'list') blocks[blocks.length - 1] = { kind: 'list', items: [...last.items, text] }
    else blocks.push({ kind: 'list', items: [text] })
  }
  return blocks
}

const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#13': '\r' }

const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#13);/g, (escaped, name: string) => SIGNS[name] ?? escaped)
