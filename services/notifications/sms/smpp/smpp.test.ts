import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSmsc } from '#tests/smsc.ts'
import { openVillage, type Village } from '../../testing.ts'
import { partsOf } from '../segments.ts'
import { patience } from './connection.ts'
import { waits } from './line.ts'

const phone = '+12025550147'
const longest = { answerMs: patience.answerMs, idleMs: patience.idleMs }
const rows = async ({ house }: Village, sql: string) => (await house.owner.query(sql)).rows
const delivery = async (village: Village) =>
  (
    await rows(
      village,
      `select status, reason, provider, reference, tries from notifications.delivery where channel = 'sms'`,
    )
  )[0]
const titles = async (client: Village['patient']) =>
  (await client.get('/v1/notifications')).body.items.map(({ title }: { title: string }) => title)

/** One patient with a phone and no mailbox; nobody else is written to. */
async function openClinic(options: Parameters<typeof openSmsc>[0] & { env?: Record<string, string> } = {}) {
  waits.back = [5, 20]
  Object.assign(patience, longest)
  const smsc = await openSmsc(options)
  const village = await openVillage({ env: { SMS_PROVIDERS: smsc.url, ...options.env } })
  const { contacts } = village.world
  village.world.choose = undefined // one message for a text
  for (const { account } of [village.practitioner, village.caregiver]) contacts.delete(account)
  contacts.set(village.patient.account, {
    account: village.patient.account,
    name: 'Abena Owusu',
    phone,
    language: 'en',
  })
  return {
    smsc,
    village,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await smsc[Symbol.asyncDispose]()
    },
  }
}

/** As SMPP 3.4 has them in appendix B. */
const receipt = (id: string, stat: string, err = '000') => ({
  ...{ source_addr: '12025550147', source_addr_ton: 1, esm_class: 4 },
  short_message: `id:${id} sub:001 dlvrd:001 submit date:3103030900 done date:3103030901 stat:${stat} err:${err} text:You have`,
})
const writes = (text: string, more: object = {}) => ({
  ...{
    source_addr: '12025550147',
    source_addr_ton: 1,
    source_addr_npi: 1,
    destination_addr: '4242',
    short_message: text,
  },
  ...more,
})

describe('a text by SMPP', () => {
  it('is submitted as bound, from whom and to whom it says', async () => {
    await using clinic = await openClinic({ query: 'from=CLINIC&system-type=health' })
    const { smsc, village } = clinic
    await village.happens('booked')
    const [{ system_id, password, system_type } = {}] = smsc.binds
    assert.deepEqual([system_id, password, system_type], ['clinic', 's:cret', 'health'])
    const [text] = smsc.submitted
    assert.deepEqual(
      [
        text?.source_addr,
        text?.source_addr_ton,
        text?.destination_addr,
        text?.dest_addr_ton,
        text?.registered_delivery,
      ],
      ['CLINIC', 5, '12025550147', 1, 1],
    )
    assert.equal(
      text?.short_message.message,
      'You have an appointment on Mon 3 Mar, 09:00 (Greenwich Mean Time).\nSTOP ends these texts.\nhttp://openhcs.test',
    )
    assert.deepEqual(await delivery(village), {
      status: 'sent',
      reason: null,
      provider: 'smpp-1',
      reference: '1',
      tries: 1,
    })
  })

  for (const long of ['udh', 'payload'])
    it(`that is longer than one message goes as ${long}, and is reported on once`, async () => {
      await using clinic = await openClinic({ query: `long=${long}` })
      const { smsc, village } = clinic
      const { account } = village.patient
      village.world.contacts.set(account, { account, name: 'Abena', phone, language: 'hi' })
      await village.happens('booked')
      const texts = smsc.submitted
      const whole =
        long === 'udh' ? texts.map((one) => one.short_message.message).join('') : texts[0]?.message_payload?.message
      assert.ok(whole && partsOf(whole).length > 1)
      assert.match(whole, /[\u0900-\u097f].*STOP.*\nhttp:\/\/openhcs\.test$/s)
      assert.equal(texts.length, long === 'udh' ? partsOf(whole).length : 1)
      assert.deepEqual(new Set(texts.map(({ data_coding }) => data_coding)), new Set([8]))
      assert.deepEqual(
        texts.map(({ registered_delivery }) => registered_delivery),
        texts.map((_, n) => (n + 1 === texts.length ? 1 : 0)),
      )
      if (long === 'udh') {
        const headers = texts.map(({ short_message }) => short_message.udh?.[0] ?? Buffer.of())
        assert.equal(new Set(headers.map((header) => header[2])).size, 1)
        assert.deepEqual(
          headers.map((header) => [...header.subarray(3)]),
          texts.map((_, n) => [texts.length, n + 1]),
        )
      }
      assert.equal((await delivery(village)).reference, String(texts.length))
    })

  for (const [status, expected] of [
    [0x0b, 'failed'],
    [0x14, 'queued'],
    [0x58, 'queued'],
    [0x45, 'queued'],
    [0x08, 'queued'],
  ] as const)
    it(`is ${expected} when it is refused with ${status}`, async () => {
      await using clinic = await openClinic()
      clinic.smsc.mood = status
      await clinic.village.happens('booked')
      const { status: now, reason } = await delivery(clinic.village)
      assert.deepEqual([now, reason], [expected, `smpp-1 ${status}`])
    })

  it('goes by the next provider where there is no line', async () => {
    await using second = await openSmsc()
    await using clinic = await openClinic({ env: {} })
    await using village = await openVillage({ env: { SMS_PROVIDERS: `smpp://clinic:s@127.0.0.1:9 ${second.url}` } })
    const { account } = village.patient
    village.world.choose = undefined
    village.world.contacts.set(account, { account, name: 'Abena', phone, language: 'en' })
    await village.happens('booked')
    assert.deepEqual([clinic.smsc.submitted.length, second.submitted.length], [0, 1])
    assert.equal((await delivery(village)).provider, 'smpp-2')
  })

  it('asks nobody who says that it is too much, for a while', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    waits.throttled = [60_000, 60_000]
    smsc.mood = 0x58
    await village.happens('booked')
    smsc.mood = 'take'
    await village.happens('rescheduled', { sequence: 1 })
    assert.equal(smsc.submitted.length, 1)
    assert.match(
      (await rows(village, `select reason from notifications.delivery where template like '%rescheduled%'`))[0].reason,
      /throttled/,
    )
  })
})

describe('a line', () => {
  it('comes back when it broke, and when they would not have us at first', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    smsc.refusal = 0x0d
    smsc.bound[0]?.destroy()
    await smsc.until(() => smsc.binds.length >= 3)
    smsc.refusal = 0
    await smsc.until(() => smsc.bound.length === 1)
    await village.happens('booked')
    assert.equal((await delivery(village)).status, 'sent')
  })

  it('is given up when nobody answers on it', async () => {
    await using clinic = await openClinic()
    const { smsc } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    smsc.alive = false
    Object.assign(patience, { idleMs: 20, answerMs: 50 })
    smsc.bound[0]?.destroy() // the next one has the new patience
    await smsc.until(() => smsc.binds.length >= 4)
  })

  it('answers who asks whether we are there, and unbinds when it is told to', async () => {
    await using clinic = await openClinic()
    const { smsc } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    const [session] = smsc.bound
    const status = await new Promise((resolve) =>
      session?.enquire_link(({ command_status }) => resolve(command_status)),
    )
    assert.equal(status, 0)
    await new Promise((resolve) => session?.unbind(resolve))
    await smsc.until(() => smsc.binds.length === 2)
  })

  it('ends with the house', async () => {
    const clinic = await openClinic()
    const { smsc, village } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    let unbound = false
    smsc.bound[0]?.on('unbind', () => {
      unbound = true
    })
    await village[Symbol.asyncDispose]()
    await smsc.until(() => smsc.bound.length === 0)
    assert.ok(unbound)
    await smsc[Symbol.asyncDispose]()
  })

  for (const mood of ['hang', 'drop'] as const)
    it(`on which nobody says whether a text was taken (${mood}) leaves it to be sent again, as every provider does`, async () => {
      await using clinic = await openClinic()
      const { smsc, village } = clinic
      patience.answerMs = 200
      smsc.mood = mood
      await village.happens('booked')
      const { status, reason } = await delivery(village)
      assert.deepEqual([status, reason], ['queued', 'smpp-1 no-answer'])
      smsc.mood = 'take'
      patience.answerMs = longest.answerMs
      await smsc.until(() => smsc.bound.length === 1)
      await village.hurry()
      await village.house.work()
      const { status: now, tries } = await delivery(village)
      assert.deepEqual([now, tries, smsc.submitted.length], ['sent', 2, 2])
      assert.deepEqual(smsc.submitted[0]?.short_message, smsc.submitted[1]?.short_message)
    })
})

describe('a receipt by SMPP', () => {
  for (const [stat, err, expected] of [
    ['DELIVRD', '000', ['delivered', null]],
    ['UNDELIV', '011', ['failed', 'undeliv 011']],
    ['EXPIRED', '000', ['failed', 'expired']],
    ['REJECTD', '0x1', ['failed', 'rejectd 0x1']],
    ['ACCEPTD', '000', ['sent', null]],
    ['ENROUTE', '000', ['sent', null]],
    ['constructor', '000', ['sent', null]],
  ] as const)
    it(`that says ${stat} makes it ${expected[0]}`, async () => {
      await using clinic = await openClinic()
      await clinic.village.happens('booked')
      assert.equal(await clinic.smsc.deliver(receipt('1', stat, err)), 0)
      const { status, reason } = await delivery(clinic.village)
      assert.deepEqual([status, reason], expected)
    })

  for (const [ids, taken, reported] of [
    ['same', '0A1b2C', 'a1B2c'],
    ['same', 'fX-9', 'fX-9'],
    ['hex-decimal', '1F4', '0000000500'],
    ['decimal-hex', '500', '000001f4'],
  ])
    it(`is of the text that was taken as ${taken} when it says ${reported} (${ids})`, async () => {
      await using clinic = await openClinic({ query: `ids=${ids}` })
      clinic.smsc.names.push(String(taken))
      await clinic.village.happens('booked')
      await clinic.smsc.deliver(receipt(String(reported), 'DELIVRD'))
      assert.equal((await delivery(clinic.village)).status, 'delivered')
    })

  it('is believed from its fields where its text is their own, and when it comes before the answer', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    const fields = { receipted_message_id: '1', message_state: 2, short_message: 'zugestellt' }
    assert.equal(await smsc.deliver({ ...receipt('', ''), ...fields }), 0)
    await village.happens('booked')
    assert.equal((await delivery(village)).status, 'delivered')
  })

  it('of the message that had the id before says nothing of the one that has it now', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    smsc.names.push('7', '7')
    await village.happens('booked')
    await smsc.deliver(receipt('7', 'UNDELIV'))
    village.house.setNow('2031-02-20T09:00:00Z')
    await village.happens('rescheduled', { sequence: 1 })
    const states = async () =>
      (await rows(village, `select status from notifications.delivery where channel = 'sms' order by created_at`)).map(
        ({ status }) => status,
      )
    assert.deepEqual(await states(), ['failed', 'sent'])
    await smsc.deliver(receipt('7', 'DELIVRD'))
    assert.deepEqual(await states(), ['failed', 'delivered'])
  })

  it('is taken when it is on record and not before', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    await village.happens('booked')
    await village.house.owner.query('alter table notifications.delivery_report rename to elsewhere')
    assert.equal(await smsc.deliver(receipt('1', 'DELIVRD')), 0x64)
    await village.house.owner.query('alter table notifications.elsewhere rename to delivery_report')
    assert.equal(await smsc.deliver(receipt('1', 'DELIVRD')), 0)
    assert.equal((await delivery(village)).status, 'delivered')
  })
})

describe('what somebody writes by SMPP', () => {
  it('is heard as it is over HTTP: STOP silences the phone, START brings it back', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    assert.equal(await smsc.deliver(writes(' Stop. ')), 0)
    assert.match(smsc.submitted.at(-1)?.short_message.message ?? '', /START brings them back/)
    assert.deepEqual(await titles(village.patient), ['Texts to your phone were ended'])
    await village.happens('booked')
    assert.equal((await delivery(village)).reason, 'stopped')
    village.house.setNow('2031-02-20T09:00:00Z')
    assert.equal(await smsc.deliver(writes('ابدأ', { data_coding: 8 })), 0)
    assert.equal((await titles(village.patient))[0], 'Texts to your phone begin again')
  })

  it('is a word in the alphabet that it says it is in', async () => {
    await using clinic = await openClinic()
    const { smsc, village } = clinic
    await smsc.until(() => smsc.bound.length === 1)
    await smsc.deliver(writes('ARRÊT', { data_coding: 3 }))
    assert.deepEqual(await titles(village.patient), ['Texts to your phone were ended'])
  })

  for (const [what, fields] of Object.entries({
    'is a part of a longer text': { sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: 2 },
    'comes from a number without its country': { source_addr: '2025550147', source_addr_ton: 2 },
    'comes from a name': { source_addr: 'CLINIC', source_addr_ton: 5 },
    'is no text': { data_coding: 4, short_message: Buffer.from('STOP') },
    'is what a phone says of a message': { esm_class: 8 },
  }))
    it(`is followed by nothing where it ${what}`, async () => {
      await using clinic = await openClinic()
      const { smsc, village } = clinic
      await smsc.until(() => smsc.bound.length === 1)
      assert.equal(await smsc.deliver(writes('STOP', fields)), 0)
      assert.deepEqual([await titles(village.patient), smsc.submitted.length], [[], 0])
    })
})
