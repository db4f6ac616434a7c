import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { CompactSign } from 'jose'
import { languages } from '#platform/language.ts'
import { lacksBrowser, openBrowser, type Tab } from '../../../../tests/browser.ts'
import { issueCards } from '../../health-cards/card.ts'
import { qrText } from '../../health-cards/qr-code.ts'
import { amina, iss, measles, newSigner, now, penicillin } from '../../health-cards/testing.ts'
import { verifyCard } from '../../health-cards/verify-card.ts'
import { openPractice } from '../../testing.ts'
import { vaccination, written } from '../testing.ts'
import { catalogues } from '../words/catalogues.ts'
import { check, type Page } from './show.ts'
import { cardsIn, type Issuers, linesOf, statesIn, verdictOf } from './verify.ts'

const signer = await newSigner()
const stranger = await newSigner()
const issuers = [{ iss, keys: [signer.jwk] }]
const [{ cards }, byStranger, byOther] = await Promise.all([
  issueCards({ key: signer, iss, now, patient: amina, facts: [measles(), penicillin()] }),
  issueCards({ key: stranger, iss, now, patient: amina, facts: [measles()] }),
  issueCards({ key: signer, iss: 'https://other.example', now, patient: amina, facts: [measles()] }),
])
const card = cards[0] ?? ''
const [head = '', body = '', signature = ''] = card.split('.')
const signed = (content: Uint8Array, header: object = {}) =>
  new CompactSign(content)
    .setProtectedHeader({ zip: 'DEF', alg: 'ES256', kid: signer.kid, ...header })
    .sign(signer.privateKey)
const payload = { iss, nbf: now.getTime() / 1_000, vc: {} }

/** Each with what is the matter with it. */
const broken: Record<string, string> = {
  'of a stranger': byStranger.cards[0] ?? '',
  'of another issuer': byOther.cards[0] ?? '',
  'with another signature': `${head}.${body}.${signature.slice(0, -2)}${signature.endsWith('AA') ? 'BB' : 'AA'}`,
  'with another content': `${head}.${(byOther.cards[0] ?? '').split('.')[1]}.${signature}`,
  'which inflates without end': await signed(deflateRawSync(Buffer.alloc(5_000_000, 'x'))),
  'which is no card': await signed(deflateRawSync(JSON.stringify(payload))),
  'which is not deflated': await signed(Buffer.from('{}')),
  'of another form': await signed(deflateRawSync('{}'), { zip: 'GZ' }),
  'which is nothing': 'x.y.z',
}

describe('the check that the page does', () => {
  it('says of each card what the check of the house says', async () => {
    for (const [what, one] of Object.entries({ 'a good one': card, ...broken })) {
      const expected = await verifyCard(one, issuers, now)
      const { verdict } = await verdictOf(one, issuers as unknown as Issuers[], now.getTime())
      assert.equal(verdict, expected.verified ? 'valid' : expected.why, what)
    }
    const early = await verdictOf(card, issuers as unknown as Issuers[], now.getTime() - 1_000)
    assert.equal(early.verdict, 'not-yet-valid')
  })

  it('finds cards in a text, in what a QR code says and in a file', () => {
    assert.deepEqual(cardsIn(`\n${card}  ${card}\n`), [card, card])
    assert.deepEqual(cardsIn(qrText(card)), [card])
    assert.deepEqual(cardsIn(JSON.stringify({ verifiableCredential: [card] })), [card])
    for (const none of ['', ' ', '{', '{}', '{"verifiableCredential":1}']) assert.deepEqual(cardsIn(none), [])
  })

  it('says how many of a file it has not checked', async () => {
    const texts: string[] = []
    const node = () => ({
      set textContent(text: string) {
        texts.push(text)
      },
      append: () => undefined,
      setAttribute: () => undefined,
      replaceChildren: () => undefined,
    })
    const page = { documentElement: { lang: 'en' }, createElement: node, getElementById: node } as unknown as Page
    const known = { issuers: issuers as unknown as Issuers[], madeAt: '', words: catalogues, rightToLeft: [] }
    const checked = async (cards: number) => {
      texts.length = 0
      await check(page, JSON.stringify({ verifiableCredential: Array(cards).fill('x.y.z') }), known)
      return texts.filter((text) => text.startsWith('Not checked'))
    }
    assert.deepEqual(await checked(50), [])
    assert.deepEqual(await checked(52), ['Not checked: \u20682\u2069 more cards. Show fewer at once.'])
  })

  it('shows what a card says, whatever is in it', () => {
    assert.deepEqual(
      linesOf(measles()).map(({ value }) => value),
      [...['03 (http://hl7.org/fhir/sid/cvx)', '2029-11-12', 'AB-12', 'Lakeside Clinic']],
    )
    for (const odd of [{}, { name: 1 }, { name: [null] }, { vaccineCode: { coding: 'x' } }, { performer: [{}] }])
      assert.ok(Array.isArray(linesOf(odd)))
    assert.deepEqual(linesOf({ name: { text: '\u202egnp.exe\u0007' } }), [{ name: 'card.name', value: 'gnp.exe' }])
  })

  it('shows how it stands, by what the page has words for', () => {
    const concept = (code: string) => ({ coding: [{ code }] })
    assert.deepEqual(statesIn({ ...measles(), isSubpotent: true }), ['completed', 'isSubpotent'])
    assert.deepEqual(statesIn({ verificationStatus: concept('differential'), criticality: 'high' }), [
      'differential',
      'high',
    ])
    assert.deepEqual(statesIn({ status: 'on-hold', intent: 'order', doNotPerform: true }), [
      'on-hold',
      'order',
      'doNotPerform',
    ])
    for (const odd of [{}, { status: 1 }, { verificationStatus: [null] }, { clinicalStatus: { coding: 'x' } }])
      assert.ok(statesIn(odd).every((one) => typeof one === 'string'))
  })
})

const lacking = lacksBrowser()

describe('the page that checks cards, in a browser without a network', { skip: lacking ?? false }, async () => {
  const ward = await openPractice({ now: '2026-01-01T08:00:00Z' })
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-page-'))
  const browser = lacking ? undefined : await openBrowser()
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await ward[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  const { house, patient, doctor } = ward
  const name = '<img src=x onerror=alert(1)>\u202egnp.exe'
  await house.owner.query(`update platform.access_grant set valid_from = '2020-01-01Z'`)
  await written(doctor, vaccination(patient, { performer: [{ actor: { display: name } }], isSubpotent: true }))
  const [{ jws = '', qr = '' }] = (await patient.get(`/v1/patients/${patient.id}/health-cards`)).body.cards
  const { headers, body: html } = await house.anonymous.get('/verify')
  const file = join(folder, 'verify.html')
  writeFileSync(file, html)

  const opened = async (): Promise<Tab> => {
    const tab = await browser?.open(pathToFileURL(file).href)
    assert.ok(tab)
    return tab
  }
  const checked = (tab: Tab, text: string) =>
    tab.ask<string>(
      `(async () => { document.getElementById('text').value = ${JSON.stringify(text)}; document.getElementById('check').click();
        const verdict = document.getElementById('verdict');
        const old = verdict.firstChild;
        while (verdict.firstChild === old) await new Promise((next) => setTimeout(next, 5));
        return verdict.innerText })()`,
    )

  it('is one file, which may load nothing and send nothing', () => {
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; form-action 'none'/)
    assert.doesNotMatch(policy, /unsafe|connect-src|img-src/)
    assert.doesNotMatch(html, /\bsrc=|<link|@import|url\(/)
    assert.ok(html.length < 60_000, `${html.length}`)
  })

  it('believes a card of the house, from a disk: as text, as the code says it, and as a file', async () => {
    const tab = await opened()
    for (const text of [jws, qr, JSON.stringify({ verifiableCredential: [jws] })]) {
      const said = await checked(tab, text)
      assert.match(said, /Valid\. It says what .*openhcs\.test.* said on .*1 January 2026/)
      assert.match(said, /Saba Tesfaye/)
      assert.match(said, /a dose that is too weak to count/)
      assert.match(said, /05 \(http:\/\/hl7\.org\/fhir\/sid\/cvx\)/)
    }
    assert.deepEqual(
      tab.asked.filter((url) => !url.startsWith('file:')),
      [],
    )
    assert.deepEqual(tab.complaints, [])
  })

  it('shows one that was changed, or is of a stranger, as not valid, and nothing of what it says', async () => {
    const tab = await opened()
    const [first = '', content = '', last = ''] = jws.split('.')
    const changed = `${first}.${content}.${last.startsWith('A') ? 'B' : 'A'}${last.slice(1)}`
    assert.match(await checked(tab, changed), /^Not valid: it has been changed/)
    assert.match(await checked(tab, broken['of a stranger'] ?? ''), /^Not valid here/)
    assert.match(await checked(tab, 'nonsense'), /^This is no health card/)
    assert.equal(await tab.ask(`document.querySelectorAll('dl').length`), 0)
  })

  it('shows a name that is made to do something as a name', async () => {
    const tab = await opened()
    const said = await checked(tab, jws)
    assert.match(said, /<img src=x onerror=alert\(1\)>gnp\.exe/)
    assert.doesNotMatch(said, /\u202e/)
    assert.equal(await tab.ask(`document.querySelectorAll('#verdict img').length`), 0)
    assert.deepEqual(tab.complaints, [])
  })

  it('speaks each language, from right to left too, and says what it is to whoever does not see it', async () => {
    const tab = await opened()
    for (const language of languages) {
      await tab.ask(
        `(() => { const one = document.getElementById('language'); one.value = '${language}'; one.dispatchEvent(new Event('change')) })()`,
      )
      const [lang, dir, title] = await tab.ask<string[]>(
        `[document.documentElement.lang, document.documentElement.dir, document.title]`,
      )
      assert.deepEqual(
        [lang, dir, title],
        [language, language === 'ar' ? 'rtl' : 'ltr', catalogues[language]['page.title']],
      )
      const verdict = catalogues[language]['verdict.valid'].slice(0, 3)
      assert.ok((await checked(tab, jws)).startsWith(verdict), language)
    }
    const { nodes } = (await tab.send('Accessibility.getFullAXTree')) as {
      nodes: { role?: { value: string }; name?: { value: string }; ignored: boolean }[]
    }
    const controls = nodes.filter(
      ({ role, ignored }) => !ignored && /textbox|button|combobox|listbox/i.test(role?.value ?? ''),
    )
    assert.ok(controls.length >= 3)
    for (const { role, name: called } of controls) assert.ok(called?.value, `a ${role?.value} without a name`)
    assert.equal(await tab.ask(`document.getElementById('verdict').getAttribute('role')`), 'status')
  })
})
