import assert from 'node:assert/strict'
import { existsSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const person = {
  name: 'Zawadi Traceless',
  email: 'zawadi.traceless@example.org',
  phone: '+12025550199',
  number: 'TRACE-718-4217',
  reason: 'Tracelessreason',
  device: 'Tracelessdevice',
}
const left = new RegExp(
  Object.values(person)
    .map((word) => word.replace(/[+.]/g, '\\$&'))
    .concat('traceless')
    .join('|'),
  'i',
)

/** Every row of every table, but for the job engine's list of its own. */
async function everyRow({ owner }: TestHouse): Promise<Map<string, string>> {
  const { rows } = await owner.query(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and (n.nspname in (select room from platform.migration) or n.nspname = 'graphile_worker')`,
  )
  const all = new Map<string, string>()
  for (const { name } of rows)
    all.set(name, JSON.stringify((await owner.query(`select t::text as row from ${name} t`)).rows))
  return all
}

const run = (house: TestHouse, name: string, payload: object) =>
  house.house.tasks()[name]?.(payload, { job: {} } as never) as Promise<void>

async function signUp(house: TestHouse): Promise<Client> {
  const { anonymous } = house
  const password = 'salt-harbour-lantern'
  const { name, email, phone, device } = person
  await anonymous.post('/v1/accounts', { userName: 'traceless', name, password, email, phone })
  const { token } = (await anonymous.post('/v1/sessions', { userName: 'traceless', password, device })).body
  return house.withToken(token)
}

/** A patient, caregiver and practitioner without a licence, with something in every room. */
async function livedHere(house: TestHouse) {
  const treats = await openCalendar(house)
  const who = await signUp(house)
  const { name, email, phone } = person
  const facts = { name, birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC', email, phone }
  const patient = (await who.post('/v1/patients', facts, { 'idempotency-key': 'p' })).body.id
  const number = { kind: 'national', country: 'GH', value: person.number }
  assert.equal((await who.post(`/v1/patients/${patient}/identifiers`, number)).status, 201)
  const caregiver = (await who.post('/v1/caregivers', { name, language: 'en', phone, email })).body
  const own = { name, gender: 'female', languages: ['en'], specialities: ['cardiology'], about: person.reason }
  const practitioner = (await who.post('/v1/practitioners', own)).body.id
  assert.equal((await who.upload(`/v1/practitioners/${practitioner}/photo`, 'image/png', png)).status, 200)
  const visits = []
  for (const start of ['2031-03-03T09:00:00Z', '2031-03-03T10:00:00Z']) {
    const asked = { practitioner: treats, patient, start, reason: person.reason }
    visits.push((await who.post('/v1/appointments', asked, { 'idempotency-key': start })).body.id)
  }
  await who.post('/v1/holds', { practitioner: treats, patient, start: '2031-03-03T11:00:00Z' })
  const other = await house.signedIn()
  const othersPatient = (
    await other.post('/v1/patients', { ...facts, name: 'Other Person', email: 'o@example.org', phone: '+12025550100' })
  ).body.id
  const mandate = await other.post('/v1/mandates', {
    patient: othersPatient,
    caregiver: caregiver.id,
    powers: ['book', 'see-record'],
    evidence: person.reason,
  })
  assert.equal(mandate.status, 201, JSON.stringify(mandate.body))
  await house.work()
  return { who, patient, visits, other }
}

describe('erasure', () => {
  it('leaves no name, phone, address, number or word of the person anywhere, and says what it kept', async () => {
    await using house = await openTestHouse(everything)
    const life = await livedHere(house)
    const { who } = life
    const before = await everyRow(house)
    const named = [...before].filter(([, rows]) => left.test(rows)).map(([table]) => table)
    for (const table of [
      'identity.account',
      'registry.patient',
      'scheduling.appointment',
      'notifications.notification',
    ])
      assert.ok(named.includes(table), `${table} holds something to erase: ${named}`)

    house.setNow('2031-03-03T09:45:00Z') // one visit is over, one lies ahead
    const asked = await who.post('/v1/erasures', {})
    assert.equal(asked.status, 201, JSON.stringify(asked.body))
    const { id, receiptCode, dueAt } = asked.body
    await run(house, 'registry:erase', { erasure: id })
    assert.equal((await who.get('/v1/account')).status, 200, 'not before its time')
    house.setNow(dueAt)
    await house.work()
    await run(house, 'registry:erase', { erasure: id })
    await house.work()
    await run(house, 'registry:erase-again', { erasure: id })

    for (const [table, rows] of await everyRow(house)) assert.doesNotMatch(rows, left, table)
    assert.equal((await who.get('/v1/account')).status, 401)
    const read = await house.anonymous.post(`/v1/erasures/${id}/receipt`, { code: receiptCode })
    assert.equal(read.body.status, 'done', JSON.stringify(read.body))
    const outcomes = read.body.receipt.map(({ what, outcome }: Record<string, string>) => `${outcome} ${what}`)
    for (const wanted of [
      /^erased account/,
      /^erased national/,
      /^kept appointments/,
      /^pseudonymised patient/,
      /^kept audit/,
    ])
      assert.ok(
        outcomes.some((line: string) => wanted.test(line)),
        `${wanted} in ${outcomes.join('; ')}`,
      )
    for (const { outcome, why } of read.body.receipt)
      assert.ok(outcome !== 'kept' || why, 'what is kept is kept for a reason')
    assert.equal((await house.anonymous.post(`/v1/erasures/${id}/receipt`, { code: `${receiptCode}x` })).status, 404)
  })

  it('leaves no reference that leads nowhere, but for those it names', async () => {
    await using house = await openTestHouse(everything)
    const { who, patient, visits, other } = await livedHere(house)
    const account = (await who.get('/v1/account')).body.id
    const { id } = (await who.post('/v1/erasures', {})).body
    house.setNow('2031-04-01T00:00:00Z')
    await run(house, 'registry:erase', { erasure: id })
    await house.work()
    const { rows } = await house.owner.query(
      `select format('%I.%I', n.nspname, c.relname) as tab, a.attname as col from pg_attribute a join pg_class c on c.oid = a.attrelid
       join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and not c.relispartition and a.atttypid = 'uuid'::regtype and not a.attisdropped
         and n.nspname in (select room from platform.migration)`,
    )
    const found: string[] = []
    for (const { tab, col } of rows)
      if ((await house.owner.query(`select 1 from ${tab} where ${col} = $1`, [account])).rowCount)
        found.push(`${tab}.${col}`)
    // By number alone: who booked, who gave which mandate, the receipt, the audit; and a column that must not be empty.
    assert.deepEqual(found.sort(), [
      'platform.audit_event.account_id',
      'registry.caregiver.account_id',
      'registry.erasure.account_id',
      'registry.erasure.requested_by',
      'scheduling.appointment.made_by',
    ])
    const known = await house.owner.query('select id from registry.patient where id = $1', [patient])
    assert.equal(known.rowCount, 1, 'appointments that are kept refer to a patient that is there')
    const { rows: kept } = await house.owner.query(
      'select status, reason from scheduling.appointment where id = any ($1)',
      [visits],
    )
    assert.deepEqual(
      kept.map(({ reason }) => reason),
      [null, null],
    )
    const { body } = await other.get('/v1/mandates')
    assert.deepEqual(
      body.items.map(({ status }: { status: string }) => status),
      ['revoked'],
    )
    assert.equal(
      (await house.owner.query('select 1 from platform.access_grant where account_id = $1', [account])).rowCount,
      0,
    )
  })

  it('of records that became one takes every account of the person, and the photo of the replaced one', async () => {
    await using house = await openTestHouse(everything)
    const sessions = []
    const patients = []
    for (const userName of ['one', 'two']) {
      const [password, name] = ['salt-harbour-lantern', `Traceless ${userName}`]
      const email = `traceless.${userName}@example.org`
      await house.anonymous.post('/v1/accounts', { userName: `traceless-${userName}`, name, password, email })
      const signedIn = await house.anonymous.post('/v1/sessions', { userName: `traceless-${userName}`, password })
      const who = house.withToken(signedIn.body.token)
      const facts = { name, birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC', email }
      const { id } = (await who.post('/v1/patients', facts)).body
      assert.equal((await who.upload(`/v1/patients/${id}/photo`, 'image/png', png)).status, 204)
      sessions.push(who)
      patients.push(id)
    }
    const hana = (await sessions[1]?.post('/v1/caregivers', { name: 'Traceless two', language: 'en' }))?.body
    const desk = await house.signedIn({ roles: ['administrator'] })
    const [survivor, replaced] = patients
    const merge = await desk.post('/v1/merges', { survivor, replaced, reason: 'Traceless: passport seen' })
    assert.equal(merge.status, 201, JSON.stringify(merge.body))
    await house.work()
    const asked = (await sessions[0]?.post('/v1/erasures', {}))?.body
    house.setNow(asked.dueAt)
    await run(house, 'registry:erase', { erasure: asked.id })
    for (const [table, rows] of await everyRow(house)) assert.doesNotMatch(rows, left, table)
    assert.equal((await house.owner.query('select 1 from identity.account')).rowCount, 0)
    const { rows } = await house.owner.query('select name from registry.caregiver where id = $1', [hana.id])
    assert.deepEqual(rows, [{ name: 'Erased person' }])
    assert.equal((await house.owner.query('select 1 from registry.file_unused')).rowCount, 1, 'one picture, noted')
    const { body } = await house.anonymous.post(`/v1/erasures/${asked.id}/receipt`, { code: asked.receiptCode })
    const others = body.receipt.find(({ what }: { what: string }) => what.startsWith('other accounts'))
    assert.deepEqual([others.outcome, others.count], ['erased', 1])
  })

  it('leaves nothing of what a desk called the person in its files', async () => {
    await using house = await openTestHouse(everything, { env: { KEEP_IMPORTS_DAYS: '30' } })
    const root = await house.signedIn({ roles: ['administrator'] })
    const organisation = (await root.post('/v1/organisations', { name: 'O', city: 'C', country: 'GH' })).body.id
    const clerk = await house.signedIn({ desk: { organisation, function: 'manager' } })
    const send = async (...lines: string[]) => {
      const csv = Buffer.from(['key,name,birthDate,gender,language,zone', ...lines].join('\n'))
      const path = `/v1/imports?organisation=${organisation}&kind=patients&dryRun=false`
      const { status, body } = await clerk.upload(path, 'text/csv', csv)
      assert.equal(status, 201)
      await house.work()
      return body.id as string
    }
    await send('Traceless-7,A B,never,female,en,UTC', 'Somebody-8,A B,never,female,en,UTC')
    await send('Traceless-7,Zawadi Traceless,1990-01-01,female,en,UTC')
    const { items } = (
      await clerk.post(`/v1/organisations/${organisation}/patients/search`, { name: 'Zawadi Traceless' })
    ).body
    const asked = (await root.post('/v1/erasures', { patient: items[0].id, reason: 'asked-on-paper' })).body
    house.setNow(asked.dueAt)
    await run(house, 'registry:erase', { erasure: asked.id })
    for (const [table, rows] of await everyRow(house)) assert.doesNotMatch(rows, left, table)
    const count = async (table: string) => (await house.owner.query(`select 1 from registry.${table}`)).rowCount
    assert.deepEqual([await count('import'), await count('import_fault')], [2, 1], 'others stay')
    await run(house, 'registry:forget', {})
    assert.deepEqual([await count('import'), await count('import_fault')], [2, 1], 'until they are old')
    house.setNow('2031-04-15T00:00:00Z')
    await run(house, 'registry:forget', {})
    assert.deepEqual([await count('import'), await count('import_fault')], [0, 0])
  })

  it('takes a file only when no other record has the same content', async () => {
    await using house = await openTestHouse(everything)
    const { who, other } = await livedHere(house)
    const own = { name: 'Other Person', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
    const { id: practitioner } = (await other.post('/v1/practitioners', own)).body
    assert.equal((await other.upload(`/v1/practitioners/${practitioner}/photo`, 'image/png', png)).status, 200)
    const { rows } = await house.owner.query('select photo_key as key from registry.practitioner where id = $1', [
      practitioner,
    ])
    const path = join(house.house.config.OPENHCS_HOME, 'files', rows[0].key.slice(0, 2), rows[0].key)
    for (const [client, there] of [
      [who, true],
      [other, false],
    ] as const) {
      const { id, dueAt } = (await client.post('/v1/erasures', {})).body
      house.setNow(dueAt)
      await run(house, 'registry:erase', { erasure: id })
      utimesSync(path, 0, 0)
      house.setNow(new Date(Date.parse(dueAt) + 3_600_000).toISOString())
      await run(house, 'registry:drop-files', {})
      assert.equal(existsSync(path), there)
    }
  })

  it('of a practitioner ends the hours, cancels what lies ahead, and keeps who treated', async () => {
    await using house = await openTestHouse(everything)
    const amina = await house.signedIn()
    const own = {
      name: 'Dr Kept Name',
      gender: 'female',
      languages: ['en'],
      specialities: ['cardiology'],
      about: 'Gone',
    }
    const practitioner = (await amina.post('/v1/practitioners', own)).body.id
    await house.owner.query(
      `insert into registry.licence (id, practitioner_id, number, issuer, country, valid_from, valid_until, status, certificate_key, created_at, updated_at)
       values (gen_random_uuid(), $1, 'M-1', 'Council', 'GH', '2030-01-01', '2032-12-31', 'verified', 'x', now(), now())`,
      [practitioner],
    )
    await openCalendar(house, { practitioner })
    const who = await house.signedIn()
    const facts = { name: 'Saba', birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC' }
    const patient = (await who.post('/v1/patients', facts)).body.id
    const visit = (await who.post('/v1/appointments', { practitioner, patient, start: '2031-05-05T09:00:00Z' })).body
    const desk = await house.signedIn({ roles: ['administrator'] })
    const asked = await desk.post('/v1/erasures', { practitioner, reason: 'asked-on-paper' })
    assert.equal(asked.status, 201, JSON.stringify(asked.body))
    house.setNow(asked.body.dueAt)
    await run(house, 'registry:erase', { erasure: asked.body.id })
    await house.work()
    const { body } = await who.get(`/v1/appointments/${visit.id}`)
    assert.deepEqual([body.status, body.cancelReason], ['cancelled', 'prov'])
    const left = await house.owner.query('select count(*)::int as n from scheduling.offer where practitioner_id = $1', [
      practitioner,
    ])
    assert.equal(left.rows[0].n, 0)
    await house.house.tasks()['scheduling:check-free-ranges']?.({}, { job: {} } as never)
    const { rows } = await house.owner.query('select name, about from registry.practitioner where id = $1', [
      practitioner,
    ])
    assert.deepEqual(rows, [{ name: 'Dr Kept Name', about: null }])
    const code = asked.body.receiptCode
    const { receipt } = (await desk.post(`/v1/erasures/${asked.body.id}/receipt`, { code })).body
    const kept = receipt.find(({ what }: { what: string }) => what === 'name and verified licences')
    assert.deepEqual([kept.outcome, kept.until?.slice(0, 4)], ['kept', '2043'])
  })

  it('can be called off while it waits, by the person or an administrator, and nobody else', async () => {
    await using house = await openTestHouse(everything, { env: { SESSION_IDLE_MINUTES: '100000' } })
    const { who, patient, other } = await livedHere(house)
    const { body: first } = await who.post('/v1/erasures', {})
    assert.equal((await who.post('/v1/erasures', {})).body.code, 'duplicate')
    assert.equal((await other.delete(`/v1/erasures/${first.id}`)).status, 404)
    assert.equal((await other.post('/v1/erasures', { patient, reason: 'court-order' })).status, 404)
    assert.equal((await who.delete(`/v1/erasures/${first.id}`)).status, 204)
    assert.equal((await who.delete(`/v1/erasures/${first.id}`)).body.code, 'business-rule')
    const desk = await house.signedIn({ roles: ['administrator'] })
    assert.equal((await desk.post('/v1/erasures', { patient })).body.errors[0].pointer, '/body/reason')
    const second = await desk.post('/v1/erasures', { patient, reason: 'asked-on-paper' })
    assert.equal(second.status, 201)
    await house.work()
    const { items } = (await who.get('/v1/notifications')).body
    assert.ok(items.some(({ title }: { title: string }) => title === 'Erasure was asked for'))
    assert.deepEqual(
      (await who.get('/v1/erasures')).body.items.map(({ status }: { status: string }) => status),
      ['waiting', 'cancelled'],
    )
    house.setNow(first.dueAt)
    await run(house, 'registry:erase', { erasure: first.id })
    assert.equal((await who.get('/v1/account')).status, 200, 'what was called off does not run')
    assert.equal((await desk.post('/v1/erasures', {})).body.code, 'business-rule', 'the last administrator')
  })
})
