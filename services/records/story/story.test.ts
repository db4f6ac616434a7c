import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const house = await openTestHouse(everything)
after(() => house[Symbol.asyncDispose]())

async function ward() {
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  const at = (path: string) => `/v1/patients/${patient.id}/${path}`
  const add = async (kind: string, body: object): Promise<string> => {
    const answer = await doctor.post(at(kind), body)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body.id
  }
  return { patient, doctor, at, add }
}

const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] })
const weight = (at: string, number: number, unit: string) => ({
  ...{ what: loinc('29463-7'), status: 'final', at },
  value: { number, unit, confirmed: true },
})

describe('GET /v1/patients/:id/timeline', () => {
  it('shows what happened from the newest, in words, with where it is', async () => {
    const { patient, doctor, at, add } = await ward()
    const problem = await add('problems', { what: { text: 'Asthma' }, status: 'active', onset: '2019-05' })
    const haemoglobin = { what: { text: 'Haemoglobin' }, status: 'final', at: '2031-01-02T08:00:00Z' }
    const result = await add('results', { ...haemoglobin, value: { number: 12.4, unit: 'g/dL' } })
    await add('immunisations', { what: { text: 'Measles' }, status: 'completed', on: '2020-03-02' })
    const visit = await doctor.post('/fhir/R4/Encounter', {
      ...{
        resourceType: 'Encounter',
        status: 'finished',
        class: { code: 'AMB' },
        period: { start: '2031-01-03T08:00:00Z' },
      },
      subject: { reference: `Patient/${patient.id}` },
    })
    const { body } = await patient.get(at('timeline'))
    assert.deepEqual(body.items, [
      {
        at: '2031-01-03T08:00:00.000Z',
        kind: 'visit',
        status: 'finished',
        link: `/fhir/R4/Encounter/${visit.body.id}`,
      },
      {
        ...{ at: '2031-01-02T08:00:00.000Z', kind: 'result', words: 'Haemoglobin: 12.4 g/dL', status: 'final' },
        link: at(`results/${result}`),
      },
      { ...body.items[2], kind: 'immunisation', words: 'Measles', status: 'completed' },
      {
        ...{ at: '2019-05-01T00:00:00.000Z', kind: 'problem', words: 'Asthma', status: 'active' },
        link: at(`problems/${problem}`),
      },
    ])
    const kinds = async (query: string) =>
      (await patient.get(at(`timeline?${query}`))).body.items.map((one: { kind: string }) => one.kind)
    assert.deepEqual(await kinds('kind=result'), ['result'])
    assert.deepEqual(await kinds('from=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z'), ['immunisation'])
    const page = await patient.get(at('timeline?limit=3'))
    assert.deepEqual(await kinds(`limit=3&cursor=${page.body.next}`), ['problem'])
    await doctor.post(at(`problems/${problem}/entered-in-error`), { reason: 'No' }, { 'if-match': '"1"' })
    const after = await patient.get(at('timeline?kind=problem'))
    assert.equal(after.body.items[0].status, 'entered-in-error')
  })

  it('is not there for whoever may not see the record, and leaves out what a token does not name', async () => {
    const { doctor, at, add } = await ward()
    await add('problems', { what: { text: 'Asthma' }, status: 'active' })
    await add('results', {
      what: { text: 'Culture' },
      status: 'final',
      at: '2031-01-02',
      value: { concept: { text: 'None' } },
    })
    assert.equal((await (await practitionerOf(house)).get(at('timeline'))).status, 404)
    assert.equal((await house.anonymous.get(at('timeline'))).status, 401)
    const { token, hash } = newToken()
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, kind, scopes, created_at, expires_at)
       values ($1, $2, $3, 'api-key', '{user/Patient.r,user/Observation.s}', '2031-01-01Z', '2032-01-01Z')`,
      [newId(), doctor.account, hash],
    )
    const seen = await house.withToken(token).get(at('timeline'))
    assert.deepEqual(
      seen.body.items?.map((one: { kind: string }) => one.kind),
      ['result'],
    )
  })

  it('costs as many statements whatever the length of the record', async () => {
    const { patient, doctor, at } = await ward()
    const counted = async () => (await house.cost(() => patient.get(at('timeline?limit=5')))).statements
    const entry = (day: number) => ({
      request: { method: 'POST', url: 'Observation' },
      resource: {
        ...{
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          effectiveDateTime: `2030-01-${String(1 + (day % 28)).padStart(2, '0')}`,
        },
        subject: { reference: `Patient/${patient.id}` },
      },
    })
    const send = (many: number) =>
      doctor.post('/fhir/R4', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: Array.from({ length: many }, (_, day) => entry(day)),
      })
    await send(10)
    await counted()
    assert.equal(await counted(), 4) // who asks; whether they see the record; the page; the note that it was seen
    await send(300)
    assert.equal(await counted(), 4)
  })
})

describe('GET /v1/patients/:id/series', () => {
  it('shows each of what was measured within a moment, and what is listed by time, page after page', async () => {
    const { patient, doctor, at, add } = await ward()
    const times = ['08:00:00.000001Z', '08:00:00.000002Z', '08:00:00.000003Z', '08:00:00.5Z'].map(
      (t) => `2031-01-02T${t}`,
    )
    for (const [n, time] of times.entries()) await add('results', weight(time, 70 + n, 'kg'))
    const all = async (path: string, of: (one: { at: string }) => string) => {
      const seen: string[] = []
      for (let next: string | undefined = ''; next !== undefined && seen.length < 9; ) {
        const { body } = await doctor.get(`${at(path)}&limit=1${next && `&cursor=${next}`}`)
        seen.push(...body.items.map(of))
        next = body.next
      }
      return seen
    }
    assert.deepEqual(await all('series?code=29463-7', (one) => one.at), times)
    assert.deepEqual(await all('results?include=active', (one) => one.at), times.toReversed())
    assert.equal((await patient.get(at('timeline?limit=9'))).body.items.length, 4)
  })

  it('shows one measurement in one unit, with the recorded value and the age beside', async () => {
    const { patient, at, add } = await ward()
    const one = await add('results', weight('2030-06-05', 68_000, 'g'))
    await add('results', weight('2030-12-05', 154.3, '[lb_av]'))
    await add('results', weight('2031-01-05', 71, 'kg'))
    const wrong = await patient.get(at('series?code=29463-7&unit=kilos'))
    assert.equal(wrong.status, 400)
    const { body } = await patient.get(at('series?code=29463-7'))
    assert.equal(body.unit, 'kg')
    assert.deepEqual(body.items[0], {
      ...{ at: '2030-06-05', value: 68, recorded: { value: 68_000, unit: 'g' }, ageDays: 15_706, status: 'final' },
      link: at(`results/${one}`),
    })
    assert.deepEqual(
      body.items.map(({ value }: { value: number }) => Math.round(value * 10) / 10),
      [68, 70, 71],
    )
    const pounds = await patient.get(at('series?code=29463-7&unit=%5Blb_av%5D&limit=2'))
    assert.deepEqual(
      pounds.body.items.map(({ value }: { value: number }) => Math.round(value * 10) / 10),
      [149.9, 154.3],
    )
    const rest = await patient.get(at(`series?code=29463-7&limit=2&cursor=${pounds.body.next}`))
    assert.deepEqual([rest.body.unit, rest.body.items.length], ['kg', 1])
  })

  it('does not guess: what cannot be converted, or has no unit of UCUM, has no value', async () => {
    const { patient, doctor, at, add } = await ward()
    const { body } = await doctor.post('/fhir/R4/Observation', {
      ...{ resourceType: 'Observation', status: 'final', code: loinc('29463-7'), effectiveDateTime: '2030-01-01' },
      valueQuantity: { value: 70, unit: 'kg' },
      subject: { reference: `Patient/${patient.id}` },
    })
    assert.ok(body.id)
    await add('results', weight('2030-12-05', 71, 'kg'))
    const seen = await patient.get(at('series?code=29463-7'))
    assert.deepEqual(
      seen.body.items.map(({ value, recorded }: { value?: number; recorded: object }) => [value, recorded]),
      [
        [undefined, { value: 70, unit: 'kg' }],
        [71, { value: 71, unit: 'kg' }],
      ],
    )
    assert.equal((await patient.get(at('series?code=29463-7&unit=Cel'))).body.items[1].value, undefined)
  })

  it('finds parts, such as one of two blood pressures, and leaves out what was entered in error', async () => {
    const { patient, doctor, at } = await ward()
    const pressure = (systolic: number) => ({
      ...{ resourceType: 'Observation', status: 'final', code: loinc('85354-9'), effectiveDateTime: '2031-01-01' },
      component: [['8480-6', systolic] as const, ['8462-4', 80] as const].map(([code, value]) => ({
        code: loinc(code),
        valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'mm[Hg]', unit: 'mmHg' },
      })),
      subject: { reference: `Patient/${patient.id}` },
    })
    await doctor.post('/fhir/R4/Observation', pressure(120))
    const { body } = await doctor.post('/fhir/R4/Observation', pressure(200))
    await doctor.post(at(`results/${body.id}/entered-in-error`), { reason: 'Slipped' }, { 'if-match': '"1"' })
    const seen = await patient.get(at('series?code=8480-6'))
    assert.deepEqual(
      seen.body.items.map(({ value }: { value: number }) => value),
      [120],
    )
    const temperature = await patient.get(at('series?code=8480-6&unit=kPa'))
    assert.equal(temperature.body.items[0].value, 15.99864)
    assert.equal((await (await practitionerOf(house)).get(at('series?code=8480-6'))).status, 404)
  })
})
