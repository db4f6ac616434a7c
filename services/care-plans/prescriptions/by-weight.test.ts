import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIRMED } from '#fhir/vital-signs/observation.ts'
import { appOf } from '#tests/attacks/fhir/ward.ts'
import { version } from '../testing.ts'
import { atc, made, openWard, twiceADay, weighed } from './testing.ts'
import { limitAt, weightIn } from './weight.ts'

const { amount: _amount, ...often } = twiceADay
const by = (perKilogram: object, more: object = {}) => ({
  what: atc('N02BE01', 'Paracetamol syrup'),
  doses: [{ ...often, perKilogram, ...more }],
})
const fifteen = by({ value: 15, unit: 'mg' })

describe('a dose for each kilogram', () => {
  it('is worked out of the newest weight, and says of which, of when, and how old it is', async () => {
    await using ward = await openWard({ birthDate: '2027-01-10' })
    const { doctor, path } = ward
    await weighed(doctor, path, { number: 15, at: '2031-01-20' })
    const { id: observation } = await weighed(doctor, path, { number: 15.4, at: '2031-02-20T08:00:00Z' })
    const given = await made(doctor, `${path}/prescriptions`, fifteen)
    assert.deepEqual(given.doses[0].amount, { value: 231, unit: 'mg' })
    assert.deepEqual(given.doses[0].perKilogram, { value: 15, unit: 'mg' })
    assert.deepEqual(given.byWeight, {
      ...{ value: 15.4, unit: 'kg', measuredAt: '2031-02-20T08:00:00Z', observation, daysOld: 9 },
      ...{ limitDays: 91, isOld: false, isNewest: true },
    })
    assert.equal(given.words, '231 mg, twice a day; worked out from body weight, 15 mg for each kilogram')
    const resource = (await doctor.get(`/fhir/R4/MedicationRequest/${given.id}`)).body
    assert.equal(resource.contained[0].valueQuantity.value, 15.4)
    assert.deepEqual(resource.contained[0].derivedFrom, [{ reference: `Observation/${observation}` }])
  })

  it('takes pounds for what they are', async () => {
    await using ward = await openWard({ birthDate: '2027-01-10' })
    const { doctor, path } = ward
    await weighed(doctor, path, { number: 34, at: '2031-02-20', unit: '[lb_av]' })
    const refused = await doctor.post(`${path}/prescriptions`, fifteen)
    assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/body/doses/0/perKilogram'])
    const given = await made(doctor, `${path}/prescriptions`, by({ value: 15, unit: 'mg', roundTo: 5 }))
    assert.deepEqual(given.doses[0].amount, { value: 230, unit: 'mg' })
    assert.equal(given.doses[0].perKilogram.exactly, 231.3321087)
    assert.equal(given.byWeight.unit, '[lb_av]')
  })

  it('is never rounded by itself, nor by more than a tenth, nor above the most', async () => {
    await using ward = await openWard({ birthDate: '2027-01-10' })
    const { doctor, path } = ward
    await weighed(doctor, path, { number: 15.4, at: '2031-02-20' })
    const most = { amount: { value: 200, unit: 'mg' }, in: { count: 1, unit: 'day' } }
    for (const body of [
      by({ value: 0.0001, unit: 'mg' }),
      by({ value: 15, unit: 'mg', roundTo: 100 }),
      by({ value: 15, unit: 'mg' }, { most }),
      by({ value: 15, unit: 'mg' }, { most: { ...most, amount: { value: 0.2, unit: 'g' } } }),
      by({ value: 15, unit: 'mg' }, { most: { ...most, amount: { value: 400, unit: 'mg' } } }),
    ]) {
      const { status, body: told } = await doctor.post(`${path}/prescriptions`, body)
      assert.deepEqual([status, told.errors[0].pointer], [422, '/body/doses/0/perKilogram'], JSON.stringify(told))
    }
  })

  it('is refused by a weight that is too old for the age, by none, and by one that is no weight, with what to do', async () => {
    await using ward = await openWard({ birthDate: '2030-12-20' })
    const { doctor, path } = ward
    const refused = async () => {
      const { status, body } = await doctor.post(`${path}/prescriptions`, fifteen)
      assert.equal(status, 422, JSON.stringify(body))
      assert.match(body.detail, /Measure anew and record that, or state the dose in `amount`/)
      return body
    }
    assert.match((await refused()).detail, /no weight/)
    await weighed(doctor, path, { number: 4.5, at: '2031-02-10' })
    const old = await refused()
    assert.deepEqual([old.weight.daysOld, old.limitDays], [19, 14])
    await weighed(doctor, path, { number: 5.2, at: '2031-02-20' })
    const given = await made(doctor, `${path}/prescriptions`, fifteen)
    assert.equal(given.doses[0].amount.value, 78)
    const { id } = (await made(doctor, '/fhir/R4/Observation', {
      ...{ resourceType: 'Observation', status: 'final', effectiveDateTime: '2031-02-27' },
      ...{
        code: { coding: [{ system: 'http://loinc.org', code: '3141-9' }] },
        valueQuantity: { value: 5.3, unit: 'kilos' },
      },
      subject: { reference: path.replace('/v1/patients', 'Patient') },
    })) as { id: string }
    assert.equal((await refused()).observation, id)
    const absolute = { what: atc('R06AE07', 'Fictional'), doses: [{ ...often, amount: { value: 75, unit: 'mg' } }] }
    assert.equal((await doctor.post(`${path}/prescriptions`, absolute)).status, 201)
  })

  it('is of no weight that was an error or is not final, and is refused by one of a day that no place on earth has yet', async () => {
    await using ward = await openWard({ birthDate: '2027-01-10' })
    const { doctor, path } = ward
    const observed = (status: string, effectiveDateTime: string, value: number) =>
      made(doctor, '/fhir/R4/Observation', {
        ...{ resourceType: 'Observation', status, effectiveDateTime },
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        valueQuantity: { value, unit: 'kg', code: 'kg', system: 'http://unitsofmeasure.org' },
        subject: { reference: path.replace('/v1/patients', 'Patient') },
      })
    const dosed = () =>
      doctor.post(`${path}/prescriptions`, { ...fifteen, what: atc(`X0${++n}AA01`, `Fictional ${n}`) })
    let n = 0
    await observed('final', '2031-02-20', 15)
    for (const status of ['entered-in-error', 'preliminary', 'cancelled', 'unknown'])
      await observed(status, '2031-02-27', 16)
    assert.equal((await dosed()).body.doses?.[0].amount.value, 225)
    await observed('final', '2031-03-02T07:00:00Z', 16)
    assert.equal((await dosed()).body.doses?.[0].amount.value, 240)
    await observed('final', '2031-03-03', 16)
    const { status, body } = await dosed()
    assert.deepEqual([status, /of a day that is still to come/.test(body.detail)], [422, true], JSON.stringify(body))
  })

  it('is refused by a weight that cannot be, or can hardly be and nobody looked at again, whatever was noted beside it', async () => {
    await using ward = await openWard({ birthDate: '2031-02-20' })
    const { doctor, path } = ward
    let hour = 1
    const dosed = async (value: number, { unit = 'kg', note }: { unit?: string; note?: string } = {}) => {
      await made(doctor, '/fhir/R4/Observation', {
        ...{ resourceType: 'Observation', status: 'final', effectiveDateTime: `2031-03-01T0${hour++}:00:00Z` },
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        valueQuantity: { value, unit, code: unit, system: 'http://unitsofmeasure.org' },
        subject: { reference: path.replace('/v1/patients', 'Patient') },
        ...(note !== undefined && { note: [{ text: note }] }),
      })
      return doctor.post(`${path}/prescriptions`, by({ value: 15, unit: 'mg', roundTo: 0.01 }))
    }
    const refused: [Awaited<ReturnType<typeof dosed>>, RegExp][] = [
      [await dosed(3500), /The newest weight cannot be/],
      [await dosed(3500, { note: CONFIRMED }), /The newest weight cannot be/],
      [await dosed(100, { unit: '[oz_av]' }), /The newest weight must be one of kg, g/],
      [await dosed(35), /The newest weight is outside the plausible/],
      [await dosed(35, { note: 'Not confirmed by whoever' }), /The newest weight is outside the plausible/],
    ]
    for (const [{ status, body }, detail] of refused) {
      assert.equal(status, 422, JSON.stringify(body))
      assert.match(body.detail, detail)
    }
    const looked = await dosed(9, { note: CONFIRMED })
    assert.deepEqual([looked.status, looked.body.doses?.[0].amount.value], [201, 135], JSON.stringify(looked.body))
  })

  it('does not change when the weight does: it says that there is a newer one, and that its own is old', async () => {
    await using ward = await openWard({ birthDate: '2030-12-20' })
    const { house, doctor, patient, path } = ward
    await weighed(doctor, path, { number: 5, at: '2031-02-28' })
    const { id } = await made(doctor, `${path}/prescriptions`, fifteen)
    const { id: newer } = await weighed(doctor, path, { number: 5.4, at: '2031-03-01' })
    const read = async () => (await patient.get(`${path}/prescriptions/${id}`)).body
    const { doses, byWeight } = await read()
    assert.equal(doses[0].amount.value, 75)
    assert.deepEqual([byWeight.value, byWeight.isNewest, byWeight.isOld], [5, false, false])
    assert.deepEqual([byWeight.newest.value, byWeight.newest.observation], [5.4, newer])
    house.setNow('2031-03-14T08:00:00Z')
    const aged = (await read()).byWeight
    assert.deepEqual([aged.daysOld, aged.limitDays, aged.isOld], [14, 14, false])
    house.setNow('2031-03-15T08:00:00Z')
    const [listed] = (await patient.get(`${path}/prescriptions`)).body.items
    for (const old of [(await read()).byWeight, listed.byWeight]) assert.deepEqual([old.daysOld, old.isOld], [15, true])
    house.setNow('2031-03-01T08:00:00Z')
    const one = `${path}/prescriptions/${id}`
    assert.equal((await doctor.post(`${one}/renew`, {}, version(1))).status, 422)
    await doctor.post(`${one}/hold`, { reason: 'Vomiting' }, version(1))
    assert.equal((await doctor.post(`${one}/resume`, {}, version(2))).status, 422)
    const renewed = await doctor.post(`${one}/renew`, { doses: fifteen.doses }, version(2))
    assert.deepEqual([renewed.status, renewed.body.doses[0].amount.value], [201, 81], JSON.stringify(renewed.body))
  })

  it('goes on after a pause only for as long as its weight is not too old, though no other was measured', async () => {
    await using ward = await openWard({ birthDate: '2027-01-10' })
    const { house, doctor, path } = ward
    await weighed(doctor, path, { number: 15, at: '2031-02-28' })
    const { id } = await made(doctor, `${path}/prescriptions`, fifteen)
    const say = (verb: string, body: object, of: number) =>
      doctor.post(`${path}/prescriptions/${id}/${verb}`, body, version(of))
    await say('hold', { reason: 'Vomiting' }, 1)
    house.setNow('2031-05-30T08:00:00Z')
    assert.equal((await say('resume', {}, 2)).status, 200)
    await say('hold', { reason: 'Vomiting' }, 3)
    house.setNow('2031-05-31T08:00:00Z')
    const late = await say('resume', {}, 4)
    assert.deepEqual([late.status, /is too old/.test(late.body.detail)], [422, true], JSON.stringify(late.body))
  })

  it('is not worked out, nor goes on, by a token that may not look for weights', async () => {
    await using ward = await openWard()
    const { house, doctor, path } = ward
    await weighed(doctor, path, { number: 60, at: '2031-02-28' })
    const scopes = ['user/MedicationRequest.cruds', 'user/Patient.r']
    const blind = await appOf(house, doctor, scopes)
    const seeing = await appOf(house, doctor, [...scopes, 'user/Observation.s'])
    const refused = await blind.post(`${path}/prescriptions`, fifteen)
    assert.deepEqual([refused.status, refused.body.weight], [422, undefined], JSON.stringify(refused.body))
    assert.match(refused.body.detail, /no weight in the record that you may see/)
    const { id } = await made(seeing, `${path}/prescriptions`, fifteen)
    const one = `${path}/prescriptions/${id}`
    assert.equal((await doctor.post(`${one}/hold`, { reason: 'Vomiting' }, version(1))).status, 200)
    const resumed = await blind.post(`${one}/resume`, {}, version(2))
    assert.equal(resumed.status, 422)
    assert.match(resumed.body.detail, /no weight in the record that you may see/)
    assert.equal((await seeing.post(`${one}/resume`, {}, version(2))).status, 200)
  })

  it('takes a weight for as long as a child of that age has hardly grown; of whom the birthday is not known, as of the youngest', () => {
    const now = new Date('2031-03-01T08:00:00Z')
    const limits = [
      ['2031-02-20', 7],
      ['2031-01-01', 14],
      ['2030-10-01', 28],
      ['2028-03-01', 91],
      ['2020-03-01', 182],
      ['1987-06-05', 365],
      ['2014', 182],
      ['2031', 7],
      ['2031-02', 7],
      ['2031-01', 14],
      [undefined, 7],
    ] as const
    for (const [born, days] of limits) assert.equal(limitAt(born, now), days, born)
  })

  it('reads a weight only where it has a number in a unit of mass and a day', () => {
    const quantity = { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' }
    const one = { resourceType: 'Observation', id: 'w', effectiveDateTime: '2031-01-01', valueQuantity: quantity }
    assert.equal(weightIn(one)?.value, 70)
    for (const valueQuantity of [
      { ...quantity, code: 'Cel' },
      { ...quantity, system: undefined },
      { ...quantity, comparator: '<' },
      { ...quantity, value: 0 },
      undefined,
    ])
      assert.equal(weightIn({ ...one, valueQuantity }), undefined)
    assert.equal(weightIn({ ...one, effectiveDateTime: undefined }), undefined)
  })
})
