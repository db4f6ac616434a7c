import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pagesOf, readdress } from '#fhir/store/of-patient.ts'
import { system } from '#platform/auth.ts'
import { openTestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { everything } from '#services.ts'
import { leastResource } from '../../tests/least-resource.ts'
import { storeOf } from './store.ts'
import { flagFor, newPatient, practitionerOf } from './testing.ts'

const reason = 'Same person'

describe('records of two patients who are merged', () => {
  it('follow, are written on, and go back', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const flag = (await doctor.post('/fhir/R4/Flag', flagFor(other.id))).body
    const totalFor = async (who: typeof one, patient: string) =>
      (await who.get(`/fhir/R4/Flag?patient=${patient}&_total=accurate`)).body.total
    assert.equal((await one.get(`/fhir/R4/Flag/${flag.id}`)).status, 404)
    const merge = (await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason })).body.id
    await house.work()
    assert.equal((await one.get(`/fhir/R4/Flag/${flag.id}`)).status, 200)
    assert.deepEqual([await totalFor(one, one.id), await totalFor(one, other.id)], [1, 1], 'by both names')
    const changed = await doctor.put(`/fhir/R4/Flag/${flag.id}`, { ...flag, status: 'inactive' })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal(await totalFor(one, one.id), 1, 'still, after it has been written on')
    await ada.post(`/v1/merges/${merge}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    assert.equal((await one.get(`/fhir/R4/Flag/${flag.id}`)).status, 404)
    assert.deepEqual([await totalFor(one, one.id), await totalFor(other, other.id)], [0, 1])
    assert.equal((await other.get(`/fhir/R4/Flag/${flag.id}`)).body.status, 'inactive')
  })

  it('take with them what is about them by something else: where it comes from, and a file', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const flag = (await doctor.post('/fhir/R4/Flag', flagFor(other.id))).body
    const made = [
      await doctor.post('/fhir/R4/Provenance', {
        ...leastResource('Provenance'),
        target: [{ reference: `Flag/${flag.id}` }],
      }),
      await doctor.post('/fhir/R4/Binary', {
        ...{ resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' },
        securityContext: { reference: `Flag/${flag.id}` },
      }),
    ]
    const seenBy = async (who: typeof one) =>
      Promise.all(made.map(async ({ body }) => (await who.get(`/fhir/R4/${body.resourceType}/${body.id}`)).status))
    assert.deepEqual(
      [await seenBy(one), await seenBy(other)],
      [
        [404, 404],
        [200, 200],
      ],
    )
    const merge = (await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason })).body.id
    await house.work()
    assert.deepEqual(await seenBy(one), [200, 200])
    await ada.post(`/v1/merges/${merge}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    assert.deepEqual(
      [await seenBy(one), await seenBy(other)],
      [
        [404, 404],
        [200, 200],
      ],
    )
  })

  it('go back also where only what they hold says whose they are, and somebody has written on them', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: flagFor(other.id) }] }
    const made = []
    for (let n = 0; n < 2; n++) made.push((await doctor.post('/fhir/R4/Bundle', bundle)).body)
    const merge = (await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason })).body.id
    await house.work()
    const changed = { ...made[0], identifier: { value: 'a' } }
    assert.equal((await doctor.put(`/fhir/R4/Bundle/${changed.id}`, changed)).status, 200)
    for (const { id } of made) assert.equal((await one.get(`/fhir/R4/Bundle/${id}`)).status, 200)
    await ada.post(`/v1/merges/${merge}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    for (const { id } of made)
      assert.deepEqual(
        [(await one.get(`/fhir/R4/Bundle/${id}`)).status, (await other.get(`/fhir/R4/Bundle/${id}`)).status],
        [404, 200],
      )
  })

  it('who was replaced before stays replaced in what names several', async () => {
    await using house = await openTestHouse(everything)
    const [one, other, third] = [await newPatient(house), await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other, third)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const list = {
      ...{ resourceType: 'List', status: 'current', mode: 'working' },
      entry: [other, third].map(({ id }) => ({ item: { reference: `Patient/${id}` } })),
    }
    const url = `/fhir/R4/List/${(await doctor.post('/fhir/R4/List', list)).body.id}`
    const merges = []
    for (const { id: replaced } of [other, third]) {
      merges.push((await ada.post('/v1/merges', { survivor: one.id, replaced, reason })).body.id)
      await house.work()
    }
    assert.equal((await one.get(url)).status, 200)
    assert.equal((await doctor.get(url)).status, 200)
    await ada.post(`/v1/merges/${merges[1]}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    const { rows } = await house.owner.query(`select about from platform.fhir_resource where type = 'List'`)
    assert.deepEqual(rows[0].about.sort(), [one.id, third.id].sort())
  })

  it('a Group has the members it had, those too who were taken off it, and nobody else', async () => {
    await using house = await openTestHouse(everything)
    const [one, other, third] = [await newPatient(house), await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other, third)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const group = (...members: { id: string }[]) => ({
      ...{ resourceType: 'Group', type: 'person', actual: true },
      member: members.map(({ id }) => ({ entity: { reference: `Patient/${id}` } })),
    })
    const made = async (...members: { id: string }[]) =>
      (await doctor.post('/fhir/R4/Group', group(...members))).body.id
    const [ofOther, ofBoth, left] = [await made(other), await made(one, other), await made(third, other)]
    const url = `/fhir/R4/Group/${left}`
    assert.equal((await doctor.put(url, { ...group(third), id: left })).status, 200)
    const rows = async () =>
      (
        await house.owner.query(`select id, about, refs from platform.fhir_resource where type = 'Group' order by key`)
      ).rows.map(({ id, about, refs }) => [id, about.sort(), refs.filter((ref: string) => ref.includes('$')).sort()])
    const before = await rows()
    assert.deepEqual(
      before.map(([id, about]) => [id, about]),
      [
        [ofOther, [other.id]],
        [ofBoth, [one.id, other.id].sort()],
        [left, [third.id, other.id].sort()],
      ],
    )
    const merge = (await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason })).body.id
    await house.work()
    assert.deepEqual(
      (await rows()).map(([, about]) => about),
      [[one.id], [one.id], [one.id, third.id].sort()],
    )
    await ada.post(`/v1/merges/${merge}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    assert.deepEqual(await rows(), before)
  })

  it('are told once more where somebody wrote meanwhile', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const flag = (await doctor.post('/fhir/R4/Flag', flagFor(other.id))).body
    const ctx = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const { value: rows } = await pagesOf(storeOf(ctx), ['Flag'], other.id).next()
    const tell = () =>
      transact(ctx, ({ db }) =>
        readdress(db as never, rows, { base: 'http://openhcs.test/fhir/R4', as: new Map([[other.id, one.id]]) }),
      )
    assert.equal((await doctor.put(`/fhir/R4/Flag/${flag.id}`, { ...flag, status: 'inactive' })).status, 200)
    await assert.rejects(tell, /meanwhile/)
  })
})
