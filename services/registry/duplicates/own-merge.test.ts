import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { openRegistry, treats, version } from '../testing.ts'

describe('POST /v1/merges by somebody who has to do with one of the two', async () => {
  const place = await openRegistry()
  const { house, administrator, patient, caregiver, given, rows, waiting, together } = place
  const ada = await administrator()
  const merge = (by: Client, survivor: string, replaced: string) =>
    by.post('/v1/merges', { survivor, replaced, reason: 'Same person: passport seen' })

  it('is refused to whoever is one of them: else an administrator would become anybody', async () => {
    const [self, victim] = [await administrator(), await patient()]
    const own = await patient({}, self)
    for (const [survivor, replaced] of [
      [victim.id, own.id],
      [own.id, victim.id],
    ] as const)
      assert.equal((await merge(self, survivor, replaced)).status, 403)
    assert.equal((await self.get(`/v1/patients/${victim.id}/access-log`)).status, 404)
    assert.equal((await self.get(`/v1/patients/${victim.id}/identifiers`)).body.items?.length, 0)
    assert.deepEqual(await waiting('Patient.merged'), [])
    assert.equal((await merge(ada, victim.id, own.id)).status, 201)
  })

  it('is refused to their caregivers: with a mandate, one that waits, or one that rests', async () => {
    const [saba, victim] = [await patient(), await patient()]
    const offered = { patient: saba.id, powers: ['see-record'] }
    const accepted = await caregiver({}, await administrator())
    await given(saba, { ...offered, caregiver: accepted.id }, accepted)
    const waits = await caregiver({}, await administrator())
    assert.equal((await saba.post('/v1/mandates', { ...offered, caregiver: waits.id })).status, 201)
    const rests = await caregiver({}, await administrator())
    await given(saba, { ...offered, caregiver: rests.id }, rests)
    assert.equal((await rests.patch(`/v1/caregivers/${rests.id}`, { active: false }, version(1))).status, 200)
    for (const who of [accepted, waits, rests]) {
      assert.equal((await merge(who, victim.id, saba.id)).status, 403)
      assert.equal((await merge(who, saba.id, victim.id)).status, 403)
    }
  })

  it('is refused to who treats one of them, and to a guardian of the child', async () => {
    const [saba, victim, doctor, hana] = [
      await patient(),
      await patient(),
      await administrator(),
      await caregiver({}, await administrator()),
    ]
    await treats(place, doctor, saba)
    assert.equal((await merge(doctor, victim.id, saba.id)).status, 403)
    const child = { name: 'Liya', birthDate: '2024-03-04', gender: 'female', language: 'am', zone: 'UTC' }
    const guardianship = await hana.post('/v1/guardianships', { child, evidence: 'Birth certificate 12' })
    assert.equal((await merge(hana, victim.id, guardianship.body.patient)).status, 403)
  })

  /** Merged before they became one of them. */
  const firsts: string[] = []

  it('is looked at under the lock: whoever becomes one of them meanwhile is refused', async () => {
    const [self, saba, victim] = [await administrator(), await patient(), await patient()]
    const hana = await caregiver({}, self)
    const [mandate, merged] = await together('select from registry.patient where id = $1 for update', saba.id, [
      () => saba.post('/v1/mandates', { patient: saba.id, caregiver: hana.id, powers: ['see-record'] }),
      () => merge(self, victim.id, saba.id),
    ])
    const gained = (await hana.get(`/v1/mandates/${mandate?.body.id}`)).body.patient === victim.id
    assert.ok(merged?.status === 403 || !gained || mandate?.status !== 201, `${mandate?.status} ${merged?.status}`)
    if (merged?.status === 201) firsts.push(merged.body.id)
  })

  it('undoing is refused to them too', async () => {
    const [self, other] = [await administrator(), await patient()]
    const own = await patient({}, self)
    const made = await merge(ada, other.id, own.id)
    const undo = `/v1/merges/${made.body.id}/undo`
    const reason = { reason: 'Two people after all' }
    assert.equal((await self.post(undo, reason, version(1))).status, 403)
    assert.equal((await ada.post(undo, reason, version(1))).status, 200)
  })

  it('gives back no mandate whose caregiver went out of use meanwhile, before they are back', async () => {
    const [one, other, hana] = [await patient(), await patient(), await caregiver()]
    const wanted = { caregiver: hana.id, powers: ['see-record'] }
    await given(one, { ...wanted, patient: one.id }, hana)
    await given(other, { ...wanted, patient: other.id }, hana)
    const made = await merge(ada, one.id, other.id)
    assert.equal(made.body.setAside.length, 1)
    const path = `/v1/caregivers/${hana.id}`
    assert.equal((await hana.patch(path, { active: false }, version(1))).status, 200)
    const undone = await ada.post(`/v1/merges/${made.body.id}/undo`, { reason: 'Two people' }, version(1))
    assert.equal(undone.status, 200)
    for (const { id } of [one, other]) assert.equal((await hana.get(`/v1/patients/${id}`)).status, 404)
    assert.equal((await hana.patch(path, { active: true }, version(2))).status, 200)
    for (const { id } of [one, other]) assert.equal((await hana.get(`/v1/patients/${id}`)).status, 200)
  })

  it('leaves nothing behind where it was refused', async () => {
    const others = 'select id from registry.patient_merge where merged_by <> $1'
    assert.deepEqual(
      (await rows(others, [ada.account])).map(({ id }) => id),
      firsts,
    )
    assert.equal((await house.anonymous.post('/v1/merges', {})).status, 401)
  })
})
