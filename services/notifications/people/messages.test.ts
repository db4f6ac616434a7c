import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Client } from '#platform/testing.ts'
import { openGateway } from '#tests/sms-gateway.ts'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage, type Village } from '../testing.ts'

const text = 'Your results are there.\nPlease come and see me this week.'
const toAbena = ({ patientId }: Village, more: object = {}) => ({
  ...{ audience: 'patient', patient: patientId, category: 'general', text },
  ...more,
})
const inboxOf = async (who: Client) => (await who.get('/v1/notifications')).body.items
const refuse = ({ house, patientId }: Village, purpose: string, category = 'general') =>
  house.owner.query('insert into platform.refusal values ($1, $2, $3, now())', [patientId, purpose, category])
const rows = async ({ house }: Village, sql: string) => (await house.owner.query(sql)).rows

async function openWithWays() {
  const [smtp, gateway] = [await openSmtp(), await openGateway()]
  const village = await openVillage({ env: { SMTP_URL: smtp.url, SMS_GATEWAY_URL: gateway.url } })
  return {
    smtp,
    gateway,
    village,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await smtp.close()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

describe('POST /v1/messages to a patient', () => {
  it('is read in the app, by the patient and who receives her messages; what leaves the house says only that it is there', async () => {
    await using open = await openWithWays()
    const { village, smtp } = open
    await village.treat()
    const { status, body } = await village.practitioner.post('/v1/messages', toAbena(village))
    assert.deepEqual([status, body.status, body.waiting], [201, 'sending', 2])
    assert.deepEqual(body.counted, { patients: 1, unreached: 0, people: 2, email: 2, sms: 0, push: 0 })
    await village.house.work()

    const [abena] = await inboxOf(village.patient)
    assert.deepEqual(
      [abena.title, abena.text, abena.from, abena.about],
      [...['A message for you', text, 'Dr Ama Boateng', undefined]],
    )
    const [kofi] = await inboxOf(village.caregiver)
    assert.deepEqual([kofi.text, kofi.from, kofi.about], [text, 'Dr Ama Boateng', 'Abena Owusu'])
    assert.deepEqual(await inboxOf(village.stranger), [])
    assert.deepEqual(smtp.mails.map(({ subject }) => subject).toSorted(), [
      'A message about somebody you care for',
      'A message for you',
    ])
    for (const mail of smtp.mails) assert.doesNotMatch(JSON.stringify(mail), /results|Ama Boateng|Dr /)
    const done = (await village.practitioner.get(`/v1/messages/${body.id}`)).body
    assert.deepEqual([done.status, done.told, done.waiting], ['sent', 2, 0])
  })

  it('is in the log of who saw her record, under the name of who wrote', async () => {
    await using village = await openVillage()
    await village.treat()
    const { body } = await village.practitioner.post('/v1/messages', toAbena(village))
    await village.house.work()
    assert.deepEqual(
      await rows(
        village,
        `select action, account_id, relationship, reason from platform.audit_event where entity = 'Message/${body.id}' and subject is not null order by id`,
      ),
      [
        { action: 'R', account_id: village.caregiver.account, relationship: 'mandate', reason: 'told' },
        { action: 'E', account_id: village.practitioner.account, relationship: 'treatment', reason: null },
      ],
    )
  })

  it('goes to nobody whom one does not treat, who has refused that, or by whoever may not practise', async () => {
    await using village = await openVillage()
    const ask = (who: Client) => who.post('/v1/messages', toAbena(village))
    assert.equal((await ask(village.practitioner)).status, 404)
    await village.treat()
    for (const who of [village.patient, village.caregiver, village.stranger]) assert.equal((await ask(who)).status, 403)
    assert.equal((await ask(village.house.anonymous)).status, 401)
    assert.equal((await ask(await village.house.signedIn({ roles: ['administrator'] }))).status, 403)
    const other = await village.house.signedIn({ self: { practitioner: newId() } })
    assert.equal((await ask(other)).status, 404)
    await refuse(village, 'treatment')
    assert.equal((await ask(village.practitioner)).status, 404)
    assert.deepEqual(await rows(village, 'select from notifications.message'), [])
  })

  it('refuses what does not go together', async () => {
    await using village = await openVillage()
    await village.treat()
    for (const [wrong, status] of [
      [{ patient: undefined }, 422],
      [{ category: undefined }, 422],
      [{ role: 'donor' }, 422],
      [{ visitsFrom: '2031-01-01T00:00:00Z' }, 422],
      [{ audience: 'everybody' }, 400],
      [{ text: '' }, 400],
      [{ text: 'x'.repeat(4_001) }, 400],
      [{ status: 'sent' }, 400],
    ] as const)
      assert.equal(
        (await village.practitioner.post('/v1/messages', toAbena(village, wrong))).status,
        status,
        JSON.stringify(wrong),
      )
  })

  it('keeps what is sensitive from a caregiver without that power, and in the house where she wants that', async () => {
    await using open = await openWithWays()
    const { village, smtp } = open
    await village.treat()
    const hers = toAbena(village, { category: 'hiv' })
    const first = (await village.practitioner.post('/v1/messages', hers)).body
    assert.deepEqual([first.counted.people, first.counted.email], [1, 1])
    await village.house.work()
    assert.equal(smtp.mails.length, 1)
    await refuse(village, 'messages', 'hiv')
    assert.equal((await village.practitioner.post('/v1/messages', hers)).body.counted.email, 0)
    await village.house.work()
    assert.deepEqual(
      [smtp.mails.length, (await inboxOf(village.patient)).length, (await inboxOf(village.caregiver)).length],
      [1, 2, 0],
    )
  })

  it('goes by text to who has no mailbox, not after STOP, and by no way that she has turned off', async () => {
    await using open = await openWithWays()
    const { village, gateway } = open
    await village.treat()
    village.world.contacts.clear()
    const abena = { account: village.patient.account, name: 'Abena', phone: '+12025550147', language: 'en' }
    village.world.contacts.set(abena.account, abena)
    const countOf = async () => (await village.practitioner.post('/v1/messages', toAbena(village))).body.counted.sms
    assert.equal(await countOf(), 1)
    await village.house.work()
    assert.match(gateway.messages[0]?.text ?? '', /^There is a message for you\.\n/)
    await village.house.owner.query(
      'insert into notifications.phone_wish (phone, stopped, said_at) values (notifications.phone_digest($1), true, now())',
      [abena.phone],
    )
    assert.equal(await countOf(), 0)
    await village.house.owner.query('delete from notifications.phone_wish')
    const off = { wishes: [{ category: 'messages', channel: 'sms', wish: 'off' }] }
    assert.equal((await village.patient.put('/v1/notification-preferences', off, { 'if-match': '"1"' })).status, 200)
    assert.equal(await countOf(), 0)
    await village.house.work()
    assert.deepEqual([gateway.messages.length, (await inboxOf(village.patient)).length], [1, 3])
  })

  it('tells nobody whose mandate, and nobody whose treatment, has ended before it went out', async () => {
    await using village = await openVillage()
    await village.treat()
    const mandate = await village.grant((await village.house.signedIn()).account, ['receive-messages'])
    const { body } = await village.practitioner.post('/v1/messages', toAbena(village))
    await village.revoke(mandate)
    await village.house.work()
    const state = async (id: string) => {
      const { told, skipped } = (await village.practitioner.get(`/v1/messages/${id}`)).body
      return [told, skipped]
    }
    assert.deepEqual(await state(body.id), [2, 1])
    const second = (await village.practitioner.post('/v1/messages', toAbena(village))).body
    await refuse(village, 'treatment')
    await village.house.work()
    assert.deepEqual(await state(second.id), [0, 2])
  })

  it('says so when nobody can be told, and when there were too many of a day', async () => {
    await using village = await openVillage()
    const alone = newId()
    await village.treat(alone)
    const nobody = await village.practitioner.post('/v1/messages', toAbena(village, { patient: alone }))
    assert.equal(nobody.status, 422)
    await village.treat()
    const all = await Promise.all(
      Array.from({ length: 12 }, () => village.practitioner.post('/v1/messages', toAbena(village))),
    )
    assert.deepEqual(
      all.map(({ status }) => status).toSorted((a, b) => a - b),
      [...Array(10).fill(201), 429, 429],
    )
    village.house.setNow('2031-02-21T08:01:00Z')
    assert.equal((await village.practitioner.post('/v1/messages', toAbena(village))).status, 201)
  })
})
