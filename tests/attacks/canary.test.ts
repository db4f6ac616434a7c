import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'
import { openSmtp } from '../smtp.ts'

/** Words that stand for what must not leak; each is sent where a person would enter it. */
const canary = {
  name: 'Canaryname',
  reason: 'Canaryreason',
  password: 'Canarypassword-1',
  email: 'canarymail@example.org',
  phone: '+12025550147',
  note: 'Canarynote',
  query: 'Canaryquery',
  number: 'CANARY-718-4217',
}
const words = new RegExp(
  Object.values(canary)
    .map((word) => word.replace(/[+.]/g, '\\$&'))
    .join('|'),
  'i',
)

/** A copy of everything is made and fetched, and erasure asked for, called off, asked for again, and done. */
async function leave(house: TestHouse, person: Client, patient: string): Promise<void> {
  const copy = await person.post('/v1/exports', {}, { 'idempotency-key': 'c' })
  assert.equal(copy.status, 201, JSON.stringify(copy.body))
  await person.post('/v1/exports', { patient, note: canary.note })
  await house.work()
  assert.equal((await person.get(`/v1/exports/${copy.body.id}/file`)).status, 200)
  await person.get('/v1/exports')
  const first = (await person.post('/v1/erasures', {})).body
  await person.post('/v1/erasures', { patient: canary.number, reason: canary.reason })
  await person.post(`/v1/erasures/${first.id}/receipt`, { code: `${canary.note}-${canary.number}` })
  assert.equal((await person.delete(`/v1/erasures/${first.id}`)).status, 204)
  const second = (await person.post('/v1/erasures', {})).body
  house.setNow(second.dueAt)
  await house.house.tasks()['registry:erase']?.({ erasure: second.id }, { job: {} } as never)
  await house.work()
  const receipt = await house.anonymous.post(`/v1/erasures/${second.id}/receipt`, { code: second.receiptCode })
  assert.equal(receipt.body.status, 'done')
  assert.doesNotMatch(JSON.stringify(receipt.body), words)
}

/** Somebody without an account, entered by others: alone, searched for, and in a file of many. */
async function atTheDesk(house: TestHouse): Promise<void> {
  const { name, email, phone, note } = canary
  const root = await house.signedIn({ roles: ['administrator'] })
  const organisation = (await root.post('/v1/organisations', { name: 'O', city: 'C', country: 'GH' })).body.id
  const clerk = await house.signedIn({ desk: { organisation, function: 'manager' } })
  const path = `/v1/organisations/${organisation}/patients`
  const facts = { name, birthDate: '1990-01-01', gender: 'other', language: 'en', zone: 'UTC', email, phone }
  assert.equal((await clerk.post(path, facts)).status, 201)
  assert.equal((await clerk.post(`${path}/search`, { name, phone })).body.items.length, 1)
  const lines = [
    'key,name,birthDate,gender,language,zone,phone,email',
    `1,${name},1990-01-01,other,en,UTC,${phone},${email}`,
    `2,${name},never,${note},en,UTC,,`,
  ]
  const csv = Buffer.from(lines.join('\n'))
  const sent = await clerk.upload(
    `/v1/imports?organisation=${organisation}&kind=patients&dryRun=false`,
    'text/csv',
    csv,
  )
  assert.equal(sent.status, 201)
}

describe('what people enter', () => {
  it('is in no log line, job, event, audit row or metric', async () => {
    await using smtp = await openSmtp()
    const lines: string[] = []
    await using house = await openTestHouse(everything, {
      env: { SMTP_URL: smtp.url },
      log: (line) => lines.push(line),
    })
    const practitioner = await openCalendar(house)
    const { anonymous } = house
    await anonymous.post('/v1/accounts', {
      userName: 'somebody',
      name: canary.name,
      password: canary.password,
      email: canary.email,
      phone: canary.phone,
    })
    const { token } = (await anonymous.post('/v1/sessions', { userName: 'somebody', password: canary.password })).body
    await anonymous.post('/v1/sessions', { userName: canary.name, password: canary.password })
    await anonymous.get(`/v1/specialities?q=${canary.query}`)
    await anonymous.get(`/v1/nothing/${canary.name}?q=${canary.query}`)
    const person = house.withToken(token)
    const asked = await person.post('/v1/account/contacts/codes', { kind: 'email' })
    const code = /\b\d{6}\b/.exec(String(smtp.mails[0]?.text))?.[0]
    const proof = { challenge: asked.body.challenge, code }
    assert.equal((await person.post('/v1/account/contacts/confirm', proof)).status, 204)
    const patient = (
      await person.post('/v1/patients', {
        name: canary.name,
        birthDate: '1990-01-01',
        gender: 'other',
        language: 'en',
        zone: 'UTC',
        email: canary.email,
        phone: canary.phone,
      })
    ).body.id
    const number = { kind: 'national', country: 'GH', value: canary.number }
    const numbers = `/v1/patients/${patient}/identifiers`
    const kept = await person.post(numbers, number, { 'idempotency-key': 'n' })
    assert.equal(kept.status, 201, JSON.stringify(kept.body))
    await person.post(numbers, { ...number, country: canary.number })
    await person.post(`/v1/identifiers/${kept.body.id}/reveal`, { purpose: 'own-use' })
    const desk = await house.signedIn({ roles: ['administrator'] })
    assert.equal((await desk.post('/v1/identifiers/search', { of: 'patient', ...number })).body.items.length, 1)
    await person.post('/v1/patients', { name: canary.name, birthDate: 'never', wrong: canary.note })
    const visit = await person.post(
      '/v1/appointments',
      { practitioner, patient, start: '2031-03-03T09:00:00Z', reason: canary.reason },
      { 'idempotency-key': 'k' },
    )
    assert.equal(visit.status, 201, JSON.stringify(visit.body))
    await atTheDesk(house)
    const jobs = JSON.stringify((await house.owner.query('select payload from graphile_worker._private_jobs')).rows)
    await house.work()
    await person.post(
      `/v1/appointments/${visit.body.id}/cancel`,
      { reason: 'pat', note: canary.note },
      { 'if-match': '"1"' },
    )
    await house.work()
    await leave(house, person, patient)
    const audit = JSON.stringify((await house.owner.query('select * from platform.audit_event')).rows)
    const later = JSON.stringify(
      (await house.owner.query('select payload, last_error from graphile_worker._private_jobs')).rows,
    )
    const metrics = (await anonymous.get('/metrics')).body
    for (const [where, text] of Object.entries({ log: lines.join(''), jobs, later, audit, metrics }))
      assert.doesNotMatch(text, words, where)
    assert.doesNotMatch(lines.join(''), new RegExp(token), 'a token is a password')
    assert.ok(lines.length > 5 && audit.length > 100 && jobs.length > 100, 'there was something to look at')
    assert.ok(smtp.mails.length > 1)
    assert.doesNotMatch(
      smtp.mails.map(({ text, html, subject }) => `${subject} ${text} ${html}`).join(),
      new RegExp(`${canary.reason}|${canary.note}`),
      'nothing clinical in mails',
    )
  })
})

describe('what signs somebody in', () => {
  it('is in no log line, job, audit row, metric or table', async () => {
    await using smtp = await openSmtp()
    const lines: string[] = []
    const env = { SMTP_URL: smtp.url }
    await using house = await openTestHouse(everything, { env, log: (line) => lines.push(line) })
    const { anonymous, owner } = house
    const credentials = { userName: 'somebody', password: canary.password }
    await anonymous.post('/v1/accounts', { ...credentials, name: 'Somebody', email: 'somebody@example.org' })
    const session = (await anonymous.post('/v1/sessions', { ...credentials, refresh: true })).body
    const person = house.withToken(session.token)
    const sent = await person.post('/v1/account/contacts/codes', { kind: 'email' })
    assert.equal(sent.status, 202)
    const code = /\b\d{6}\b/.exec(String(smtp.mails[0]?.text))?.[0] ?? assert.fail('no code came')
    await person.post('/v1/account/contacts/confirm', { challenge: sent.body.challenge, code })
    const { secret } = (await person.post('/v1/account/totp', {})).body
    const renewed = (await anonymous.post('/v1/sessions/refresh', { refreshToken: session.refreshToken })).body
    await house.work()
    const secrets = [canary.password, session.token, session.refreshToken, renewed.token, renewed.refreshToken, secret]
    const metrics = (await anonymous.get('/metrics')).body
    const tables = await owner.query(`select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('platform', 'identity', 'notifications')`)
    const stored = []
    for (const { name } of tables.rows)
      stored.push(JSON.stringify((await owner.query(`select t::text from ${name} t`)).rows))
    const jobs = JSON.stringify((await owner.query('select payload from graphile_worker._private_jobs')).rows)
    const places = { log: lines.join(''), jobs, metrics, stored: stored.join('') }
    for (const [where, text] of Object.entries(places))
      for (const each of secrets) assert.ok(!text.includes(each), `${where} has a secret`)
    assert.ok(!new RegExp(`\\b${code}\\b`).test(`${places.log}${jobs}`), 'a code')
    assert.ok(lines.length > 5 && stored.join('').length > 1_000, 'there was something to look at')
  })
})
