import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { languages } from '#platform/language.ts'
import { openSmtp } from '#tests/smtp.ts'
import { aboutPerson } from './person.ts'
import { render } from './render.ts'
import { bodyOf } from './sending/mail-body.ts'
import { keywordIn } from './sms/keywords.ts'
import { openVillage, type Village } from './testing.ts'
import { catalogues, digestOf, versionOf } from './words/catalogues.ts'

const rows = async ({ house }: Village, sql: string, values: unknown[] = []) =>
  (await house.owner.query(sql, values)).rows

function speaks({ world }: Village, account: string, language: string) {
  const contact = world.contacts.get(account)
  assert.ok(contact)
  world.contacts.set(account, { ...contact, language })
}

const newest = async (client: Village['patient']) => (await client.get('/v1/notifications')).body.items[0]

describe('the language of a message', () => {
  it('is its reader’s own: a caregiver’s is not the patient’s', async () => {
    await using village = await openVillage()
    speaks(village, village.patient.account, 'ar')
    speaks(village, village.caregiver.account, 'fr-CA')
    await village.happens('booked')
    assert.equal((await newest(village.patient)).title, 'تم حجز موعد')
    assert.equal(
      (await newest(village.caregiver)).text,
      'Le rendez-vous de Abena Owusu avec Dr Ama Boateng est prévu le lundi 3 mars 2031 à 09 h 00 (heure moyenne de Greenwich), à Ridge Clinic.',
    )
    assert.equal((await newest(village.practitioner)).title, 'New appointment')
  })

  it('is that of the installation for who reads none that there is', async () => {
    await using village = await openVillage({ env: { DEFAULT_LANGUAGE: 'sw' } })
    speaks(village, village.patient.account, 'am')
    await village.happens('booked')
    assert.equal((await newest(village.patient)).title, 'Miadi imewekwa')
  })

  it('sets names apart that run the other way, in either direction, and adds nothing where all run one way', () => {
    const params = { practitioner: 'Dr. Ama', patient: 'أمينة', start: '2031-03-03T09:00:00Z', zone: 'UTC' }
    const said = (template: string, language: string) => render(template, params, { language }).text
    assert.match(said('appointment-cancelled.patient', 'ar'), /\u2068Dr\. Ama\u2069/)
    assert.match(said('appointment-cancelled.caregiver', 'en'), /of \u2068أمينة\u2069 with Dr\. Ama on/)
    assert.doesNotMatch(said('appointment-cancelled.patient', 'hi'), /[\u2066-\u2069]/)
  })

  it('counts as its speakers do', () => {
    const days = (n: number) => render('licence-ending.practitioner', { days: n }, { language: 'ar' }).text
    assert.match(days(1), /خلال يوم واحد\./)
    assert.match(days(2), /خلال يومين\./)
    assert.match(days(3), /خلال 3 أيام\./)
    assert.match(days(11), /خلال 11 يومًا\./)
    assert.match(days(100), /خلال 100 يوم\./)
  })

  it('says the time on the reader’s own clock too, where they have told theirs and it shows another', async () => {
    await using village = await openVillage()
    const choose = (client: Village['patient'], zone: string) =>
      client.put('/v1/notification-preferences', { wishes: [], zone }, { 'if-match': '"1"' })
    assert.equal((await choose(village.patient, 'Africa/Nairobi')).status, 200)
    assert.equal((await choose(village.caregiver, 'Africa/Abidjan')).status, 200)
    await village.happens('booked')
    assert.match(
      (await newest(village.patient)).text,
      /09:00 \(Greenwich Mean Time; for you Monday, 3 March 2031 at 12:00, East Africa Time\), at Ridge Clinic\.$/,
    )
    assert.match((await newest(village.caregiver)).text, /09:00 \(Greenwich Mean Time\), at Ridge Clinic\.$/)
  })

  for (const language of languages)
    it(`names words that end and begin texts by themselves: ${language}`, () => {
      const { phrases } = catalogues[language]
      assert.equal(keywordIn(phrases['word.stop']), 'stop')
      assert.equal(keywordIn(phrases['word.start']), 'start')
    })
})

describe('a mail in HTML', () => {
  it('knows its language and which way it runs; nothing in it is markup, and no link leads elsewhere', () => {
    const url = 'https://care.example'
    const evil = `Abena <img src=x onerror="alert(1)"> &\nhttps://evil.example/x\n${url}.evil.example/x\n${url}/links/abc`
    const { html } = bodyOf(evil, 'ar-EG', url)
    assert.match(html, /^<!doctype html><html lang="ar" dir="rtl">/)
    assert.doesNotMatch(html, /<img|onerror="/)
    const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, to]) => to)
    assert.deepEqual(links, [`${url}/links/abc`, url])
    assert.match(bodyOf('x', 'hi', url).html, /<html lang="hi" dir="ltr">/)
  })
})

describe('the words of a message', () => {
  it('have another version when one of them, or a phrase in them, is another', () => {
    const today = versionOf('appointment-booked.patient', 'en')
    assert.ok(today)
    const { message, phrases } = today
    const key = 'en appointment-booked.patient'
    assert.equal(digestOf(key, { message, phrases }), today.version)
    assert.notEqual(digestOf(key, { message: { ...message, title: 'Booked' }, phrases }), today.version)
    assert.notEqual(digestOf(key, { message, phrases: { ...phrases, when: '{time}' } }), today.version)
    assert.notEqual(versionOf('appointment-booked.patient', 'fr')?.version, today.version)
  })

  it('are kept with it: it is shown as it was told when the words are others by now', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    const before = await newest(village.patient)
    const kept = await rows(
      village,
      `select version from notifications.wording where template = 'appointment-booked.patient'`,
    )
    assert.deepEqual(kept, [{ version: versionOf('appointment-booked.patient', 'en')?.version }])

    // As if the next release had changed them.
    const older = { title: 'Booked', text: 'With {practitioner}: {when}' }
    await rows(
      village,
      `insert into notifications.wording (version, template, language, message, phrases, first_used_at)
       select 'older', template, language, $1, phrases, first_used_at from notifications.wording where version = $2`,
      [JSON.stringify(older), kept[0]?.version],
    )
    await rows(village, `update notifications.notification set wording = 'older' where id = $1`, [before.id])
    const { title, text } = await newest(village.patient)
    assert.deepEqual(
      [title, text],
      ['Booked', 'With Dr Ama Boateng: Monday, 3 March 2031 at 09:00 (Greenwich Mean Time)'],
    )
    assert.equal((await village.patient.post(`/v1/notifications/${before.id}/read`)).body.title, 'Booked')
  })

  it('of a mail are noted in the language in which it went, and given to whoever asks what is known of them', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    smtp.mood = 'refuse'
    await village.happens('booked')
    speaks(village, village.patient.account, 'es')
    smtp.mood = 'accept'
    await village.hurry()
    await village.house.work()

    const [mail] = smtp.to('abena@people.example')
    assert.equal(mail?.subject, 'Cita reservada')
    const sent = await rows(village, 'select language, wording from notifications.delivery where account_id = $1', [
      village.patient.account,
    ])
    const version = versionOf('appointment-booked.patient', 'es')?.version
    assert.deepEqual(sent, [{ language: 'es', wording: version }])
    assert.equal((await rows(village, 'select from notifications.wording where version = $1', [version])).length, 1)

    const ctx = village.house.house.context('notifications', {
      actor: { kind: 'account', account: village.patient.account, roles: [], self: {} },
      traceId: 'test',
      doing: 'test',
    })
    const { data } = await aboutPerson(ctx as never, { account: village.patient.account } as never)
    const [told] = data.Notifications as { title: string }[]
    const [written] = data['Messages sent'] as { title: string; text: string; language: string }[]
    assert.equal(told?.title, 'Appointment booked')
    assert.deepEqual([written?.language, written?.title], ['es', 'Cita reservada'])
    const links = mail?.text?.replace(/\n\nPara cancelar:\n\S+/, '').trim()
    assert.equal(links, written?.text, 'word for word, but for the links')
  })
})
