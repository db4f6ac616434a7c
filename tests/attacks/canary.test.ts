import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
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
}
const words = new RegExp(
  Object.values(canary)
    .map((word) => word.replace(/[+.]/g, '\\$&'))
    .join('|'),
  'i',
)

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
    await person.post('/v1/patients', { name: canary.name, birthDate: 'never', wrong: canary.note })
    const visit = await person.post(
      '/v1/appointments',
      { practitioner, patient, start: '2031-03-03T09:00:00Z', reason: canary.reason },
      { 'idempotency-key': 'k' },
    )
    assert.equal(visit.status, 201, JSON.stringify(visit.body))
    const jobs = JSON.stringify((await house.owner.query('select payload from graphile_worker._private_jobs')).rows)
    await house.work()
    await person.post(
      `/v1/appointments/${visit.body.id}/cancel`,
      { reason: 'pat', note: canary.note },
      { 'if-match': '"1"' },
    )
    await house.work()
    const audit = JSON.stringify((await house.owner.query('select * from platform.audit_event')).rows)
    const later = JSON.stringify(
      (await house.owner.query('select payload, last_error from graphile_worker._private_jobs')).rows,
    )
    const metrics = (await anonymous.get('/metrics')).body
    for (const [where, text] of Object.entries({ log: lines.join(''), jobs, later, audit, metrics }))
      assert.doesNotMatch(text, words, where)
    assert.doesNotMatch(lines.join(''), new RegExp(token), 'a token is a password')
    assert.ok(lines.length > 5 && audit.length > 100 && jobs.length > 100, 'there was something to look at')
    assert.ok(smtp.mails.length > 0)
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
