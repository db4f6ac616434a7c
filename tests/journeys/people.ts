import assert from 'node:assert/strict'
import type { Answer, RunningHouse } from '../processes.ts'
import type { TestSmtp } from '../smtp.ts'

// People of the journeys, and what they do in more than one.

const DAY = 86_400_000
export const password = 'fictional and long enough'
/** The smallest PDF that is one. */
export const certificate = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
)

/** The Monday after next week, so that all times lie in the future and inside the horizon. */
export function someMonday(): string {
  const date = new Date(Date.now() + 14 * DAY)
  while (date.getUTCDay() !== 1) date.setTime(date.getTime() + DAY)
  return date.toISOString().slice(0, 10)
}

export class Person {
  readonly house: RunningHouse
  token: string | undefined
  constructor(house: RunningHouse) {
    this.house = house
  }
  async ask(
    status: number,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await this.house.ask(method, path, { token: this.token, body, headers })
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer
  }
}

export async function signUp(house: RunningHouse, userName: string, name: string, language = 'en'): Promise<Person> {
  const person = new Person(house)
  await person.ask(201, 'POST', '/v1/accounts', {
    userName,
    name,
    password,
    language,
    email: `${userName}@example.org`,
  })
  return signIn(person, userName)
}

export async function signIn(person: Person, userName: string): Promise<Person> {
  person.token = (await person.ask(201, 'POST', '/v1/sessions', { userName, password })).body.token
  return person
}

/** With the code that comes by mail: nothing about care goes to a mailbox that nobody has proved. */
export async function proveMailbox(person: Person, smtp: TestSmtp): Promise<void> {
  const before = smtp.mails.length
  const sent = await person.ask(202, 'POST', '/v1/account/contacts/codes', { kind: 'email' })
  const code = await eventually(
    'the code comes',
    async () => smtp.mails.slice(before).flatMap(({ text }) => /^\d{6}(?=\s)/.exec(text ?? '') ?? [])[0],
  )
  await person.ask(204, 'POST', '/v1/account/contacts/confirm', { challenge: sent.body.challenge, code })
}

/** Events and jobs take effect soon, not at once: asks again until it is so, for two minutes. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const until = performance.now() + 120_000; performance.now() < until; ) {
    const seen = await look()
    if (seen) return seen
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error(`It did not happen within two minutes: ${what}`)
}

export const ifMatch = ({ body }: Answer) => ({ 'if-match': `"${body.version}"` })

/** A zone in which it is about noon now, so that the day is one day. */
export function noonZone(): string {
  const hourIn = (timeZone: string) =>
    new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(new Date())
  return Intl.supportedValuesOf('timeZone').find((zone) => hourIn(zone) === '12') ?? 'Etc/UTC'
}

/** A licence, its certificate, an administrator who verifies it, and a place. */
export async function administratorVerifies(
  house: RunningHouse,
  doctor: Person,
  practitioner: string,
): Promise<{ place: string }> {
  const licence = (
    await doctor.ask(201, 'POST', `/v1/practitioners/${practitioner}/licences`, {
      number: 'TEST-1',
      issuer: 'Fictional Council',
      country: 'ZZ',
      validFrom: '2020-01-01',
      validUntil: '2045-01-01',
    })
  ).body
  const uploaded = await house.ask('POST', `/v1/licences/${licence.id}/certificate`, {
    token: doctor.token,
    raw: { type: 'application/pdf', content: certificate },
  })
  assert.equal(uploaded.status, 200, JSON.stringify(uploaded.body))
  const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
  assert.equal(code, 0, output)
  const ada = await signIn(new Person(house), 'ada')
  const { items } = (await ada.ask(200, 'GET', '/v1/licences?status=pending')).body
  assert.equal(items.length, 1)
  await ada.ask(
    200,
    'POST',
    `/v1/licences/${items[0].id}/verify`,
    { decision: 'verified' },
    ifMatch({ body: items[0] } as Answer),
  )
  const place = await ada.ask(201, 'POST', '/v1/places', {
    name: 'Harbour Clinic',
    address: '3 Quay Street',
    city: 'Port Selam',
    country: 'ZZ',
    latitude: 0.34,
    longitude: 6.73,
    zone: 'Africa/Accra',
  })
  return { place: place.body.id }
}
