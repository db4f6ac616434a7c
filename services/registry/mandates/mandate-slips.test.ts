import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import jsqr from 'jsqr'
import { openRegistry } from '../testing.ts'

const SCALE = 4

/** Draws the code as a printer would, and reads it as a telephone would. */
function scanned(page: string): string | undefined {
  const size = Number(/viewBox="0 0 (\d+)/.exec(page)?.[1])
  const path = /<path stroke[^>]*d="([^"]+)"/.exec(page)?.[1] ?? ''
  const pixels = new Uint8ClampedArray((size * SCALE) ** 2 * 4).fill(255)
  let [x, y] = [0, 0]
  for (const [, move, dx = '0', dy = '0'] of path.matchAll(/([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    if (move === 'M') [x, y] = [Number(dx), Math.floor(Number(dy))]
    else if (move === 'm') [x, y] = [x + Number(dx), y + Number(dy)]
    else
      for (const end = x + Number(dx); x < end; x++)
        for (let row = 0; row < SCALE; row++)
          for (let column = 0; column < SCALE; column++)
            pixels.fill(0, ...bytesAt(size, x * SCALE + column, y * SCALE + row))
  }
  return jsqr.default(pixels, size * SCALE, size * SCALE)?.data
}

/** Red, green and blue of a pixel. */
function bytesAt(size: number, x: number, y: number): [from: number, to: number] {
  const at = (y * size * SCALE + x) * 4
  return [at, at + 3]
}

describe('the slip of a mandate', async () => {
  const { house, patient, caregiver, given } = await openRegistry()
  const saba = await patient({ name: 'Saba <b>Tesfaye</b> & daughters' })
  const hana = await caregiver({ name: 'ሃና በቀለ' })
  const mandate = { patient: saba.id, caregiver: hana.id, powers: ['book', 'pay'] }
  const id = await given(saba, mandate, hana)
  const slip = async (who = saba) => {
    const { statusCode, headers, body } = await house.app.inject({
      url: `/v1/mandates/${id}/slip`,
      headers: { authorization: `Bearer ${who.token}` },
    })
    return { status: statusCode, headers, text: body }
  }
  const urlOn = (text: string) => /https?:\/\/[^<\s]+\/v1\/mandate-slips\/[\w-]+/.exec(text)?.[0] ?? ''
  const check = async (url: string) => house.anonymous.get(new URL(url).pathname)

  it('is a page without script for its two sides, whatever is in the names', async () => {
    for (const who of [saba, hana]) {
      const { status, headers, text } = await slip(who)
      assert.equal(status, 200)
      assert.match(String(headers['content-security-policy']), /^default-src 'none'/)
      assert.match(text, /Saba &lt;b&gt;Tesfaye&lt;\/b&gt; &amp; daughters/)
      assert.match(text, /ሃና በቀለ/)
      assert.match(text, /book, move and cancel appointments/)
    }
    assert.equal((await slip(await patient())).status, 404)
  })

  it('has a QR code of the address that checks it', async () => {
    const { text } = await slip()
    const url = urlOn(text)
    assert.equal(scanned(text), url)
    assert.equal((await check(url)).status, 200)
  })

  it('tells anybody who is shown it whether it holds, and between whom', async () => {
    const url = urlOn((await slip()).text)
    assert.deepEqual((await check(url)).body, {
      status: 'active',
      patientName: 'Saba <b>Tesfaye</b> & daughters',
      caregiverName: 'ሃና በቀለ',
      powers: ['book', 'pay'],
      validUntil: '2032-03-01T08:00:00.000Z',
      checkedAt: '2031-03-01T08:00:00.000Z',
    })
    const code = url.split('/').at(-1) ?? ''
    for (let at = 0; at < code.length - 1; at += 7) {
      const other = code[at] === 'A' ? 'B' : 'A'
      assert.equal((await check(url.replace(code, `${code.slice(0, at)}${other}${code.slice(at + 1)}`))).status, 404)
    }
    await saba.post(`/v1/mandates/${id}/revoke`, {})
    assert.equal((await check(url)).body.status, 'revoked')
  })
})
