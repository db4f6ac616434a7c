import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ParsedMail } from 'mailparser'
import pg from 'pg'
import { type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import { openSmtp, type TestSmtp } from '../smtp.ts'
import { eventually, ifMatch, Person, proveMailbox, signIn, signUp, someMonday } from './people.ts'
import { openPractice } from './practice.ts'

// One visit, and everybody it concerns reads of it in their own language: the patient, three who care for her, and the doctor.

interface Reader {
  userName: string
  name: string
  language: string
  dir: 'ltr' | 'rtl'
  /** Subjects of what comes when it is booked, near, moved and cancelled. */
  subjects: string[]
  /** Of the place, as it is called in this language. */
  zone: string
}

const patient: Reader = {
  ...{ userName: 'amina', name: 'أمينة', language: 'ar', dir: 'rtl', zone: 'توقيت غرينتش' },
  subjects: ['تم حجز موعد', 'اقترب موعدكم', 'تم تغيير الموعد', 'تم إلغاء الموعد'],
}
const carers: Reader[] = [
  {
    ...{ userName: 'chantal', name: 'Chantal Dupont', language: 'fr', dir: 'ltr', zone: 'heure moyenne de Greenwich' },
    subjects: ['Rendez-vous pris', 'Un rendez-vous approche', 'Rendez-vous déplacé', 'Rendez-vous annulé'],
  },
  {
    ...{ userName: 'asha', name: 'आशा', language: 'hi', dir: 'ltr', zone: 'ग्रीनविच मीन टाइम' },
    subjects: ['अपॉइंटमेंट बुक हो गया', 'एक अपॉइंटमेंट नज़दीक है', 'अपॉइंटमेंट का समय बदला', 'अपॉइंटमेंट रद्द हुआ'],
  },
  {
    ...{ userName: 'juma', name: 'Juma Otieno', language: 'sw', dir: 'ltr', zone: 'Saa za Greenwich' },
    subjects: ['Miadi imewekwa', 'Kuna miadi iliyokaribia', 'Miadi imehamishwa', 'Miadi imeghairiwa'],
  },
]
const doctor: Reader = {
  ...{ userName: 'dr-okello', name: 'Dr Amina Okello', language: 'en', dir: 'ltr', zone: 'Greenwich Mean Time' },
  subjects: ['New appointment', 'Appointment moved', 'Appointment cancelled'],
}

async function joins(house: RunningHouse, smtp: TestSmtp, { userName, name, language }: Reader): Promise<Person> {
  const person = await signUp(house, userName, name, language)
  await proveMailbox(person, smtp)
  return person
}

/** Everybody, with a mandate for each who cares. Chantal lives where clocks show another time. */
async function family(house: RunningHouse, smtp: TestSmtp) {
  const amina = await joins(house, smtp, patient)
  const facts = { birthDate: '1950-06-05', gender: 'female', language: 'ar', zone: 'Africa/Accra' }
  const id = (await amina.ask(201, 'POST', '/v1/patients', { name: patient.name, ...facts })).body.id as string
  for (const carer of carers) {
    const person = await joins(house, smtp, carer)
    const profile = { name: carer.name, language: 'ar' } // what they speak with her; they are written to in their own
    const { code } = (await person.ask(201, 'POST', '/v1/caregivers', profile)).body
    const powers = ['receive-messages']
    const given = await amina.ask(201, 'POST', '/v1/mandates', { patient: id, caregiverCode: code, powers })
    await person.ask(200, 'POST', `/v1/mandates/${given.body.id}/accept`)
    const zone = carer.language === 'fr' ? 'Asia/Kolkata' : 'Africa/Accra'
    await person.ask(200, 'PUT', '/v1/notification-preferences', { wishes: [], zone }, { 'if-match': '"1"' })
  }
  await proveMailbox(await signIn(new Person(house), doctor.userName), smtp)
  return { amina, id }
}

const aboutVisits = (smtp: TestSmtp, { userName, subjects }: Reader): ParsedMail[] =>
  smtp.to(`${userName}@example.org`).filter(({ subject }) => subjects.includes(subject ?? ''))

const everybodyHas = (smtp: TestSmtp, what: string, readers: Reader[]) =>
  eventually(what, async () => readers.every((reader) => aboutVisits(smtp, reader).length === reader.subjects.length))

/** PostgreSQL’s clock is not moved: what is due in a week is made due now. */
async function aWeekBefore(house: RunningHouse): Promise<void> {
  const client = new pg.Client(house.databaseUrls.ownerUrl)
  await client.connect()
  try {
    const { rowCount } = await client.query(`
      update graphile_worker._private_jobs j set run_at = now() from graphile_worker._private_tasks t
      where t.id = j.task_id and t.identifier = 'notifications:remind' and j.payload::text like '%week:%'`)
    assert.equal(rowCount, 1)
  } finally {
    await client.end()
  }
}

function check(mail: ParsedMail, { language, dir, zone }: Reader, start: string): void {
  const clock = (timeZone: string) =>
    new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      dateStyle: 'full',
      timeStyle: 'short',
      timeZone,
    }).format(new Date(start))
  const text = mail.text ?? ''
  assert.ok(text.includes(clock('Africa/Accra')), `${clock('Africa/Accra')}: ${text}`)
  assert.ok(text.includes(`(${zone}`), text)
  assert.equal(text.includes(clock('Asia/Kolkata')), language === 'fr', text)
  assert.match(String(mail.html), new RegExp(`<html lang="${language}" dir="${dir}">`))
  assert.doesNotMatch(mail.subject ?? '', /أمينة|Okello|Harbour|cardiology/)
  if (language === 'ar') assert.ok(text.includes('\u2068Dr Amina Okello\u2069'), text)
  if (language === 'sw') assert.ok(text.includes('\u2068أمينة\u2069'), text)
  if (language === 'en') assert.doesNotMatch(text, /أمينة/)
}

async function journey(form: Form): Promise<void> {
  await using smtp = await openSmtp()
  await using house = await startHouse(form, { SMTP_URL: smtp.url, PUBLIC_URL: 'https://care.example' })
  const monday = someMonday()
  const { practitioner } = await openPractice(house, monday)
  const { amina, id } = await family(house, smtp)
  const [first, second] = [`${monday}T09:00:00.000Z`, `${monday}T10:30:00.000Z`]
  const all = [patient, ...carers, doctor]
  /** The first so many things that happen; a doctor has the day's list, and is not reminded. */
  const upTo = (count: number) =>
    all.map((reader) => ({
      ...reader,
      subjects: reader.subjects.slice(0, reader === doctor && count > 1 ? count - 1 : count),
    }))

  const booked = await amina.ask(201, 'POST', '/v1/appointments', { practitioner, patient: id, start: first })
  await everybodyHas(smtp, 'everybody hears of the booking', upTo(1))
  await aWeekBefore(house)
  await everybodyHas(smtp, 'who comes is reminded', upTo(2))
  const visit = `/v1/appointments/${booked.body.id}`
  const moved = await amina.ask(200, 'POST', `${visit}/reschedule`, { start: second }, ifMatch(booked))
  await everybodyHas(smtp, 'everybody hears of the move', upTo(3))
  await amina.ask(200, 'POST', `${visit}/cancel`, { reason: 'pat' }, ifMatch(moved))
  await everybodyHas(smtp, 'everybody hears that it is off', upTo(4))

  for (const reader of all) {
    const mails = aboutVisits(smtp, reader)
    assert.deepEqual(
      mails.map(({ subject }) => subject),
      reader.subjects,
      reader.userName,
    )
    for (const [n, mail] of mails.entries()) check(mail, reader, n >= mails.length - 2 ? second : first)
  }
  // In the app it is the same, in the same language; and it is kept in which words it was.
  const { items } = (await amina.ask(200, 'GET', '/v1/notifications')).body
  assert.equal(items[0].title, patient.subjects.at(-1))
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

describe('one booking in five languages', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
