import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayReceive, senderOf } from './addresses.ts'
import { asName, render } from './render.ts'
import { wordsFor } from './words/catalogues.ts'
import { en } from './words/en.ts'
import { fr } from './words/fr.ts'

describe('the words of a message', () => {
  it('are in the nearest language there is', () => {
    assert.equal(wordsFor('en-GB'), en)
    assert.equal(wordsFor('fr-CA'), fr)
    assert.equal(wordsFor('tlh-Latn'), en)
    assert.equal(wordsFor('constructor'), en)
  })

  it('give the time on the clock of the place, and say whose clock it is', () => {
    const params = {
      patient: 'A',
      practitioner: 'B',
      start: '2031-03-03T21:30:00Z',
      end: '',
      zone: 'Asia/Ho_Chi_Minh',
      mode: 'video',
      sequence: 0,
    }
    const { text } = render('appointment-booked.patient', params, { language: 'en' })
    assert.match(text, /Tuesday,? 4 March 2031 at 04:30 \(Indochina Time\), by video\.$/)
  })

  it('are the name of the template where an old one has no words any more', () => {
    assert.deepEqual(render('gone.patient', {}, { language: 'en' }), {
      title: 'gone.patient',
      text: '',
      mail: '',
      short: 'gone.patient',
    })
  })
})

describe('a name in a message', () => {
  for (const [given, shown] of [
    ['Abena Owusu', 'Abena Owusu'],
    ['Dr. Ama O’Neill-Boateng, MD', 'Dr. Ama O’Neill-Boateng, MD'],
    ['ሀና በቀለ', 'ሀና በቀለ'],
    ['أمينة', 'أمينة'],
    ['王小明', '王小明'],
    ['Eve\r\nBcc: a@b.example', 'Eve Bcc a b. example'],
    ['win at http://evil.example/x', 'win at http evil. example x'],
    ['\u202eevE', 'evE'],
    ['<b>"x"\\', 'b x'],
    ['x'.repeat(500), 'x'.repeat(120)],
  ] as const)
    it(`${JSON.stringify(given.slice(0, 40))} is shown as ${JSON.stringify(shown.slice(0, 40))}`, () => {
      assert.equal(asName(given), shown)
    })
})

describe('an address', () => {
  for (const good of ['a@b.example', 'a.b+c@sub.clinic.org', 'ñandú@correo.example'])
    it(`${good} is one`, () => assert.equal(mayReceive(good, false), true))

  for (const bad of [
    'a',
    'a@',
    '@b.example',
    'a@b,c@d.example',
    'a@b>\r\nRCPT TO:<c@d',
    'a b@c.example',
    '"a"@b.example',
    'a@-',
    `${'a'.repeat(65)}@b.example`,
  ])
    it(`${JSON.stringify(bad.slice(0, 30))} is none`, () => assert.equal(mayReceive(bad, false), false))

  it('of a real domain is not written to from a demonstration', () => {
    for (const reserved of ['a@x.example', 'a@example.org', 'a@mail.example.com', 'a@openhcs.test', 'a@localhost'])
      assert.equal(mayReceive(reserved, true), true, reserved)
    for (const real of ['a@openhcs.org', 'a@myexample.com', 'a@example.org.evil.net', 'a@test.com'])
      assert.equal(mayReceive(real, true), false, real)
  })

  it('of the sender is read from MAIL_FROM in both its forms', () => {
    const of = (MAIL_FROM: string) => senderOf({ MAIL_FROM } as never)
    assert.deepEqual(of('Clinic Desk <desk@clinic.example>'), { name: 'Clinic Desk', email: 'desk@clinic.example' })
    assert.deepEqual(of('"Clinic" <desk@clinic.example>'), { name: 'Clinic', email: 'desk@clinic.example' })
    assert.deepEqual(of('desk@clinic.example'), { name: 'OpenHCS', email: 'desk@clinic.example' })
  })
})
