import { escapeHtml } from '#platform/documents.ts'
import { directionOf, languageOf } from '#platform/language.ts'
import { phrase } from '../render.ts'

/** A mail, as text and as the same text in HTML, which knows its language and which way it runs. */
export function bodyOf(text: string, language: string, url: string): { text: string; html: string } {
  const footer = phrase('footer.mail', language, { url })
  return { text: `${text}\n\n-- \n${footer}\n`, html: htmlOf(text, footer, language, url) }
}

const STYLE = 'font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:1rem'

/** Everything is escaped, and nothing is a link but a line that is an address of this house: what people chose for a name is neither. */
function htmlOf(text: string, footer: string, tag: string, url: string): string {
  const language = languageOf(tag) ?? 'en'
  const body = text
    .split('\n\n')
    .map((paragraph) => `<p>${linesOf(paragraph, url)}</p>`)
    .join('')
  return `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"></head><body style="${STYLE}">${body}<hr><p>${linesOf(footer, url)}</p></body></html>`
}

const linesOf = (paragraph: string, url: string): string =>
  paragraph
    .split('\n')
    .map((line) => (isOurs(line, url) ? linkTo(line) : escapeHtml(line)))
    .join('<br>')

const isOurs = (line: string, url: string) => (line === url || line.startsWith(`${url}/`)) && !/\s/.test(line)

/** An address runs from left to right in every language. */
const linkTo = (address: string) =>
  `<a href="${escapeHtml(address)}" dir="ltr" style="overflow-wrap:anywhere">${escapeHtml(address)}</a>`
