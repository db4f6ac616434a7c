import { directionOf, languageOf } from '#platform/language.ts'
import { escapeXml } from '#platform/xml.ts'
import type { Block } from '../printing/printed-document.ts'

// What was written, as FHIR wants text (hl7.org/fhir/R4/narrative.html), and back: of what this house writes, itself.

/** Whatever it says, it is text: nothing of it becomes an element. */
export const written = (language: string, text: string): string =>
  `<div xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}" dir="${directionOf(languageOf(language) ?? 'en')}"><p>${escapeXml(text).replace(/\r?\n/g, '<br/>')}</p></div>`

/** Paragraphs and lists. */
export function blocksOf(div: string): Block[] {
  const blocks: Block[] = []
  for (const [, element, inner = ''] of div.matchAll(/<(p|li)>(.*?)<\/\1>/gs)) {
    const text = unescaped(
      inner
        .replace(/\r?\n/g, '')
        .replaceAll('<br/>', '\n')
        .replace(/<[^>]*>/g, ''),
    )
    const last = blocks.at(-1)
    if (element === 'p') blocks.push({ kind: 'paragraph', text })
    else if (last?.kind === 'list') blocks[blocks.length - 1] = { kind: 'list', items: [...last.items, text] }
    else blocks.push({ kind: 'list', items: [text] })
  }
  return blocks
}

export const textOf = (div: string): string =>
  blocksOf(div)
    .flatMap((block) => (block.kind === 'paragraph' ? block.text : block.kind === 'list' ? block.items : []))
    .join('\n')

const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" }

const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (escaped, name: string) => SIGNS[name] ?? escaped)
