import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { consentTexts } from './consent-texts.ts'
import { aPatient, nowhere, openRegistry, version } from './testing.ts'

const reason = 'Unconscious after an accident; allergies must be known'

/** Somebody who may practise, by a grant as verify-licence.ts makes it. */
async function licensed({ house, practitioner }: Awaited<ReturnType<typeof openRegistry>>) {
  const doctor = await practitioner()
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'licence', 'Practitioner', $2, '{practise}', '2030-01-01')`,
    [doctor.account, doctor.id],
  )
  return doctor
}

/** As a booked visit makes it. */
const treats = (
  { house }: Awaited<ReturnType<typeof openRegistry>>,
  doctor: { account: string },
  patient: { id: string },
) =>
  house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', '2031-01-01')`,
    [doctor.account, patient.id],
  )

describe('breaking the glass', async () => {
  const place = await openRegistry()
  const { house, patient, administrator, waiting, rows } = place
  const [saba, doctor, ada] = [await patient(), await licensed(place), await administrator()]
  const open = (who: Client = doctor, change: object = {}) =>
    who.post('/v1/break-glass', { patient: saba.id, reason, ...change })

  it('finds who lies there by exact name and birth date, and nobody else', async () => {
    const find = (name: string, birthDate: string, who: Client = doctor) =>
      who.post('/v1/emergency-look-ups', { name, birthDate })
    const found = await find('  saba   TESFAYE ', aPatient.birthDate)
    assert.deepEqual(found.body.items, [
      { id: saba.id, name: 'Saba Tesfaye', birthDate: aPatient.birthDate, gender: 'female' },
    ])
    assert.deepEqual((await find('Saba', aPatient.birthDate)).body.items, [])
    assert.deepEqual((await find('%', aPatient.birthDate)).body.items, [])
    assert.deepEqual((await find('Saba Tesfaye', '1987-06-06')).body.items, [])
    for (const who of [saba, ada, await place.caregiver(), await place.practitioner()])
      assert.equal((await find('Saba Tesfaye', aPatient.birthDate, who)).status, 403)
  })

  it('is for who may practise, with a reason, for somebody who exists', async () => {
    assert.equal((await open(ada)).status, 403)
    assert.equal((await open(await place.practitioner())).status, 403, 'no licence was verified')
    assert.equal((await open(doctor, { reason: 'urgent' })).status, 400)
    assert.equal((await open(doctor, { reason: `a${' '.repeat(20)}` })).status, 400)
    assert.equal((await open(doctor, { patient: nowhere })).status, 404)
    assert.deepEqual(await waiting('BreakGlass.opened'), [])
  })

  it('opens the record for four hours, tells the patient, and waits to be looked into', async () => {
    const path = `/v1/patients/${saba.id}`
    assert.equal((await doctor.get(path)).status, 404)
    const { status, body } = await open()
    assert.deepEqual([status, body.openUntil], [201, '2031-03-01T12:00:00.000Z'])
    assert.equal((await doctor.get(path)).status, 200)
    assert.deepEqual(await waiting('BreakGlass.opened'), [
      { breakGlass: body.id, patient: saba.id, practitioner: doctor.id },
    ])
    await house.work()
    assert.equal((await saba.get('/v1/notifications')).body.items[0].title, 'Your record was opened in an emergency')
    house.setNow('2031-03-01T11:59:59Z')
    assert.equal((await doctor.get(path)).status, 200)
    house.setNow('2031-03-01T12:00:00Z')
    assert.equal((await doctor.get(path)).status, 404)
    house.setNow('2031-03-01T08:00:00Z')
    const list = await ada.get('/v1/break-glass?reviewed=false')
    assert.deepEqual(
      list.body.items.map((item: { id: string; reason: string }) => [item.id, item.reason]),
      [[body.id, reason]],
    )
    const audited = await rows(`select reason from platform.audit_event where operation = 'breakGlass'`)
    assert.deepEqual(audited, [{ reason: 'BTG' }], 'the audit repeats nothing that people wrote')
  })

  it('opens the record of who stands for a patient who was replaced', async () => {
    const again = await patient({ name: 'Saba Tesfay' })
    const merge = { survivor: saba.id, replaced: again.id, reason: 'Same person: passport seen' }
    assert.equal((await ada.post('/v1/merges', merge)).status, 201)
    const other = await licensed(place)
    const find = { name: 'Saba Tesfay', birthDate: aPatient.birthDate }
    assert.deepEqual((await other.post('/v1/emergency-look-ups', find)).body.items, [])
    const opened = await open(other, { patient: again.id })
    assert.deepEqual([opened.status, opened.body.patient], [201, saba.id])
    assert.equal((await other.get(`/v1/patients/${again.id}`)).body.id, saba.id)
  })

  it('ends with the licence', async () => {
    const other = await licensed(place)
    await open(other)
    assert.equal((await other.get(`/v1/patients/${saba.id}`)).status, 200)
    await house.owner.query(
      `update platform.access_grant set revoked_at = '2031-02-01' where account_id = $1 and relationship = 'licence'`,
      [other.account],
    )
    assert.equal((await other.get(`/v1/patients/${saba.id}`)).status, 403)
  })

  it('is judged once, by somebody else; what was not justified is closed', async () => {
    const { id } = (await open()).body
    const review = (who: typeof ada, body: object, of = 1) =>
      who.post(`/v1/break-glass/${id}/review`, body, version(of))
    const self = await house.withToken(doctor.token)
    assert.equal((await self.post(`/v1/break-glass/${id}/review`, { verdict: 'justified' }, version(1))).status, 403)
    assert.equal((await review(ada, { verdict: 'unjustified' })).status, 422)
    const bad = { verdict: 'unjustified', note: 'Nobody was in danger' }
    assert.equal((await review(ada, bad, 2)).status, 412)
    const both = await Promise.all([review(ada, bad), review(await administrator(), bad)])
    assert.deepEqual(both.map(({ status }) => status).filter((status) => status === 200).length, 1)
    assert.equal((await review(ada, { verdict: 'justified' }, 2)).status, 422)
    assert.ok(
      !(await ada.get('/v1/break-glass?reviewed=false')).body.items.some((item: { id: string }) => item.id === id),
    )
  })
})

describe('consent', async () => {
  const place = await openRegistry()
  const { patient, caregiver, given } = place
  const [saba, doctor, hana] = [await patient(), await licensed(place), await caregiver()]
  await treats(place, doctor, saba)
  const textVersion = consentTexts[0]?.version
  const path = `/v1/patients/${saba.id}/consents`
  const say = (decision: string, change: object = {}, who: Client = saba) =>
    who.post(path, { purpose: 'treatment', category: 'general', decision, textVersion, ...change })

  it('asks in words that have a version, for each purpose and category', async () => {
    const { items } = (await place.house.anonymous.get('/v1/consent-texts')).body
    assert.equal(items.length, 20)
    assert.equal(new Set(items.map((one: { text: string }) => one.text)).size, 20)
  })

  it('is answered by the patient alone, on the present text', async () => {
    await given(saba, { patient: saba.id, caregiver: hana.id, powers: ['see-record', 'see-sensitive'] }, hana)
    for (const who of [hana, doctor, await patient()]) {
      assert.equal((await say('deny', {}, who)).status, 404)
      assert.equal((await who.get(path)).status, 404)
    }
    assert.equal((await say('deny', { textVersion: '2020-01' })).status, 400)
    assert.equal((await say('perhaps')).status, 400)
  })

  it('refused, closes the record to who treats from the next request on, and permitted again opens it', async () => {
    const read = async () => (await doctor.get(`/v1/patients/${saba.id}`)).status
    assert.equal(await read(), 200)
    assert.equal((await say('deny')).status, 201)
    assert.equal(await read(), 404)
    assert.equal((await hana.get(`/v1/patients/${saba.id}`)).status, 200, 'a mandate is another matter')
    const now = (await saba.get(path)).body.items
    assert.deepEqual([now.length, now[0].decision, now[0].recordedAt], [20, 'deny', '2031-03-01T08:00:00.000Z'])
    assert.equal((await doctor.post('/v1/break-glass', { patient: saba.id, reason })).status, 201)
    assert.equal(await read(), 200, 'in an emergency it is opened all the same')
    await say('permit')
    assert.equal((await saba.get(path)).body.items[0].decision, 'permit')
  })

  it('keeps every answer, and the newest is where the rooms look, however many come at once', async () => {
    const answers = ['deny', 'permit', 'deny', 'permit', 'deny'].map((decision) =>
      say(decision, { purpose: 'research' }),
    )
    assert.deepEqual(new Set((await Promise.all(answers)).map(({ status }) => status)), new Set([201]))
    const [{ decision }] = await place.rows(
      `select decision from registry.consent where purpose = 'research' order by id desc limit 1`,
    )
    const refusals = await place.rows(`select from platform.refusal where subject_id = $1 and purpose = 'research'`, [
      saba.id,
    ])
    assert.equal(refusals.length, decision === 'deny' ? 1 : 0)
    assert.equal((await place.rows(`select from registry.consent where purpose = 'research'`)).length, 5)
  })
})

describe('who saw my record', async () => {
  const place = await openRegistry()
  const { patient, caregiver, given, house } = place
  const [saba, doctor, hana] = [await patient(), await licensed(place), await caregiver()]
  await treats(place, doctor, saba)
  const log = async (who: Client, query = '') => who.get(`/v1/patients/${saba.id}/access-log${query}`)
  const texts = async (query = '') =>
    (await log(saba, query)).body.items.map((entry: { text: string }) => entry.text) as string[]

  it('tells in plain words, also who tried and was not let in', async () => {
    await given(saba, { patient: saba.id, caregiver: hana.id, powers: ['see-record'] }, hana)
    await doctor.get(`/v1/patients/${saba.id}`)
    await hana.get(`/v1/patients/${saba.id}`)
    await (await patient()).get(`/v1/patients/${saba.id}`)
    await doctor.post('/v1/break-glass', { patient: saba.id, reason })
    assert.deepEqual(await texts(), [
      'Dr Amina Okello opened your record in an emergency.',
      'Somebody tried to see your profile and was not let in.',
      'Hana Bekele, whom a mandate lets act for you, read your profile.',
      'Dr Amina Okello, who treats you, read your profile.',
      'Hana Bekele, whom a mandate lets act for you, changed a mandate.',
      'You added a mandate.',
      'You added your profile.',
    ])
  })

  it('is for the patient, and for a caregiver who sees the record', async () => {
    assert.equal((await log(hana)).status, 200)
    const booker = await caregiver()
    await given(saba, { patient: saba.id, caregiver: booker.id, powers: ['book'] }, booker)
    for (const who of [booker, doctor, await patient(), await place.administrator()])
      assert.equal((await log(who)).status, 404)
    assert.equal((await house.anonymous.get(`/v1/patients/${saba.id}/access-log`)).status, 401)
  })

  it('comes page by page, and what is added meanwhile moves nothing', async () => {
    const all = await texts('?limit=100')
    const first = (await log(saba, '?limit=4')).body
    await doctor.get(`/v1/patients/${saba.id}`)
    const second = (await log(saba, `?limit=4&cursor=${first.next}`)).body
    const seen = [...first.items, ...second.items].map((entry: { text: string }) => entry.text)
    assert.deepEqual(seen.slice(1), all.slice(0, 7))
  })
})
