import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { begun, newPatient, openWard, practitionerOf, saved, version } from './testing.ts'

describe('PATCH /v1/consultations/{id}/draft', () => {
  it('saves what is sent, and leaves the rest; also what is not finished', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    await saved(doctor, id, { reason: 'Cough', vitals: [{ kind: 'weight', value: 7 }] })
    const draft = await saved(doctor, id, { plan: 'Rest' }, 2)
    assert.deepEqual(draft.sections, { reason: 'Cough', vitals: [{ kind: 'weight', value: 7 }], plan: 'Rest' })
    assert.deepEqual(
      draft.changes.map(({ section, version, by }: Record<string, unknown>) => [section, version, by]),
      [
        ['reason', 2, doctor.id],
        ['vitals', 2, doctor.id],
        ['plan', 3, doctor.id],
      ],
    )
    const read = await doctor.get(`/v1/consultations/${id}/draft`)
    assert.deepEqual([read.body, read.headers.etag], [draft, '"3"'])
    assert.equal((await doctor.patch(`/v1/consultations/${id}/draft`, { sections: {} })).status, 428)
    assert.equal((await doctor.patch(`/v1/consultations/${id}/draft`, { sections: {} }, version(9))).status, 412)
  })

  it('lets two write in different sections, and tells the second of two in one what it says now', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const id = await begun(doctor, patient, { practitioners: [colleague.id] })
    await saved(doctor, id, { history: 'By the doctor' })
    // Both have read version 2.
    const both = await Promise.all([
      doctor.patch(`/v1/consultations/${id}/draft`, { sections: { plan: 'Rest' } }, version(2)),
      colleague.patch(`/v1/consultations/${id}/draft`, { sections: { examination: 'Clear' } }, version(2)),
    ])
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    )
    const late = await colleague.patch(
      `/v1/consultations/${id}/draft`,
      { sections: { plan: 'Walk', objective: 'Well' } },
      version(2),
    )
    assert.equal(late.status, 412)
    const [{ section, by, now }] = late.body.changed
    assert.deepEqual([late.body.version, late.body.changed.length, section, by, now], [4, 1, 'plan', doctor.id, 'Rest'])
    const { sections } = (await doctor.get(`/v1/consultations/${id}/draft`)).body
    assert.deepEqual(sections, { history: 'By the doctor', plan: 'Rest', examination: 'Clear' })
  })

  it('takes again what no answer came to: it is there already, and nobody has overtaken whoever wrote it', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const id = await begun(doctor, patient, { practitioners: [colleague.id] })
    const sections = { note: 'As it was typed', vitals: [{ kind: 'weight', value: 70, unit: 'kg' }] }
    await saved(doctor, id, sections)
    const again = await saved(doctor, id, { ...sections, plan: 'Rest' })
    assert.deepEqual(again.sections, { ...sections, plan: 'Rest' })
    assert.deepEqual(
      again.changes.map(({ section, version: of }: Record<string, unknown>) => [section, of]),
      [
        ['vitals', 2],
        ['plan', 3],
        ['note', 2],
      ],
    )
    await saved(colleague, id, { note: 'By the colleague' }, 3)
    const late = await doctor.patch(`/v1/consultations/${id}/draft`, { sections }, version(1))
    assert.deepEqual(
      [late.status, late.body.changed.map(({ section }: { section: string }) => section)],
      [412, ['note']],
    )
  })

  it('loses nothing of twenty who write at the same time', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    const write = (n: number) =>
      doctor.patch(`/v1/consultations/${id}/draft`, { sections: { note: `Text ${n}` } }, version(1))
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)))
    const done = answers.filter(({ status }) => status === 200)
    assert.equal(done.length, 1)
    const { body } = await doctor.get(`/v1/consultations/${id}/draft`)
    assert.deepEqual([body.version, body.sections], [2, done[0]?.body.sections])
    for (const { status, body: told } of answers)
      if (status !== 200) assert.deepEqual([status, told.changed[0].now], [412, body.sections.note])
  })

  it('costs two trips to the database beside knowing who asks', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient)
    const who = await house.cost(() => doctor.get('/v1/consultations?cursor=x'))
    const { trips } = await house.cost(() => saved(doctor, id, { note: 'As it is typed' }))
    assert.equal(trips - who.trips, 2)
  })

  it('shows to those who give the consultation, while they treat the patient, and to nobody else', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const [colleague, named] = [await practitionerOf(house, patient), await practitionerOf(house, patient)]
    const elsewhere = await practitionerOf(house, await newPatient(house))
    const id = await begun(doctor, patient, { practitioners: [named.id, elsewhere.id] })
    const path = `/v1/consultations/${id}/draft`
    const status = async (who: typeof doctor) => (await who.get(path)).status
    assert.deepEqual(
      [await status(doctor), await status(named), await status(colleague), await status(elsewhere)],
      [200, 200, 404, 404],
    )
    assert.equal((await patient.get(path)).status, 403)
    assert.equal((await house.anonymous.get(path)).status, 401)
    const change = { sections: { plan: 'Mine' } }
    assert.equal((await colleague.patch(path, change, version(1))).status, 404)
    assert.equal((await colleague.post(`/v1/consultations/${id}/sign`, undefined, version(1))).status, 404)
    // A licence that is lost takes nothing from what was written.
    const licence = (until: string | null) =>
      house.owner.query(
        `update platform.access_grant set revoked_at = $2 where account_id = $1 and relationship = 'licence'`,
        [doctor.account, until],
      )
    await saved(doctor, id, { plan: 'Rest' })
    await licence('2031-03-01T08:00:00Z')
    assert.equal(await status(doctor), 403)
    assert.equal((await named.get(path)).body.sections.plan, 'Rest')
    await licence(null)
    assert.equal((await doctor.get(path)).body.sections.plan, 'Rest')
  })
})

describe('the draft of an amendment', () => {
  it('goes on from the versions of the one before: whoever still has that open overwrites nothing', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    const path = `/v1/consultations/${id}/draft`
    await saved(doctor, id, { note: 'Well' })
    assert.equal((await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))).status, 200)
    const amend = () => doctor.post(`/v1/consultations/${id}/amend`, { reason: 'The other knee' }, version(2))
    assert.equal((await amend()).status, 200)
    assert.equal((await doctor.get(path)).body.version, 3)
    for (const read of [1, 2]) {
      const late = await doctor.patch(path, { sections: { note: 'As it was before' } }, version(read))
      assert.deepEqual([late.status, late.body.version, late.body.sections], [412, 3, { note: 'Well' }])
      assert.equal((await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(read))).status, 412)
      assert.equal((await doctor.delete(path, version(read))).status, 412)
    }
    await saved(doctor, id, { plan: 'Rest' }, 3)
    assert.equal((await doctor.delete(path, version(4))).status, 204)
    assert.equal((await amend()).status, 200)
    assert.equal((await doctor.get(path)).body.version, 5)
  })
})

describe('DELETE /v1/consultations/{id}/draft', () => {
  it('gives up an amendment, and no first draft', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    const path = `/v1/consultations/${id}/draft`
    assert.equal((await doctor.delete(path, version(1))).status, 422)
    await saved(doctor, id, { note: 'Well' })
    await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))
    const amend = () => doctor.post(`/v1/consultations/${id}/amend`, { reason: 'The other knee' }, version(2))
    assert.equal((await amend()).status, 200)
    assert.equal((await amend()).status, 409)
    assert.equal((await doctor.delete(path, version(2))).status, 412)
    assert.equal((await doctor.delete(path, version(3))).status, 204)
    assert.equal((await doctor.delete(path, version(3))).status, 404)
    assert.equal((await amend()).status, 200)
  })
})
