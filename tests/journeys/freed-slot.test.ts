import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import { openSmtp, type TestSmtp } from '../smtp.ts'
import { eventually, ifMatch, Person, proveMailbox, signIn, signUp, someMonday } from './people.ts'
import { openPractice } from './practice.ts'

// A slot that somebody gives back on the bus finds who needs it most, over HTTP and mail, without anybody at a desk.

const CARE = 'https://care.example'

async function patientOf(house: RunningHouse, smtp: TestSmtp, userName: string, name: string) {
  const person = await signUp(house, userName, name)
  await proveMailbox(person, smtp)
  const facts = { birthDate: '1960-06-05', gender: 'female', language: 'en', zone: 'Africa/Accra' }
  const patient = (await person.ask(201, 'POST', '/v1/patients', { name, ...facts })).body.id as string
  return { person, patient, mailbox: `${userName}@example.org` }
}

/** The link of a mail, under these words. */
async function linkIn(smtp: TestSmtp, mailbox: string, words: string): Promise<string> {
  const line = new RegExp(`${words}:\n${CARE}(/links/[\\w-]+)`)
  return eventually(`${mailbox} is told`, async () =>
    smtp
      .to(mailbox)
      .flatMap(({ text }) => line.exec(String(text))?.[1] ?? [])
      .at(-1),
  )
}

/** As a mail program looks, and then as somebody presses the button. */
async function press(house: RunningHouse, link: string): Promise<string> {
  const page = await house.ask('GET', link)
  assert.equal(page.status, 200, String(page.body))
  assert.match(String(page.body), /<form method="post">/)
  const done = await house.ask('POST', link, {
    raw: { type: 'application/x-www-form-urlencoded', content: Buffer.from('') },
  })
  assert.equal(done.status, 200, String(done.body))
  assert.equal((await house.ask('POST', link)).status, 404, 'once')
  return String(done.body)
}

async function journey(form: Form): Promise<void> {
  await using smtp = await openSmtp()
  await using house = await startHouse(form, { SMTP_URL: smtp.url, PUBLIC_URL: CARE })
  const monday = someMonday()
  const { practitioner } = await openPractice(house, monday)
  const doctor = await signIn(new Person(house), 'dr-okello')
  await proveMailbox(doctor, smtp)

  // Anna has the first slot. Saba and Berhane wait for one in the morning; the doctor knows that Berhane is worse.
  const anna = await patientOf(house, smtp, 'anna', 'Anna Mensah')
  const start = `${monday}T09:00:00.000Z`
  const visit = await anna.person.ask(201, 'POST', '/v1/appointments', { practitioner, patient: anna.patient, start })
  const saba = await patientOf(house, smtp, 'saba', 'Saba Tesfaye')
  const berhane = await patientOf(house, smtp, 'berhane', 'Berhane Haile')
  const wait = async ({ person, patient }: typeof saba, wish: object) =>
    (await person.ask(201, 'POST', '/v1/waitlist-entries', { patient, timeUntil: '12:00', ...wish })).body.id as string
  const first = await wait(saba, { speciality: 'cardiology' })
  const urgent = await wait(berhane, { practitioner })
  const [waiting] = (await doctor.ask(200, 'GET', '/v1/waitlist-entries')).body.items
  assert.equal(waiting.id, urgent, 'who waits for a speciality is not the doctor’s to see')
  const said = { priority: 'urgent', reason: 'deterioration' }
  await doctor.ask(200, 'PUT', `/v1/waitlist-entries/${urgent}/priority`, said, ifMatch({ body: waiting } as never))

  // Anna cancels by the link in her mail, without signing in. Berhane is asked, and says no; then Saba, who says yes.
  assert.match(await press(house, await linkIn(smtp, anna.mailbox, 'To cancel')), /is cancelled/)
  assert.equal((await anna.person.ask(200, 'GET', `/v1/appointments/${visit.body.id}`)).body.status, 'cancelled')
  const refusal = await linkIn(smtp, berhane.mailbox, 'No, leave it to others')
  const entry = (await berhane.person.ask(200, 'GET', `/v1/waitlist-entries/${urgent}`)).body
  assert.deepEqual([entry.status, entry.offer.start], ['offered', start])
  await anna.person.ask(409, 'POST', '/v1/appointments', { practitioner, patient: anna.patient, start })
  await press(house, refusal)
  await press(house, await linkIn(smtp, saba.mailbox, 'Yes, take it'))

  // It is hers, everybody concerned is told, and Berhane waits on.
  const [mine] = (await saba.person.ask(200, 'GET', '/v1/appointments')).body.items
  assert.deepEqual([mine.status, mine.start], ['booked', start])
  assert.equal((await saba.person.ask(200, 'GET', `/v1/waitlist-entries/${first}`)).body.status, 'met')
  assert.equal((await berhane.person.ask(200, 'GET', `/v1/waitlist-entries/${urgent}`)).body.status, 'waiting')
  await eventually(
    'the doctor is told of the new visit',
    async () => smtp.to('dr-okello@example.org').filter(({ subject }) => subject === 'New appointment').length === 2,
  )
  assert.match(await press(house, await linkIn(smtp, saba.mailbox, 'To say that it stands')), /stands/)
  assert.ok((await saba.person.ask(200, 'GET', `/v1/appointments/${mine.id}`)).body.confirmedAt)
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

describe('a cancelled slot finds its patient', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
