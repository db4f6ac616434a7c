import { createHash } from 'node:crypto'
import { escapeHtml } from '#platform/documents.ts'
import { en } from './words/en.ts'
import type { Words } from './words/words.ts'

// Pages behind links in messages: one file each, no script, nothing fetched from elsewhere.

/** Languages in which pages can be written. Another one is another file in words/. */
const catalogues: Readonly<Record<string, Words>> = { en }

/** The first language of Accept-Language that is there, else English. */
export function wordsFor(accepted: string | undefined): Words {
  for (const range of (accepted ?? '').slice(0, 200).split(',')) {
    const tag = (range.split(';')[0] ?? '').trim().toLowerCase()
    for (const known of [tag, tag.split('-')[0] ?? ''])
      if (Object.hasOwn(catalogues, known)) return catalogues[known] as Words
  }
  return en
}

const style = `body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
button{font:inherit;padding:.75rem 1.25rem;margin-top:1.5rem;border:2px solid #0b5c8a;background:#0b5c8a;color:#fff}
label{display:block;padding:.5rem 0}fieldset{border:1px solid #595959}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}`

/** The one style is named by its hash; a form may lead back here only. */
export const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`

const frame = (words: Words, title: string, body: string) => `<!doctype html>
<html lang="${words.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`

const paragraph = (text: string, role = '') => `<p${role && ` role="${role}"`}>${escapeHtml(text)}</p>`

/** A page that only says something. */
export const saying = (words: Words, title: string, text: string): string =>
  frame(words, title, paragraph(text, 'status'))

interface Asking {
  title: string
  ask: string
  button: string
  /** Of which one is to be chosen, where there is a choice. */
  times?: { value: string; label: string }[]
}

/** A form that sends itself to where it came from. */
export function asking(words: Words, { title, ask, button, times }: Asking): string {
  if (times?.length === 0) return frame(words, title, `${paragraph(ask)}${paragraph(words.noTimes, 'status')}`)
  const form = `<form method="post">${times ? choice(words, times) : ''}<button>${escapeHtml(button)}</button></form>`
  return frame(words, title, `${paragraph(ask)}${form}`)
}

function choice(words: Words, times: { value: string; label: string }[]): string {
  const options = times.map(
    ({ value, label }) =>
      `<label><input type="radio" name="start" value="${escapeHtml(value)}" required> ${escapeHtml(label)}</label>`,
  )
  return `<fieldset><legend>${escapeHtml(words.choose)}</legend>${options.join('')}</fieldset>`
}
