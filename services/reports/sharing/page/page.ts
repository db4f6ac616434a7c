import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { STATES } from '#fhir/documents/narrative.ts'
import { words } from '#fhir/documents/words.ts'
import { escapeHtml } from '#platform/documents.ts'
import { directionOf, type Language, languages } from '#platform/language.ts'
import type { Ground } from '#platform/service.ts'
import { publishedKeys } from '#platform/signing/keys.ts'
import type { ReportsTables } from '../../tables.ts'
import { PAGE_URL } from '../addresses.ts'
import { catalogues } from '../words/catalogues.ts'
import type { Facts } from './show.ts'
import * as show from './show.ts'
import * as verify from './verify.ts'

// The page that checks health cards: one file, which asks nobody for anything, also when it was saved and is opened from a disk. It knows the keys that the house
// had when it was made.

const script = `'use strict';
${[...Object.values(verify), ...Object.values(show)].map(String).join('\n')}
start(document, navigator, JSON.parse(document.getElementById('facts').textContent))`

const style = `body{font:1.125rem/1.5 "Noto Sans",system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}
textarea,video{box-sizing:border-box;width:100%;font:1rem/1.4 monospace}button,select,input{font:inherit}
button{padding:.6rem 1.1rem;margin:.6rem 0;border:2px solid #0b5c8a;background:#0b5c8a;color:#fff}label{display:block;margin-top:.8rem}
section{border:3px solid #a30000;padding:0 1rem;margin:1rem 0}section.valid{border-color:#1e6b2e}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}[hidden]{display:none}`

const sourceOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Also within the page, for whoever saves it. */
const policy = `default-src 'none'; script-src ${sourceOf(script)}; style-src ${sourceOf(style)}; form-action 'none'; base-uri 'none'`

const options = languages
  .map((one) => {
    const name = new Intl.DisplayNames(one, { type: 'language' }).of(one) ?? one
    return `<option value="${one}" lang="${one}" dir="${directionOf(one)}">${escapeHtml(name)}</option>`
  })
  .join('')

const says = (phrase: string) => `data-say="${phrase}"`

/** With how things stand, by the codes of FHIR. */
const saidIn = (language: Language): Facts['words'][string] => {
  const { highRisk, notToTake, subpotent, ...of } = words[language]
  const states = Object.entries(STATES).map(([code, word]) => [`state.${code}`, { ...of, subpotent }[word]])
  return {
    ...{ ...catalogues[language], ...Object.fromEntries(states), 'state.high': highRisk },
    ...{ 'state.isSubpotent': subpotent, 'state.doNotPerform': notToTake },
  }
}
const said = Object.fromEntries(languages.map((language) => [language, saidIn(language)]))

/** `<` would end what it is in. */
const data = (facts: Facts) => JSON.stringify(facts).replace(/</g, '\\u003c')

const pageOf = (facts: Facts) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(catalogues.en['page.title'])}</title><style>${style}</style></head>
<body><main><h1 ${says('page.title')}></h1>
<label><span ${says('page.language')}></span> <select id="language">${options}</select></label>
<p ${says('page.lead')}></p>
<button id="scan" type="button" ${says('page.scan')} hidden></button><button id="stop" type="button" ${says('page.stop')} hidden></button>
<video id="video" muted playsinline hidden></video><p id="no-camera" ${says('page.no-camera')} hidden></p>
<label><span ${says('page.text')}></span><textarea id="text" rows="5" dir="ltr" spellcheck="false" autocomplete="off"></textarea></label>
<button id="check" type="button" ${says('page.check')}></button>
<label><span ${says('page.file')}></span> <input id="file" type="file" accept=".smart-health-card,.txt,application/smart-health-card,text/plain"></label>
<div id="verdict" role="status" aria-live="polite"></div>
<footer><p ${says('page.keys')}></p></footer></main>
<script type="application/json" id="facts">${data(facts)}</script>
<script>${script}</script></body></html>
`

export async function mountPage(app: FastifyInstance, ground: Ground<ReportsTables>): Promise<void> {
  const rightToLeft = languages.filter((one) => directionOf(one) === 'rtl')
  app.get(PAGE_URL, { config: { operation: 'readVerifyPage' } }, async (request, reply) => {
    const { db, config, now } = ground.context({
      ...{ actor: { kind: 'nobody', roles: [], self: {} }, traceId: request.id, doing: 'readVerifyPage' },
      log: request.log,
    })
    const keys = (await publishedKeys(db)).map(({ kid, x, y }) => ({ kid, x, y }))
    const page = pageOf({
      issuers: [{ iss: config.PUBLIC_URL, keys }],
      ...{ madeAt: now().toISOString(), words: said, rightToLeft },
    })
    return reply
      .headers({
        'cache-control': 'public, max-age=300',
        'referrer-policy': 'no-referrer',
        'permissions-policy': 'camera=(self)',
        'content-security-policy': `${policy}; frame-ancestors 'none'`,
      })
      .type('text/html; charset=utf-8')
      .send(page)
  })
}
