import { createHash } from 'node:crypto'
import { escapeHtml } from '#platform/documents.ts'
import { directionOf, type Language } from '#platform/language.ts'
import { formatMessage, timeIn, zoneIn } from '#platform/message-format.ts'
import type { Deed } from './token.ts'
import { catalogues } from './words/catalogues.ts'
import type { Phrase } from './words/words.ts'

// Pages behind links in messages: one file each, no script, nothing fetched from elsewhere.

/** Something on a page, in the language of the page. */
export const say = (language: Language, phrase: Phrase, values: { when?: string } = {}): string =>
  formatMessage(catalogues[language][phrase], language, values)

/** By the clock where it is, and whose that is. */
export const timeOf = (language: Language, at: Date, zone: string): string =>
  formatMessage(catalogues[language].when, language, {
    time: timeIn(language, zone, at),
    zone: zoneIn(language, zone, at),
  })

/** What a link does, in words. */
export const wordsOf = (language: Language, action: Deed, when: string) => ({
  title: say(language, `${action}.title`),
  ask: say(language, `${action}.ask`, { when }),
  button: say(language, `${action}.button`),
  done: say(language, `${action}.done`, { when }),
})

const style = `body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
button{font:inherit;padding:.75rem 1.25rem;margin-top:1.5rem;border:2px solid #0b5c8a;background:#0b5c8a;color:#fff}
label,li a{display:block;padding:.5rem 0}fieldset{border:1px solid #595959}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}`

/** The one style is named by its hash; a form may lead back here only. */
export const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`

const frame = (language: Language, title: string, body: string) => `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`

const paragraph = (text: string, role = '') => `<p${role && ` role="${role}"`}>${escapeHtml(text)}</p>`

/** A page that only says something. */
export const saying = (language: Language, title: string, text: string): string =>
  frame(language, title, paragraph(text, 'status'))

/** Why something was refused, and whom to call, in the words of those who give the visit. */
export const refusing = (language: Language, why: Phrase, contact: string): string =>
  frame(
    language,
    say(language, 'failed.title'),
    `${paragraph(say(language, why), 'status')}${contact && aside(contact)}`,
  )

/** In a language that nobody has told us. */
const aside = (text: string) => `<p dir="auto">${escapeHtml(text)}</p>`

interface Asking {
  title: string
  ask: string
  button: string
  /** Of which one is to be chosen, where there is a choice. */
  times?: { value: string; label: string }[]
}

/** Links to what can be done, each to the page that asks for it. */
export function choosing(language: Language, when: string, links: readonly { action: Deed; url: string }[]): string {
  const offered = links.some(({ action }) => action === 'accept')
  const items = links.map(
    ({ action, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(say(language, `${action}.title`))}</a></li>`,
  )
  const ask = paragraph(say(language, offered ? 'accept.ask' : 'confirm.ask', { when }))
  return frame(language, say(language, 'choice.title'), `${ask}<ul>${items.join('')}</ul>`)
}

/** A form that sends itself to where it came from. */
export function asking(language: Language, { title, ask, button, times }: Asking): string {
  if (times?.length === 0)
    return frame(language, title, `${paragraph(ask)}${paragraph(say(language, 'no-times'), 'status')}`)
  const form = `<form method="post">${times ? choice(language, times) : ''}<button>${escapeHtml(button)}</button></form>`
  return frame(language, title, `${paragraph(ask)}${form}`)
}

function choice(language: Language, times: { value: string; label: string }[]): string {
  const options = times.map(
    ({ value, label }) =>
      `<label><input type="radio" name="start" value="${escapeHtml(value)}" required> ${escapeHtml(label)}</label>`,
  )
  return `<fieldset><legend>${escapeHtml(say(language, 'choose'))}</legend>${options.join('')}</fieldset>`
}
