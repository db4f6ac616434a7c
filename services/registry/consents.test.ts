import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { consentTexts } from './consent-texts.ts'
import { licensed, openRegistry, treats } from './testing.ts'

const reason = 'Unconscious after an accident; allergies must be known'

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

  it('refused for one category closes that one to who treats, and leaves them the rest; what others may see is another matter', async () => {
    const [almaz, treating, carer, blind] = [
      await patient(),
      await licensed(place),
      await caregiver(),
      await caregiver(),
    ]
    await treats(place, treating, almaz)
    await given(almaz, { patient: almaz.id, caregiver: carer.id, powers: ['see-record', 'see-sensitive'] }, carer)
    await given(almaz, { patient: almaz.id, caregiver: blind.id, powers: ['see-record'] }, blind)
    const sees = async ({ account }: { account: string }, category: string) => {
      const asked = `select platform.may_see($1, $2, 'see-record', $3, '2031-03-01T08:00:00Z') as how`
      return (await place.rows(asked, [account, almaz.id, category]))[0].how
    }
    const all = async (who: { account: string }) =>
      Promise.all(['general', 'mental-health', 'hiv'].map((category) => sees(who, category)))
    const answer = (decision: string) =>
      almaz.post(`/v1/patients/${almaz.id}/consents`, { purpose: 'treatment', category: 'hiv', decision, textVersion })
    assert.deepEqual(await all(treating), ['treatment', 'treatment', 'treatment'])
    assert.equal((await answer('deny')).status, 201)
    assert.deepEqual(await all(treating), ['treatment', 'treatment', null])
    assert.deepEqual(await all(carer), ['mandate', 'mandate', 'mandate'])
    assert.deepEqual(await all(blind), ['mandate', null, null])
    assert.deepEqual(await all(almaz), ['self', 'self', 'self'])
    assert.equal((await treating.get(`/v1/patients/${almaz.id}`)).status, 200)
    assert.equal((await answer('permit')).status, 201)
    assert.deepEqual(await all(treating), ['treatment', 'treatment', 'treatment'])
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
