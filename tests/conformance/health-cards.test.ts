import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SHCReader } from 'kill-the-clipboard'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { signingKey } from '#platform/signing/keys.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { everything } from '#services.ts'
import { issueCards } from '../../services/reports/health-cards/card.ts'
import { linkIn } from '../../services/reports/health-cards/link.ts'
import { decryptFile } from '../../services/reports/health-cards/link-files.ts'
import { cardIn } from '../../services/reports/health-cards/qr-code.ts'
import { amina, measles } from '../../services/reports/health-cards/testing.ts'
import { verifyCard } from '../../services/reports/health-cards/verify-card.ts'

// Strangers check our cards, and we check theirs. Cards and files that are broken in about forty ways, none of which is part of this repository
// (testdata/ of github.com/microsoft/health-cards-validation-SDK), are taken from the folder that HEALTH_CARDS_FOLDER names, where jwks.json is what
// https://spec.smarthealth.cards/examples/issuer/.well-known/jwks.json says:
// HEALTH_CARDS_FOLDER=… node scripts/check.ts tests/conformance/health-cards.test.ts

const folder = process.env.HEALTH_CARDS_FOLDER

describe('health cards of the house', () => {
  let house: TestHouse
  let iss: string
  before(async () => {
    house = await openTestHouse(everything)
    iss = await house.app.listen({ host: '127.0.0.1', port: 0 })
  })
  after(() => house[Symbol.asyncDispose]())

  it('are verified by a stranger who knows nothing but the card, also after another key signs', async () => {
    const ctx = house.house.context('records', { actor: system, traceId: newId(), doing: 'test' })
    const issued = () =>
      transact(ctx, async (tx) =>
        issueCards({ key: await signingKey(tx), iss, now: tx.now(), patient: amina, facts: [measles()] }),
      )
    const reader = new SHCReader({})
    const { cards } = await issued()
    await house.owner.query('update platform.signing_key set wrapped = null, retired_at = now()')
    for (const card of [...cards, ...(await issued()).cards]) {
      const bundle = await (await reader.fromJWS(card)).asBundle()
      assert.equal(bundle.entry?.length, 2)
    }
    await house.owner.query('update platform.signing_key set withdrawn_at = now() where retired_at is not null')
    await assert.rejects(reader.fromJWS(cards[0] ?? ''), 'of a key that was withdrawn')
  })
})

/** What each file is, where it is not `true`: a card that is believed. */
const BROKEN: Record<string, string> = {
  'd-jws-der-signature-r-neg': 'malformed',
  'd-jws-der-signature-rs-neg': 'malformed',
  'd-jws-der-signature-s-neg': 'malformed',
  'd-jws-der-signature': 'malformed',
  'd-jws-invalid-signature': 'altered',
  'd-jws-issuer-kid-mismatch': 'unknown-key',
  'd-jws-issuer-not-valid-with-smart-key': 'wrong-issuer',
  'd-jws-jws_too_long': 'malformed',
  'd-jws-no_deflate': 'malformed',
  'd-jws-no_jws_header_alg': 'malformed',
  'd-jws-no_jws_header_kid': 'malformed',
  'd-jws-no_jws_header_zip': 'malformed',
  'd-jws-utf8_bom_prefix': 'malformed',
  'd-jws-wrong_jws_header_kid': 'unknown-key',
  'e-file-bad_jwks': 'wrong-issuer',
  'e-file-invalid_deflate': 'malformed',
  'e-file-invalid_issuer_url': 'wrong-issuer',
  'e-file-invalid_issuer_url_http': 'wrong-issuer',
  'e-file-issuer_url_with_trailing_slash': 'wrong-issuer',
  'e-file-jws_too_long': 'malformed',
  'e-file-multi-jws-issues': 'malformed',
  'e-file-no_deflate': 'malformed',
}

describe('health cards of others', { skip: !folder && 'HEALTH_CARDS_FOLDER is not set' }, () => {
  const testdata = join(folder ?? '', 'testdata')
  const files = (pattern: string) => globSync(pattern, { cwd: testdata }).map((name) => join(testdata, name))
  const text = (file: string) => readFileSync(file, 'utf8').trim()
  const { keys } = existsSync(join(folder ?? '', 'jwks.json'))
    ? JSON.parse(text(join(folder ?? '', 'jwks.json')))
    : { keys: [] }
  const issuers = [{ iss: 'https://spec.smarthealth.cards/examples/issuer', keys }]

  const verdicts = async (cards: readonly string[]) => {
    const all = await Promise.all(cards.map((card) => verifyCard(card, issuers, new Date())))
    return all.map((verdict) => verdict.verified || verdict.why)
  }

  it('are believed or refused, each for what is wrong with it', async () => {
    const seen = new Set<string>()
    for (const file of files('test-example-00-{d-jws,e-file}*')) {
      const name = basename(file)
        .replace('test-example-00-', '')
        .replace(/\.(?:txt|smart-health-card)$/, '')
      if (name.endsWith('wrong-extension')) continue
      seen.add(name)
      const cards = file.endsWith('.txt') ? [text(file)] : JSON.parse(text(file)).verifiableCredential
      const [worst] = (await verdicts(cards)).filter((verdict) => verdict !== true)
      assert.equal(worst ?? true, BROKEN[name] ?? true, name)
    }
    for (const name of Object.keys(BROKEN)) assert.ok(seen.has(name), name)
    for (const file of files('test-example-00-fhirhealthcard*.json')) {
      const parameters = JSON.parse(text(file)).parameter as { name: string; valueString: string }[]
      const cards = parameters.filter(({ name }) => name === 'verifiableCredential').map((one) => one.valueString)
      for (const verdict of await verdicts(cards)) assert.equal(verdict, true, file)
    }
  })

  it('are read from the text of their QR codes, which may be broken too', async () => {
    const numeric = 'test-example-00-f-qr-code-numeric-value'
    const broken = ['number-too-big', 'odd-count', 'index-out-of-range', 'wrong_qr_header', 'wrong-multi-chunk']
    for (const name of broken) {
      const file = join(testdata, `${numeric}-0-${name}.txt`)
      assert.equal(cardIn([text(file)]), undefined, name)
    }
    const parts = files(`${numeric}-*-qr_chunk_too_small.txt`).map(text)
    assert.deepEqual(await verdicts([cardIn(parts) ?? '']), [true])
    assert.deepEqual(await verdicts([cardIn([text(join(testdata, 'test-example-1195-byte-qrnumeric.txt'))]) ?? '']), [
      true,
    ])
  })

  it('are opened from what a health link shares', async () => {
    const found = files('shl-examples/*.json').map((file) => JSON.parse(text(file)))
    assert.ok(found.length > 0)
    for (const { link: shared, jweFiles } of found) {
      const link = linkIn(shared)
      assert.ok(link, shared)
      for (const jwe of jweFiles) {
        const { content } = (await decryptFile(link.key, jwe)) ?? {}
        assert.ok(JSON.parse(String(content)).verifiableCredential.length > 0)
      }
    }
    for (const name of ['link', 'link-direct', 'link-with-viewer'])
      assert.equal(linkIn(text(join(testdata, `shlink-${name}.txt`)))?.label, 'Sample Set 1', name)
  })
})
