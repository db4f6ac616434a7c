import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { licensed, openRegistry, treats } from './testing.ts'

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
