import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CompactEncrypt, decodeProtectedHeader } from 'jose'
import { decryptSHLFile, encryptSHLFile, SHL, SHLViewer } from 'kill-the-clipboard'
import { CARD_MEDIA_TYPE, cardFile, issueCards } from './card.ts'
import { type HealthLink, linkIn, linkText, newSecret } from './link.ts'
import { decryptFile, encryptFile, manifestOf, manifestRequest, type SharedFile, wrongPasscode } from './link-files.ts'
import { amina, iss, measles, newSigner, now } from './testing.ts'

const url = `https://openhcs.example/shl/${newSecret()}`
const summary = { resourceType: 'Bundle', type: 'document', entry: [] }

describe('the text of a health link', () => {
  it('is that of the example of the specification', () => {
    const example =
      'shlink:/eyJ1cmwiOiJodHRwczovL2Voci5leGFtcGxlLm9yZy9xci9ZOXh3a1VkdG1OOXd3b0pvTjNmZkpJaFgyVUd2Q0wxSm5sUFZOTDNrRFdNL20iLCJmbGFnIjoiTFAiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VOOHdFVTRwOTRTcUF3SVdRZTZ1WDdRIiwibGFiZWwiOiJCYWNrLXRvLXNjaG9vbCBpbW11bml6YXRpb25zIGZvciBPbGl2ZXIgQnJvd24ifQ'
    const link = {
      url: 'https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m',
      key: 'rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q',
      label: 'Back-to-school immunizations for Oliver Brown',
      needsPasscode: true,
      isLongTerm: true,
    }
    assert.equal(linkText(link), example)
    assert.equal(linkText(link, 'https://viewer.example.org'), `https://viewer.example.org#${example}`)
    for (const text of [example, `https://viewer.example.org#${example}`])
      assert.deepEqual(linkIn(text), { ...link, isOneFile: false, expiresAt: undefined })
  })

  it('is read by a foreign reader, and a foreign text by us', () => {
    const kinds: Partial<HealthLink>[] = [
      {},
      { isLongTerm: true },
      { needsPasscode: true },
      { isLongTerm: true, needsPasscode: true },
      { isOneFile: true },
      { isOneFile: true, isLongTerm: true },
    ]
    for (const kind of kinds) {
      const link = { url, key: newSecret(), label: 'Summary', expiresAt: new Date('2031-03-08T08:00:00Z'), ...kind }
      const foreign = SHL.parse(linkText(link))
      const { requiresPasscode: needsPasscode, isLongTerm, isDirectFile: isOneFile, key, label } = foreign
      assert.deepEqual(
        { url: foreign.url, key, label, expiresAt: foreign.expirationDate, needsPasscode, isLongTerm, isOneFile },
        { needsPasscode: false, isLongTerm: false, isOneFile: false, ...link },
      )
      assert.deepEqual(linkIn(foreign.toURI()), linkIn(linkText(link)))
    }
  })

  it('keeps to the limits of the specification', () => {
    const link = { url, key: newSecret() }
    assert.throws(() => linkText({ ...link, url: `https://openhcs.example/${'x'.repeat(105)}` }), /128 characters/)
    assert.throws(() => linkText({ ...link, label: 'x'.repeat(81) }), /80 characters/)
    assert.throws(() => linkText({ ...link, key: 'short' }), /32 bytes/)
    assert.throws(() => linkText({ ...link, isOneFile: true, needsPasscode: true }), /passcode/)
  })

  it('is none where it breaks them, or is of another version', () => {
    const key = newSecret()
    const text = (payload: unknown) => `shlink:/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
    assert.ok(linkIn(text({ url, key, flag: 'LX', v: 1, later: true })), 'what is not known is passed over')
    const broken = [
      '',
      'shlink:/',
      'https://openhcs.example',
      `${text({ url, key })}!`,
      text(null),
      text({ key }),
      text({ url }),
      text({ url, key: key.slice(1) }),
      text({ url, key: `${key.slice(0, -1)}B` }),
      text({ url: 'javascript:alert(1)', key }),
      text({ url: 'openhcs', key }),
      text({ url: `${url}${'x'.repeat(128)}`, key }),
      text({ url, key, v: 2 }),
      text({ url, key, exp: '1' }),
      text({ url, key, exp: 1_930_118_400_000 }),
      text({ url, key, label: 'x'.repeat(81) }),
      text({ url, key, flag: 'PU' }),
      text({ url, key, flag: ['P'] }),
    ]
    for (const one of broken) assert.equal(linkIn(one), undefined, one)
    fc.assert(fc.property(fc.string(), (any) => void linkIn(`shlink:/${any}`)))
  })
})

describe('files of a health link', () => {
  it('open with its key for a foreign reader, and foreign ones for us', async () => {
    const key = newSecret()
    const ours = await encryptFile(key, 'application/fhir+json', summary)
    assert.deepEqual(decodeProtectedHeader(ours), { alg: 'dir', enc: 'A256GCM', cty: 'application/fhir+json' })
    assert.deepEqual(await decryptSHLFile({ jwe: ours, key }), {
      content: JSON.stringify(summary),
      contentType: 'application/fhir+json',
    })
    for (const enableCompression of [true, false]) {
      const content = JSON.stringify(summary)
      const foreign = await encryptSHLFile({ content, key, contentType: CARD_MEDIA_TYPE, enableCompression })
      assert.deepEqual(await decryptFile(key, foreign), { content: Buffer.from(content), contentType: CARD_MEDIA_TYPE })
    }
  })

  it('open with no other key, by no other algorithm, changed, or without end', async () => {
    const key = newSecret()
    const file = await encryptFile(key, 'application/fhir+json', summary)
    assert.equal(await decryptFile(newSecret(), file), undefined)
    for (let at = 0; at < file.length; at += 5)
      assert.equal(
        await decryptFile(key, `${file.slice(0, at)}${file[at] === 'A' ? 'B' : 'A'}${file.slice(at + 1)}`),
        undefined,
      )
    const bytes = Buffer.from(key, 'base64url')
    const encrypted = (header: object, content: Uint8Array) =>
      new CompactEncrypt(content).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header }).encrypt(bytes)
    assert.equal(await decryptFile(key, await encrypted({ enc: 'A128CBC-HS256' }, Buffer.from('{}'))), undefined)
    assert.equal(await decryptFile(key, await encrypted({ alg: 'A256KW' }, Buffer.from('{}'))), undefined)
    assert.ok(await decryptFile(key, await encrypted({ zip: 'DEF' }, Buffer.alloc(1_000_000))))
    assert.equal(await decryptFile(key, await encrypted({ zip: 'DEF' }, Buffer.alloc(11_000_000))), undefined)
    assert.equal(await decryptFile(key, 'x'.repeat(14_000_001)), undefined)
  })
})

/** A server of the pure functions alone: what the room will do. */
class Server {
  remaining = 3
  readonly files: SharedFile[]
  readonly link: HealthLink
  readonly passcode: string | undefined

  constructor(link: HealthLink, files: SharedFile[], passcode?: string) {
    this.link = link
    this.files = files
    this.passcode = passcode
  }

  fetch = async (address: string, { method = 'GET', body }: RequestInit = {}): Promise<Response> => {
    const [, place] = /\/files\/(\d)$/.exec(address) ?? []
    const found = this.link.isOneFile ? 0 : Number(place)
    if (method === 'GET')
      return new Response(this.files[found]?.jwe, { headers: { 'content-type': 'application/jose' } })
    const request = manifestRequest(JSON.parse(String(body)))
    if (!request) return new Response(null, { status: 400 })
    if (this.passcode !== request.passcode) return Response.json(wrongPasscode(--this.remaining), { status: 401 })
    const locate = (file: SharedFile) => `https://openhcs.example/files/${this.files.indexOf(file)}`
    return Response.json(manifestOf(this.files, request, { isLongTerm: false, locate }))
  }
}

describe('what a health link shares', async () => {
  const signer = await newSigner()
  const { cards } = await issueCards({ key: signer, iss, now, patient: amina, facts: [measles()] })
  const key = newSecret()
  const files: SharedFile[] = [
    { contentType: CARD_MEDIA_TYPE, jwe: await encryptFile(key, CARD_MEDIA_TYPE, cardFile(cards)), updatedAt: now },
    {
      contentType: 'application/fhir+json',
      jwe: await encryptFile(key, 'application/fhir+json', summary),
      updatedAt: now,
    },
  ]
  const asked = (server: Server, more: object = {}) =>
    new SHLViewer({ shlinkURI: linkText(server.link), fetch: server.fetch }).resolveSHL({
      recipient: 'Lakeside Clinic',
      shcReaderConfig: { publicKey: signer.jwk as JsonWebKey },
      ...more,
    })

  it('is fetched, opened and verified by a foreign reader, embedded and from its addresses', async () => {
    const server = new Server({ url, key }, files)
    for (const embeddedLengthMax of [undefined, 0, 300]) {
      const { smartHealthCards, fhirResources, manifest } = await asked(server, { embeddedLengthMax })
      assert.deepEqual(
        smartHealthCards.map((one) => one.asJWS()),
        cards,
      )
      assert.deepEqual(fhirResources, [summary])
      for (const file of manifest?.files ?? [])
        if ('embedded' in file) assert.ok(file.embedded.length <= (embeddedLengthMax ?? Number.POSITIVE_INFINITY))
    }
    const locate = () => 'https://openhcs.example/files/0'
    assert.deepEqual(manifestOf(files.slice(0, 1), { embeddedLengthMax: 0 }, { isLongTerm: true, locate }), {
      files: [
        {
          contentType: CARD_MEDIA_TYPE,
          location: locate(),
          lastUpdated: '2031-03-01T08:00:00.000Z',
          status: 'can-change',
        },
      ],
    })
  })

  it('wants its passcode, and says how many attempts are left', async () => {
    const server = new Server({ url, key, needsPasscode: true }, files, '1234')
    await assert.rejects(asked(server, { passcode: '0000' }), { name: 'SHLInvalidPasscodeError' })
    assert.equal((await asked(server, { passcode: '1234' })).smartHealthCards.length, 1)
    const body = JSON.stringify({ recipient: 'x', passcode: '0' })
    const answer = await server.fetch(url, { method: 'POST', body })
    assert.deepEqual([answer.status, await answer.json()], [401, { remainingAttempts: 1 }])
  })

  it('may be a single file', async () => {
    const server = new Server({ url, key, isOneFile: true }, files.slice(1))
    assert.deepEqual((await asked(server)).fhirResources, [summary])
  })

  it('is not given to who does not say who they are, or says it in another form', () => {
    const refused = [
      undefined,
      null,
      [],
      'x',
      {},
      { recipient: '' },
      { recipient: ' ' },
      { recipient: 1 },
      { recipient: 'x'.repeat(301) },
      { recipient: 'x', passcode: 1234 },
      { recipient: 'x', embeddedLengthMax: -1 },
      { recipient: 'x', embeddedLengthMax: 1.5 },
      { recipient: 'x', embeddedLengthMax: '1' },
    ]
    for (const body of refused) assert.equal(manifestRequest(body), undefined, JSON.stringify(body))
    assert.deepEqual(manifestRequest({ recipient: 'x', passcode: '1', embeddedLengthMax: 0, later: true }), {
      recipient: 'x',
      passcode: '1',
      embeddedLengthMax: 0,
    })
  })
})
