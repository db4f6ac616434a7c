import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crc32, deflateRawSync, deflateSync } from 'node:zlib'
import { Transformer } from '@napi-rs/image'
import { aLicence, nowhere, openRegistry, pdf, png } from '../testing.ts'

const CANARY = 'GPS 5.5500 N 0.2000 W'
const pixels = (width: number, height: number) =>
  Transformer.fromRgbaPixels(new Uint8Array(width * height * 4).fill(120), width, height)

/** A JPEG with a comment and an EXIF segment, as cameras write them, that says to turn it by 90 degrees. */
async function jpegFromCamera(): Promise<Buffer> {
  const drawn = await pixels(40, 20).jpeg()
  const tiff = Buffer.from('4d4d002a0000000800010112000300000001000600000000000000', 'hex')
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(CANARY)])
  return Buffer.concat([
    drawn.subarray(0, 2),
    segment(0xe1, exif),
    segment(0xfe, Buffer.from(CANARY)),
    drawn.subarray(2),
  ])
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([head, content])
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A few hundred bytes that claim to be a hundred million points. */
function bomb(): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(10_000, 0)
  header.writeUInt32BE(10_000, 4)
  header.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('pictures', async () => {
  const { house, practitioner, patient, caregiver, administrator } = await openRegistry()
  const doctor = await practitioner()
  const path = `/v1/practitioners/${doctor.id}/photo`
  const download = async (from: string, who = doctor) => {
    const headers = { authorization: `Bearer ${who.token}` }
    return (await house.app.inject({ method: 'GET', url: from, headers })).rawPayload
  }

  it('keep nothing of the file but its points: no place, no time, no comment, nothing behind the end', async () => {
    const given = Buffer.concat([await jpegFromCamera(), Buffer.from(`<script>${CANARY}</script>`)])
    assert.ok(given.includes(CANARY))
    assert.equal((await doctor.upload(path, 'image/jpeg', given)).status, 200)
    const kept = await download(path)
    assert.ok(!kept.includes(CANARY) && !kept.includes('Exif') && !kept.includes('<script>'))
    const { width, height } = await new Transformer(kept).metadata()
    assert.deepEqual([width, height], [20, 40], 'the right way up')
    const spoken = Buffer.concat([
      png.subarray(0, 33),
      chunk('tEXt', Buffer.from(`Comment\0${CANARY}`)),
      png.subarray(33),
    ])
    assert.equal((await doctor.upload(path, 'image/png', spoken)).status, 200)
    assert.ok(!(await download(path)).includes(CANARY))
  })

  it('larger than anybody looks at are made smaller, and webp stays webp', async () => {
    const wide = await pixels(3_000, 30).webp()
    assert.equal((await doctor.upload(path, 'image/webp', wide)).status, 200)
    const { width, format } = await new Transformer(await download(path)).metadata()
    assert.deepEqual([width, format], [2_048, 'webp'])
  })

  it('that claim to be too large, lie about their type, or are damaged are refused, and told why', async () => {
    for (const [type, content, why] of [
      ['image/png', bomb(), /25 million points/],
      ['image/jpeg', png, /is not image\/jpeg/],
      ['image/png', pdf, /is not image\/png/],
      ['image/png', Buffer.from('<svg onload="alert(1)"/>'), /is not image\/png/],
      ['image/png', png.subarray(0, 50), /damaged/],
      ['image/jpeg', Buffer.from('ffd8ffe000104a46494600', 'hex'), /how large/],
    ] as const) {
      const { status, body } = await doctor.upload(path, type, content)
      assert.equal(status, 422, `${why}`)
      assert.match(body.errors[0].detail, why)
    }
  })

  it('of patients, caregivers, donors and organisations are given by who keeps them, and seen by who may read', async () => {
    const [saba, hana, root] = [await patient(), await caregiver(), await administrator()]
    const kofi = await house.signedIn()
    const donor = (await kofi.post('/v1/donors', { name: 'Kofi', language: 'en' })).body.id
    const organisation = (await root.post('/v1/organisations', { name: 'O', city: 'C', country: 'GH' })).body.id
    for (const [url, owner, stranger] of [
      [`/v1/patients/${saba.id}/photo`, saba, await patient()],
      [`/v1/caregivers/${hana.id}/photo`, hana, saba],
      [`/v1/donors/${donor}/photo`, kofi, saba],
    ] as const) {
      assert.equal((await owner.get(url)).status, 404, `${url} before`)
      assert.equal((await owner.upload(url, 'image/png', png)).status, 204, url)
      assert.equal((await owner.get(url)).status, 200, url)
      assert.equal((await stranger.get(url)).status, 404, url)
      assert.equal((await stranger.upload(url, 'image/png', png)).status, 404, url)
      assert.equal((await house.anonymous.get(url)).status, 401, url)
    }
    const url = `/v1/organisations/${organisation}/photo`
    assert.equal((await root.upload(url, 'image/png', png)).status, 204)
    assert.equal((await house.anonymous.get(url)).status, 200)
    const other = await house.signedIn({ desk: { organisation: nowhere, function: 'manager' } })
    assert.equal((await other.upload(url, 'image/png', png)).status, 404)
  })
})

describe('certificates', async () => {
  const { practitioner, rows } = await openRegistry()
  const doctor = await practitioner()
  const licence = (await doctor.post(`/v1/practitioners/${doctor.id}/licences`, aLicence)).body.id
  const upload = (content: Buffer, type = 'application/pdf') =>
    doctor.upload(`/v1/licences/${licence}/certificate`, type, content)
  const withObject = (object: string) =>
    Buffer.from(
      pdf.toString('latin1').replace('trailer', () => `2 0 obj${object}endobj\ntrailer`),
      'latin1',
    )
  const packed = (object: string) => packedAs('/Filter/FlateDecode', deflateSync(Buffer.from(object)))
  const packedAs = (how: string, content: Buffer) => {
    const head = `%PDF-1.5\n2 0 obj<</Type/ObjStm/N 1/First 4${how}/Length ${content.length}>>stream\r\n`
    return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\nendstream endobj\n%%EOF\n')])
  }
  /** The word that ends a stream, as it is, in a block that is not packed; behind it one that is. */
  const endsInside = (object: string) => {
    const word = Buffer.from('endstream ')
    const block = Buffer.from([0x78, 0x01, 0, word.length, 0, 255 - word.length, 255])
    return packedAs('/Filter/FlateDecode', Buffer.concat([block, word, deflateRawSync(Buffer.from(object))]))
  }

  it('that do something by themselves are refused, however it is written, and told why', async () => {
    for (const [content, why] of [
      [withObject('<</S/JavaScript/JS(app.alert(1))>>'), /JavaScript/],
      [withObject('<</S /J#61vaScript /JS(app.alert(1))>>'), /JavaScript/],
      [withObject('<</S/Launch/F(calc.exe)>>'), /Launch/],
      [withObject('<</Type/Filespec/EF<</F 3 0 R>>/EmbeddedFile 1>>'), /EmbeddedFile/],
      [packed('3 0 <</S/JavaScript/JS(app.alert(1))>>'), /JavaScript/],
      [packed('3 0 <</S/L#61unch>>'), /Launch/],
      [withObject('<</Encrypt 3 0 R>>'), /encrypted/],
      [packedAs('/Filter/ASCIIHexDecode', Buffer.from('3c3c2f532f4a6176615363726970743e3e>')), /unusual way/],
      [packedAs('/Filter[/ASCII85Decode/FlateDecode]', Buffer.from('x')), /unusual way/],
      [packedAs('/Filter[/FlateDecode/RunLengthDecode]', Buffer.from('x')), /unusual way/],
      [packedAs('/#46ilter 9 0 R', Buffer.from('x')), /unusual way/],
      [packedAs('/Filter/FlateDecode/DecodeParms<</Predictor 12>>', Buffer.from('x')), /unusual way/],
      [endsInside('3 0 <</S/JavaScript/JS(app.alert(1))>>'), /JavaScript/],
      [withObject('<</OpenAction<</S/URI/URI(https://x.example)>>>>'), /OpenAction/],
      [withObject('<</OpenAction %\n5 0 R>>endobj\n5 0 obj<</S/GoTo#52/F(x)>>'), /OpenAction/],
      [withObject('<</AA<</O<</S/GoToE>>>>>>'), /OpenAction/],
      [withObject(`<</OpenAction 3 0 R>>endobj ${packed('3 0 <</S/URI/URI(//x)>>').toString('latin1')}`), /OpenAction/],
      [packed('0'.repeat(101_000_000)), /too much/],
    ] as const) {
      const { status, body } = await upload(content)
      assert.equal(status, 422, `${why}`)
      assert.match(body.errors[0].detail, why)
    }
    assert.equal((await rows('select certificate_key from registry.licence'))[0].certificate_key, null)
  })

  it('that only show something are taken, and pictures keep nothing but their points', async () => {
    assert.equal((await upload(packed('3 0 <</Type/Page/Contents 4 0 R>>'))).status, 200)
    assert.equal((await upload(packedAs('', Buffer.from('3 0 <</Type/Page>>')))).status, 200)
    const links = '<</OpenAction[3 0 R/Fit]/A<</S/URI/URI(https://council.example)>>>>'
    assert.equal((await upload(withObject(links))).status, 200, 'a link, and where to begin')
    assert.equal((await upload(withObject('<</OpenAction<</S/GoTo/D[3 0 R/Fit]>>>>'))).status, 200)
    assert.equal((await upload(withObject('<</Title(On JavaScript and its launch)>>'))).status, 200)
    assert.equal((await upload(await jpegFromCamera(), 'image/jpeg')).status, 200)
    const headers = { authorization: `Bearer ${doctor.token}` }
    assert.equal((await doctor.get(`/v1/licences/${licence}/certificate`, headers)).status, 200)
  })
})
