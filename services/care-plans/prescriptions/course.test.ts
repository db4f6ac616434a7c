import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { practitionerOf, version } from '../testing.ts'
import { atc, made, metformin, openWard, twiceADay } from './testing.ts'

const thrice = { ...twiceADay, times: { count: 3, every: { count: 1, unit: 'day' } } }

describe('a prescription that goes on', () => {
  it('is changed whole; who comes second is told what changed, by whom and when', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const colleague = await practitionerOf(house, patient)
    const { id } = await made(doctor, `${path}/prescriptions`, { ...metformin, category: 'mental-health' })
    const one = `${path}/prescriptions/${id}`
    const change = { what: metformin.what, doses: [thrice], note: 'Raised' }
    const sent = await Promise.all([
      doctor.put(one, change, version(1)),
      colleague.put(one, { ...change, note: 'Up' }, version(1)),
    ])
    assert.deepEqual(sent.map(({ status }) => status).toSorted(), [200, 412])
    const [won, lost] = sent[0].status === 200 ? [sent[0], sent[1]] : [sent[1], sent[0]]
    const by = sent[0].status === 200 ? doctor : colleague
    const later = await doctor.put(one, change, version(1))
    for (const { body } of [lost, later]) {
      assert.deepEqual(body.changes.map(({ field }: { field: string }) => field).toSorted(), ['doses', 'note', 'words'])
      assert.deepEqual([body.by, body.current], [`Practitioner/${by.id}`, '"2"'])
    }
    assert.deepEqual(
      [won.body.words, won.body.version, won.body.category, won.body.prescribedBy],
      ['1 tablet, 3 times a day', 2, 'mental-health', `Practitioner/${doctor.id}`],
    )
    assert.equal((await doctor.put(one, change)).status, 428)
    assert.equal((await doctor.put(`${path}/prescriptions/${patient.id}`, change, version(1))).status, 404)
  })

  it('is compared with what has come since when it changes, and not with itself', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, metformin)
    const change = { what: metformin.what, doses: [thrice] }
    assert.equal((await doctor.put(`${path}/prescriptions/${id}`, change, version(1))).status, 200)
    const allergy = await made(doctor, `${path}/allergies`, { what: atc('A10BA02', 'Metformin'), status: 'active' })
    const refused = await doctor.put(`${path}/prescriptions/${id}`, change, version(2))
    assert.equal(refused.body.findings[0].with, `AllergyIntolerance/${allergy.id}`)
  })

  it('is held and goes on, stopped, or entered in error, with why, and stays in the record', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, metformin)
    const one = `${path}/prescriptions/${id}`
    const held = await doctor.post(`${one}/hold`, { reason: 'Surgery' }, version(1))
    assert.deepEqual([held.body.status, held.body.statusReason], ['on-hold', 'Surgery'])
    assert.equal((await doctor.post(`${one}/hold`, { reason: 'Surgery' }, version(2))).status, 422)
    const again = await doctor.post(`${path}/prescriptions`, metformin)
    assert.deepEqual([again.status, again.body.findings?.[0].with], [422, `MedicationRequest/${id}`])
    const resumed = await doctor.post(`${one}/resume`, {}, version(2))
    assert.deepEqual([resumed.body.status, resumed.body.statusReason], ['active', undefined])
    assert.equal((await doctor.post(`${one}/resume`, {}, version(3))).status, 422)
    const stopped = await doctor.post(`${one}/stop`, { reason: 'Cough' }, version(3))
    assert.deepEqual([stopped.body.status, stopped.body.statusReason], ['stopped', 'Cough'])
    assert.equal((await doctor.post(`${one}/stop`, { reason: 'Cough' }, version(3))).status, 412)
    const change = { what: metformin.what, doses: [thrice] }
    assert.equal((await doctor.put(one, change, version(4))).status, 422)
    const wrong = await doctor.post(`${one}/entered-in-error`, { reason: 'Of another patient' }, version(4))
    assert.deepEqual([wrong.body.status, wrong.body.words], ['entered-in-error', '1 tablet, twice a day'])
    assert.deepEqual((await doctor.get(`${path}/prescriptions`)).body.items, [])
    const all = await doctor.get(`${path}/prescriptions?include=all`)
    const rest = await doctor.get(`${path}/prescriptions?include=all&cursor=${all.body.next}`)
    assert.deepEqual(
      [...all.body.items, ...(rest.body.items ?? [])].map((each: { id: string }) => each.id),
      [id],
    )
    assert.equal((await doctor.get(`/fhir/R4/MedicationRequest/${id}/_history`)).body.entry.length, 5)
  })

  it('that is held goes on only if nothing speaks against it by now', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, metformin)
    const one = `${path}/prescriptions/${id}`
    await doctor.post(`${one}/hold`, { reason: 'Surgery' }, version(1))
    const allergy = await made(doctor, `${path}/allergies`, { what: atc('A10BA02', 'Metformin'), status: 'active' })
    const refused = await doctor.post(`${one}/resume`, {}, version(2))
    assert.equal(refused.status, 422)
    const override = { kind: 'allergy', with: `AllergyIntolerance/${allergy.id}`, reason: 'Was something else' }
    const resumed = await doctor.post(`${one}/resume`, { overrides: [override] }, version(2))
    assert.deepEqual([resumed.status, resumed.body.overridden], [200, [{ ...override, severity: 'high' }]])
  })

  it('on weekdays in whatever order is read, and can be stopped', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const weekly = { amount: { value: 1, form: 'tablet' }, at: ['08:00'], days: ['fri', 'mon'] }
    const { id, doses } = await made(doctor, `${path}/prescriptions`, { ...metformin, doses: [weekly] })
    assert.deepEqual(doses[0].days, ['mon', 'fri'])
    assert.equal((await doctor.get(`${path}/prescriptions`)).body.items.length, 1)
    const stopped = await doctor.post(`${path}/prescriptions/${id}/stop`, { reason: 'Over' }, version(1))
    assert.deepEqual([stopped.status, stopped.body.status], [200, 'stopped'])
  })

  it('whose doses say more than can be read here is listed in its own words, and can be stopped as it is', async () => {
    await using ward = await openWard()
    const { house, doctor, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, metformin)
    const { rowCount } = await house.owner.query(
      `update platform.fhir_resource set body = replace(body::text, '"frequency":2', '"frequency":2,"frequencyMax":3') where id = $1`,
      [id],
    )
    assert.equal(rowCount, 1)
    const other = await made(doctor, `${path}/prescriptions`, { ...metformin, what: atc('C07AB02', 'Fictional') })
    const { items } = (await doctor.get(`${path}/prescriptions`)).body
    assert.deepEqual(
      items.map((one: { id: string; doses: object[]; words: string }) => [one.id, one.doses.length, one.words]),
      [
        [id, 0, '1 tablet, twice a day'],
        [other.id, 1, '1 tablet, twice a day'],
      ],
    )
    const one = `${path}/prescriptions/${id}`
    assert.equal((await doctor.post(`${one}/renew`, {}, version(1))).status, 422)
    const stopped = await doctor.post(`${one}/stop`, { reason: 'Over' }, version(1))
    assert.deepEqual([stopped.status, stopped.body.status], [200, 'stopped'])
    const resource = (await doctor.get(`/fhir/R4/MedicationRequest/${id}`)).body
    assert.equal(resource.dosageInstruction[0].timing.repeat.frequencyMax, 3)
  })

  it('is renewed by another one that follows on it', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, { ...metformin, note: 'With care' })
    const renewed = await doctor.post(`${path}/prescriptions/${id}/renew`, {}, version(1))
    assert.equal(renewed.status, 201, JSON.stringify(renewed.body))
    assert.deepEqual(
      [renewed.body.renews, renewed.body.note, renewed.body.doses, renewed.body.version],
      [id, 'With care', metformin.doses, 1],
    )
    assert.equal((await doctor.get(`${path}/prescriptions/${id}`)).body.status, 'completed')
    const { items } = (await doctor.get(`${path}/prescriptions`)).body
    assert.deepEqual(
      items.map((one: { id: string }) => one.id),
      [renewed.body.id],
    )
    const more = await doctor.post(`${path}/prescriptions/${items[0].id}/renew`, { doses: [thrice] }, version(1))
    assert.equal(more.body.words, '1 tablet, 3 times a day')
    assert.equal((await doctor.post(`${path}/prescriptions/${id}/renew`, {}, version(2))).status, 422)
  })

  it('is not renewed with the dates of then', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    for (const [code, dates] of [
      ['A10BA02', { until: '2031-03-14' }],
      ['C07AB02', { from: '2031-03-07' }],
    ] as const) {
      const body = { what: atc(code, `Fictional ${code}`), doses: [{ ...twiceADay, ...dates }] }
      const { id } = await made(doctor, `${path}/prescriptions`, body)
      const refused = await doctor.post(`${path}/prescriptions/${id}/renew`, {}, version(1))
      assert.deepEqual([refused.status, refused.body.errors?.[0].pointer], [422, '/body/doses'])
      const doses = [{ ...twiceADay, until: '2031-04-14' }]
      const renewed = await doctor.post(`${path}/prescriptions/${id}/renew`, { doses }, version(1))
      assert.deepEqual([renewed.status, renewed.body.doses], [201, doses])
    }
  })

  it('says who prescribed it and when, and who has changed it since and when', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const colleague = await practitionerOf(house, patient)
    const { id, changed } = await made(doctor, `${path}/prescriptions`, metformin)
    assert.deepEqual(changed, { by: `Practitioner/${doctor.id}`, at: '2031-03-01T08:00:00.000Z' })
    house.setNow('2031-03-01T08:01:00Z')
    await colleague.put(`${path}/prescriptions/${id}`, { what: metformin.what, doses: [thrice] }, version(1))
    const [shown] = (await patient.get(`${path}/prescriptions`)).body.items
    assert.deepEqual(
      [shown.prescribedBy, shown.prescribedAt, shown.changed],
      [
        `Practitioner/${doctor.id}`,
        '2031-03-01T08:00:00.000Z',
        { by: `Practitioner/${colleague.id}`, at: '2031-03-01T08:01:00.000Z' },
      ],
    )
  })

  it('is in neither list of medicines that are only told of', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    await made(doctor, `${path}/prescriptions`, metformin)
    assert.deepEqual((await doctor.get(`${path}/medicines`)).body.items, [])
    const { items } = (await doctor.get(`${path}/timeline`)).body
    assert.match(JSON.stringify(items), /prescription.*Metformin|Metformin.*prescription/)
  })

  it('that has run out stays active and says so, is asked back as that while some may be left, and not any more later', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const doses = [{ ...twiceADay, for: { count: 10, unit: 'day' } }]
    const { id, course } = await made(doctor, `${path}/prescriptions`, { ...metformin, doses })
    assert.deepEqual(course, { lastDay: '2031-03-11', hasRunOut: false })
    const shown = async () => {
      const { items } = (await patient.get(`${path}/prescriptions`)).body
      return items.map((one: { status: string; course: { hasRunOut: boolean } }) => [one.status, one.course.hasRunOut])
    }
    const asked = async () => (await doctor.post(`${path}/prescriptions`, metformin)).body.findings
    const finding = { kind: 'duplicate-therapy', with: `MedicationRequest/${id}`, by: 'code' }
    house.setNow('2031-03-12T11:59:00Z')
    assert.deepEqual([await shown(), await asked()], [[['active', false]], [{ ...finding, severity: 'high' }]])
    house.setNow('2031-03-12T12:00:00Z')
    const ranOut = { ...finding, severity: 'moderate', ranOut: '2031-03-11' }
    assert.deepEqual([await shown(), await asked()], [[['active', true]], [ranOut]])
    house.setNow('2031-03-22T12:00:00Z')
    const { course: none } = await made(doctor, `${path}/prescriptions`, metformin)
    assert.equal(none, undefined)
    const stopped = await doctor.post(`${path}/prescriptions/${id}/stop`, { reason: 'Taken' }, version(1))
    assert.deepEqual([stopped.status, stopped.body.course], [200, undefined])
  })
})
