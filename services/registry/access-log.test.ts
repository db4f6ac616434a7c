import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aPatient, licensed, openRegistry, treats } from './testing.ts'

const reason = 'Unconscious after an accident; allergies must be known'

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

describe('who saw a record, in words for everything', async () => {
  const { house, patient, administrator } = await openRegistry()
  const ada = await administrator()
  const opened = async (name: string) =>
    (await ada.post('/v1/organisations', { name, city: 'Port Selam', country: 'GH' })).body.id as string
  const [harbour, other] = [await opened('Harbour Health Trust'), await opened('Another Trust')]
  const texts = async (who: Client, id: string) =>
    (await who.get(`/v1/patients/${id}/access-log?limit=100`)).body.items.map(
      ({ text }: { text: string }) => text,
    ) as string[]

  it('names the organisation of a desk, of several the one that looks after the patient', async () => {
    const desk = await house.signedIn({ desk: { organisation: other, function: 'desk' } })
    await house.owner.query(
      `insert into platform.membership (id, account_id, organisation_id, function, given_by, given_at) values (gen_random_uuid(), $1, $2, 'desk', $1, '2031-01-01Z')`,
      [desk.account, harbour],
    )
    const { id } = (await desk.post(`/v1/organisations/${harbour}/patients`, aPatient)).body
    await desk.get(`/v1/patients/${id}`)
    const { code } = (await desk.post(`/v1/patients/${id}/claim-code`)).body
    const self = await house.signedIn()
    await self.post('/v1/claims', { code, birthDate: aPatient.birthDate })
    assert.deepEqual(await texts(self, id), [
      'You changed your profile with a slip from a desk.',
      'Staff of Harbour Health Trust printed a slip by which your record is taken over.',
      'Staff of Harbour Health Trust read your profile.',
      'Staff of Harbour Health Trust added your profile.',
    ])
    const [, { who, name }] = (await self.get(`/v1/patients/${id}/access-log`)).body.items.slice(1)
    assert.deepEqual([who, name], ['desk', 'Harbour Health Trust'])
  })

  it('of two records that became one, tells what was done with either, page by page, and of each its own when they are parted', async () => {
    const [saba, twin] = [await patient(), await patient({ name: 'Sabba Tesfay' })]
    const eve = await patient()
    for (const { id } of [saba, twin]) await eve.get(`/v1/patients/${id}`)
    const merge = { survivor: saba.id, replaced: twin.id, reason: 'Passport seen' }
    const { id: made } = (await ada.post('/v1/merges', merge)).body
    const all = await texts(saba, saba.id)
    assert.equal(all.filter((text) => text.startsWith('Somebody tried to see your profile')).length, 2)
    assert.equal(all.filter((text) => text === 'You added your profile.').length, 2)
    assert.ok(all.includes('An administrator joined two records, as both are yours.'), all.join())
    const first = (await twin.get(`/v1/patients/${twin.id}/access-log?limit=3`)).body
    const second = (await twin.get(`/v1/patients/${twin.id}/access-log?limit=100&cursor=${first.next}`)).body
    const paged = [...first.items, ...second.items].map(({ text }: { text: string }) => text)
    assert.deepEqual(paged.slice(1), all, 'and the look before it')
    await ada.post(`/v1/merges/${made}/undo`, { reason: 'Two people' }, { 'if-match': '"1"' })
    const apart = await texts(twin, twin.id)
    assert.equal(apart.filter((text) => text === 'You added your profile.').length, 1)
    assert.ok(apart.includes('An administrator parted two records that had been joined.'), apart.join())
  })
})
