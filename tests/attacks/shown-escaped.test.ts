import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { strFromU8, unzipSync } from 'fflate'
import type { Client } from '#platform/testing.ts'
import { Browser, openWithApp, password, tokenIn } from '#services/identity/oauth/testing.ts'
import { operations } from '../access/callers.ts'
import { openStreet } from './fields/asking.ts'
import { kept } from './fields/hostile-texts.ts'
import { fit } from './fields/text-fields.ts'
import { made, type Street } from './fields/ways.ts'
import { writeEverything } from './fields/write-everything.ts'

// Where the house writes something else than JSON, what people wrote stays text.

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const asHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => signs[sign] ?? '')
/** What a browser makes of a page, without its texts. */
const tagsOf = (html: string) =>
  (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/ (value|action)="[^"]*"/g, ' $1=""'))

/** Each text fitted to a field, with the sign that says where it was. */
const allTexts = (maxLength: number) => kept.flatMap(({ texts }) => texts.map((text) => fit(text, { maxLength })))

describe('the pages that let apps in', async () => {
  const { app, house, person, root, self, urlWith } = await openWithApp()

  const rename = async (who: Client, path: string, name: string) => {
    const { items } =
      path === '/v1/oauth-clients' ? (await who.get(path)).body : { items: [(await who.get(path)).body] }
    const { id, version } = items[0]
    const address = path === '/v1/oauth-clients' ? `${path}/${id}` : path
    const { status, body } = await who.patch(address, { name }, { 'if-match': `"${version}"` })
    assert.equal(status, 200, JSON.stringify(body))
  }

  let address = 0
  const pages = async (name: string): Promise<string[]> => {
    await rename(root, '/v1/oauth-clients', name)
    await rename(person, '/v1/account', name)
    await rename(person, `/v1/patients/${self}`, name)
    const browser = new Browser()
    const { url, response } = await browser.go(urlWith())
    const first = await (response as Response).text()
    const from = { 'x-forwarded-for': `10.2.0.${++address % 250}` } // signing in is limited for each address
    const form = { token: tokenIn(first), choice: 'go' }
    const wrong = { ...form, name: fit(name, { maxLength: 40 }), password: 'not this one' }
    const again = await (await browser.ask(url, wrong, from)).text()
    const signedIn = await browser.ask(url, { ...form, name: 'tsehay', password }, from)
    const consent = await browser.go(new URL(signedIn.headers.get('location') ?? '', url).href)
    return [first, again, await (consent.response as Response).text()]
  }

  it('show names of apps, people and patients as text', async () => {
    assert.ok(app.id)
    const plain = (await pages('Plain name')).map(tagsOf)
    assert.equal(plain.length, 3)
    for (const text of allTexts(100)) {
      await house.owner.query('delete from identity.sign_in_attempt')
      for (const [i, html] of (await pages(text)).entries()) {
        assert.deepEqual(tagsOf(html), plain[i], `page ${i} with ${text}`)
        assert.ok(html.includes(asHtml(text)), `page ${i} does not show ${text}`)
      }
    }
  })
})

/** Everything that somebody is given to read: what a person may take along, and the slip of a mandate. */
async function papersOf({ house, clients, ids }: Street): Promise<Record<string, string>> {
  await house.work()
  const papers: Record<string, string> = {}
  const zips = { saba: clients.self, okello: clients.holder, administrator: clients.administrator }
  for (const [name, who] of Object.entries(zips)) {
    if (name !== 'saba') await made(who, '/v1/exports', {})
    await house.work()
    const { items } = (await who.get('/v1/exports')).body
    const { rawPayload } = await house.app.inject({
      url: `/v1/exports/${items[0].id}/file`,
      headers: { authorization: `Bearer ${who.token}` },
    })
    papers[name] = strFromU8(unzipSync(new Uint8Array(rawPayload))['index.html'] ?? new Uint8Array())
  }
  return { ...papers, slip: (await clients.self.get(`/v1/mandates/${ids.mandate}/slip`)).body }
}

const PAGE =
  /^<(!doctype html|\/?(html|head|meta|title|style|body|main|nav|section|div|table|thead|tbody|tr|th|td|h1|h2|p|ul|li|a|bdi|strong|code|svg|path)[ >/])/i

describe('what people are given to read', () => {
  it('has the tags of the house alone, whatever was written in any field', async () => {
    await using street = await openStreet()
    const [kind] = kept
    assert.ok(kind)
    const { sent, faults } = await writeEverything(street, kind, 0)
    assert.deepEqual(faults, [])
    const shown = new Set<string>()
    for (const [name, html] of Object.entries(await papersOf(street))) {
      assert.deepEqual(
        tagsOf(html).filter((tag) => !PAGE.test(`${tag.slice(0, -1)}>`) || / on\w+=/.test(tag)),
        [],
        name,
      )
      for (const { text } of sent) {
        assert.ok(!html.includes(text), `${name} has ${text} as it was written`)
        if (html.includes(asHtml(text))) shown.add(text)
      }
    }
    assert.ok(shown.size >= 8, `${shown.size} texts were there to be seen`)
  })
})

describe('files for spreadsheets', () => {
  it('are those that are looked at here', () =>
    assert.deepEqual(
      operations.filter(({ download }) => download?.includes('csv')).map(({ id }) => id),
      ['readImportFaults'],
    ))

  it('have no cell that a spreadsheet would run', async () => {
    await using street = await openStreet()
    const { house, clients, ids } = street
    const keys = [...allTexts(60), '\u00a0=1+1', '\ufeff@x', '－1+1', '＋1', '＠x'].map((text) => text.trim())
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
    const lines = keys.map((key) => `${quoted(key)},${quoted(key)},never,${quoted(key)},en,UTC`)
    const content = Buffer.from(`key,name,birthDate,gender,language,zone\n${lines.join('\n')}\n`)
    const path = `/v1/imports?organisation=${ids.organisation}&kind=patients`
    const { status, body } = await clients.clerk.upload(path, 'text/csv', content)
    assert.equal(status, 201, JSON.stringify(body))
    await house.work()
    const csv = (await clients.clerk.get(`/v1/imports/${body.id}/faults`)).body as string
    const cells = parse(csv, { relax_column_count: false }).flat() as string[]
    assert.deepEqual(
      cells.filter((text) => /^[=+\-@\t\r\n＝＋－＠]/.test(text.trimStart())),
      [],
    )
    assert.ok(cells.length > keys.length * 4, `${cells.length} cells`)
    for (const key of keys) assert.ok(cells.includes(key) || cells.includes(`'${key}`), `${key} is not told of`)
  })

  it('are read in to the letter', async () => {
    await using street = await openStreet()
    const { house, clients, ids } = street
    const names = [...new Set(allTexts(300).map((text) => text.trim()))]
    const lines = names.map((name, i) => `k${i},"${name.replaceAll('"', '""')}",1990-01-01,female,en,UTC`)
    const content = Buffer.from(`key,name,birthDate,gender,language,zone\n${lines.join('\n')}\n`)
    const path = `/v1/imports?organisation=${ids.organisation}&kind=patients&dryRun=false`
    assert.equal((await clients.clerk.upload(path, 'text/csv', content)).status, 201)
    await house.work()
    const { rows } = await house.owner.query('select name from registry.patient')
    const stored = new Set(rows.map(({ name }) => name))
    assert.deepEqual(
      names.filter((name) => !stored.has(name)),
      [],
    )
  })
})
