import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aPatient, licensed, nowhere, openRegistry, version } from './testing.ts'

const reason = 'Unconscious after an accident; allergies must be known'

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
