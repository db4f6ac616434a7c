import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRegistry, version } from './testing.ts'

const codes = ({ body }: { body: { items: { code: string }[] } }) => body.items.map(({ code }) => code)

describe('GET /v1/specialities', async () => {
  const { house } = await openRegistry()
  const search = (q: string, more = '') => house.anonymous.get(`/v1/specialities?q=${encodeURIComponent(q)}${more}`)

  it('is open to everybody, and lists forty', async () => {
    const { status, body } = await house.anonymous.get('/v1/specialities?limit=100')
    assert.equal(status, 200)
    assert.equal(body.items.length, 40)
    assert.deepEqual(Object.keys(body.items[0]).sort(), ['active', 'code', 'display', 'synonyms', 'version'])
  })

  it('finds by the words that people use, in their language and script', async () => {
    for (const [q, code] of [
      ['cardiology', 'cardiology'],
      ['Heart', 'cardiology'],
      ['heart doc', 'cardiology'],
      ['magonjwa ya moyo', 'cardiology'],
      ['ginecología', 'obstetrics-gynaecology'],
      ['gynecologie', 'obstetrics-gynaecology'], // without its accent
      ['tooth', 'dentistry'],
      ['طب الأطفال', 'paediatrics'],
      ['የዓይን ሐኪም', 'ophthalmology'],
    ] as const)
      assert.equal(codes(await search(q))[0], code, q)
  })

  it('finds from the first letters on, and with a slip of spelling', async () => {
    assert.equal(codes(await search('cardi'))[0], 'cardiology')
    assert.equal(codes(await search('nose'))[0], 'otolaryngology')
    assert.equal(codes(await search('dermatolgy'))[0], 'dermatology')
    assert.deepEqual(codes(await search('zzzzzz')), [])
  })

  it('pages through all of them, each once', async () => {
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const page = await house.anonymous.get(`/v1/specialities?limit=7${cursor}`)
      seen.push(...codes(page))
      if (!page.body.next) break
      cursor = `&cursor=${page.body.next}`
    }
    assert.equal(seen.length, 40)
    assert.equal(new Set(seen).size, 40)
    const first = await search('medicine', '&limit=2')
    const second = await search('medicine', `&limit=2&cursor=${first.body.next}`)
    assert.equal(new Set([...codes(first), ...codes(second)]).size, 4)
  })

  it('takes any text literally', async () => {
    for (const q of ['%', '_', '\\', "'; drop table speciality; --", '(', '\u202e', '😀', "x'y"])
      assert.equal((await search(q)).status, 200, q)
    for (const query of ['q=%00', 'q=', `q=${'x'.repeat(101)}`, 'limit=1e9', 'cursor=W10', 'cursor=WyIxIiwiMSJd'])
      assert.equal((await house.anonymous.get(`/v1/specialities?${query}`)).status, 400, query)
  })
})

describe('changing /v1/specialities', async () => {
  const { house, administrator } = await openRegistry()
  const root = await administrator()
  const phlebology = { code: 'phlebology', display: 'Phlebology', synonyms: ['veins'] }

  it('is for administrators', async () => {
    const practitioner = await house.signedIn({ self: { practitioner: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' } })
    assert.equal((await practitioner.post('/v1/specialities', phlebology)).status, 403)
    assert.equal((await house.anonymous.post('/v1/specialities', phlebology)).status, 401)
    assert.equal((await practitioner.patch('/v1/specialities/cardiology', {}, version(1))).status, 403)
  })

  it('adds a code once', async () => {
    const answers = await Promise.all([
      root.post('/v1/specialities', phlebology),
      root.post('/v1/specialities', phlebology),
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409])
    assert.deepEqual(codes(await house.anonymous.get('/v1/specialities?q=veins')), ['phlebology'])
    for (const change of [{ code: 'With Space' }, { synonyms: 'veins' }, { display: '' }, { extra: 1 }])
      assert.equal((await root.post('/v1/specialities', { ...phlebology, ...change })).status, 400)
  })

  it('changes words in the version that was read', async () => {
    const path = '/v1/specialities/cardiology'
    assert.equal((await root.patch(path, { display: 'Heart' })).status, 428)
    assert.equal((await root.patch(path, { display: 'Heart' }, version(2))).status, 412)
    assert.equal((await root.patch(path, {}, version(1))).status, 400)
    assert.equal((await root.patch(path, { code: 'x-y' }, version(1))).status, 400)
    const both = ['Heart', 'Hearts'].map((display) => root.patch(path, { display }, version(1)))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 412])
    assert.equal((await root.patch('/v1/specialities/nothing-like-it', { display: 'x' }, version(1))).status, 404)
  })
})
