import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { languages } from '#platform/language.ts'
import { openVillage, type Village } from './testing.ts'

const administrator = ({ house }: Village) => house.signedIn({ roles: ['administrator'] })
const of = (template: string, query = '') => `/v1/message-templates/${template}/preview${query}`

describe('GET /v1/message-templates', () => {
  it('lists every message with a version in each language', async () => {
    await using village = await openVillage()
    const { status, body } = await (await administrator(village)).get('/v1/message-templates')
    assert.equal(status, 200)
    assert.ok(body.items.length > 30)
    for (const { template, versions } of body.items)
      assert.deepEqual(
        versions.map(({ language }: { language: string }) => language),
        languages,
        template,
      )
    const [{ versions, category }] = body.items
    assert.deepEqual(
      [category, versions.find((one: { language: string }) => one.language === 'ar').direction],
      ['appointments', 'rtl'],
    )
  })

  it('is for administrators', async () => {
    await using village = await openVillage()
    assert.equal((await village.house.anonymous.get('/v1/message-templates')).status, 401)
    assert.equal((await village.patient.get('/v1/message-templates')).status, 403)
  })
})

describe('GET /v1/message-templates/:template/preview', () => {
  it('shows any of them in every language and channel, filled with nobody', async () => {
    await using village = await openVillage()
    const ada = await administrator(village)
    const { items } = (await ada.get('/v1/message-templates')).body
    for (const [n, { template }] of items.entries())
      for (const channel of ['app', 'email', 'sms', 'push']) {
        const language = languages[n % languages.length]
        const { status, body } = await ada.get(of(template, `?language=${language}&channel=${channel}`))
        assert.equal(status, 200, `${template} ${channel}`)
        assert.equal(body.language, language)
        assert.doesNotMatch(body.text, /[{}]|undefined/)
        assert.equal('html' in body, channel === 'email')
        if (channel === 'sms') assert.ok(body.segments <= 3, `${template} ${language}: ${body.segments}`)
      }
  })

  it('is what somebody would get: an Arabic mail runs from right to left, and sets names apart', async () => {
    await using village = await openVillage()
    const ada = await administrator(village)
    const { body } = await ada.get(of('appointment-booked.patient', '?language=ar-EG&channel=email'))
    assert.deepEqual([body.language, body.direction, body.title], ['ar-EG', 'rtl', 'تم حجز موعد'])
    assert.match(body.html, /<html lang="ar" dir="rtl">/)
    assert.match(body.text, /\u2068Dr Ama Example\u2069: الاثنين، ٣ مارس ٢٠٣١ في ٩:٠٠ ص/)
  })

  it('is in the language of the installation where none, or one without words, is asked for', async () => {
    await using village = await openVillage({ env: { DEFAULT_LANGUAGE: 'pt' } })
    const ada = await administrator(village)
    for (const query of ['', '?language=am'])
      assert.equal((await ada.get(of('export-ready.person', query))).body.title, 'A sua cópia está pronta')
  })

  it('knows no message that there is none of, and no channel', async () => {
    await using village = await openVillage()
    const ada = await administrator(village)
    assert.equal((await ada.get(of('gone.patient'))).status, 404)
    assert.equal((await ada.get(of('constructor'))).status, 404)
    assert.equal((await ada.get(of('export-ready.person', '?channel=fax'))).status, 400)
    assert.equal((await ada.get(of('export-ready.person', '?language=%3Cb%3E'))).status, 400)
  })

  it('is for administrators', async () => {
    await using village = await openVillage()
    assert.equal((await village.house.anonymous.get(of('export-ready.person'))).status, 401)
    assert.equal((await village.practitioner.get(of('export-ready.person'))).status, 403)
  })
})
