import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseQuery } from '#fhir/query/parse-query.ts'
import { searchParameter } from '#fhir/search-parameters.ts'
import { findResources } from '#fhir/store/find.ts'
import { kyselyOver } from '#platform/database.ts'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { anotherWhoTreats, openWard, pulse } from '../../tests/ward.ts'

interface Page {
  body: { entry?: { resource: { id: string } }[]; link: { relation: string; url: string }[]; total?: number }
}

const idsOf = ({ body }: Page) => (body.entry ?? []).map(({ resource }) => resource.id)
const nextOf = ({ body }: Page) => body.link.find(({ relation }) => relation === 'next')?.url

describe('GET /fhir/R4/Observation?_count=', () => {
  it('fills each page with what may be seen, however much lies between, in the order that was asked for', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const other = await anotherWhoTreats(house, stranger.patient)
    const seen: string[] = []
    // Of seven in a row one is the patient's.
    for (let i = 0; i < 21; i++) {
      const [who, whose] = i % 7 === 0 ? [doctor, patient] : [other, stranger]
      const at = { effectiveDateTime: `2031-03-03T09:${String(59 - i)}:00Z` }
      const { status, body } = await who.post('/fhir/R4/Observation', pulse(whose.patient, at))
      assert.equal(status, 201, JSON.stringify(body))
      if (who === doctor) seen.push(body.id)
    }
    for (const [query, wanted] of [
      ['code=8867-4', seen],
      ['code=8867-4&_sort=date', seen.toReversed()],
      [`patient=${patient.patient}`, seen],
      [`patient=${patient.patient}&code=8867-4&_sort=date`, seen.toReversed()],
      [`patient=${stranger.patient}`, []],
    ] as const) {
      const found: string[] = []
      let next: string | undefined = `/fhir/R4/Observation?${query}&_count=2`
      while (next) {
        const page: Page = await doctor.get(next)
        const ids = idsOf(page)
        next = nextOf(page)?.replace('http://openhcs.test', '')
        if (next) assert.equal(ids.length, 2, query)
        found.push(...ids)
      }
      assert.deepEqual(found, wanted, query)
    }
  })

  it('shows of what is sensitive no more where the rest of the same patient is shown', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const labelled = {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] },
    }
    const open = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body.id
    const hidden = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient, labelled))).body.id
    const asked = `/fhir/R4/Observation?patient=${patient.patient}`
    assert.deepEqual(idsOf(await doctor.get(asked)), [open, hidden])
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z')`,
      [patient.patient],
    )
    assert.deepEqual(idsOf(await doctor.get(asked)), [open])
  })

  it('fills its pages around what is sensitive, and notes what it showed, once', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const labelled = {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] },
    }
    const open: string[] = []
    for (let i = 0; i < 8; i++) {
      const isHidden = i % 3 === 1
      const { body } = await doctor.post('/fhir/R4/Observation', pulse(patient.patient, isHidden ? labelled : {}))
      if (!isHidden) open.push(body.id)
    }
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z')`,
      [patient.patient],
    )
    const found: string[] = []
    let next: string | undefined = `/fhir/R4/Observation?patient=${patient.patient}&_count=2`
    while (next) {
      const page: Page = await doctor.get(next)
      found.push(...idsOf(page))
      next = nextOf(page)?.replace('http://openhcs.test', '')
    }
    assert.deepEqual(found, open)
    const { rows } = await house.owner.query(
      `select split_part(entity, '/', 2) as id, subject from platform.audit_event where operation = 'fhir search' order by id`,
    )
    assert.deepEqual(
      rows,
      open.map((id) => ({ id, subject: `Patient/${patient.patient}` })),
    )
  })

  it('is two statements: who asks, and what is found, with the note that it was seen', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    for (let i = 0; i < 3; i++) await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    for (const query of ['', '&code=8867-4', '&_count=2', '&_elements=status']) {
      const ask = () => doctor.get(`/fhir/R4/Observation?patient=${patient.patient}${query}`)
      const { result, statements } = await house.cost(ask)
      assert.deepEqual([result.status, statements], [200, 2], query)
    }
  })

  it('of many at the same time is one statement for who they are, and one for what they find; each is shown what they may see', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const asking = [doctor, patient, stranger]
    const ask = () =>
      Promise.all(asking.flatMap((who) => [1, 2].map(() => who.get(`/fhir/R4/Observation?patient=${patient.patient}`))))
    await ask()
    const { result, statements } = await house.cost(ask)
    assert.deepEqual(
      result.map((page) => idsOf(page)),
      [[id], [id], [id], [id], [], []],
    )
    assert.ok(statements <= 4, `${statements} statements`)
  })

  it('among everybody’s asks only of patients to whom there is a relationship', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const other = await anotherWhoTreats(house, stranger.patient)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    for (let i = 0; i < 3; i++) await other.post('/fhir/R4/Observation', pulse(stranger.patient))
    // Whoever is asked about the stranger fails.
    await house.owner.query(`
      create or replace function platform.may_see(account uuid, subject uuid, power text, what text, at timestamptz) returns text language plpgsql stable as $$
      begin
        if subject = '${stranger.patient}' then raise 'asked about a stranger'; end if;
        return 'treatment';
      end $$`)
    for (const query of ['code=8867-4', 'code=8867-4&_total=accurate', '_lastUpdated=gt2020-01-01', ''])
      assert.deepEqual(idsOf(await doctor.get(`/fhir/R4/Observation?${query}`)), [id], query)
  })
})

describe('GET /fhir/R4/Observation/:id', () => {
  it('of many at the same time is one statement for who they are, and one for what they read', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const readers = [doctor, patient, stranger, house.anonymous, house.withToken('ohcs_unknown')]
    const read = () => Promise.all(readers.flatMap((who) => [1, 2, 3].map(() => who.get(`/fhir/R4/Observation/${id}`))))
    await read()
    const { result, statements } = await house.cost(read)
    assert.deepEqual(
      result.map(({ status }) => status),
      [200, 200, 404, 401, 401].flatMap((status) => Array(3).fill(status)),
    )
    assert.ok(statements <= 4, `${statements} statements`)
  })
})

interface Plan {
  'Node Type': string
  'Actual Rows': number
  Plans?: Plan[]
}
const scansOf = (plan: Plan): Plan[] => [
  ...(/Scan$/.test(plan['Node Type']) ? [plan] : []),
  ...(plan.Plans ?? []).flatMap(scansOf),
]

describe('GET /fhir/R4/Practitioner?active=true', () => {
  it('reads no more of those in use than stand on the page', async () => {
    await using house = await openTestHouse(everything)
    const rows = Array.from({ length: 2_000 }, (_, place) => ({
      ...{ place, type: 'Practitioner', id: newId(), version: 1, changed_at: '2031-03-01', method: 'POST', body: '{}' },
      ...{ about: [], categories: ['general'], refs: [], tokens: [`Practitioner.active=${place % 10 > 0}`] },
    }))
    await house.owner.query('select platform.fhir_write($1)', [JSON.stringify(rows)])
    await house.owner.query('analyze platform.fhir_resource')
    const scans: Plan[] = []
    const explaining = kyselyOver<unknown>(async (text, values) => {
      const explained = await house.owner.query(`explain (analyze, format json) ${text}`, values)
      scans.push(...scansOf(explained.rows[0]['QUERY PLAN'][0].Plan))
      return { ...explained, rows: [] }
    })
    const options = { base: 'http://openhcs.test/fhir/R4', strict: true, parameters: searchParameter }
    const query = parseQuery(['Practitioner'], new URLSearchParams('active=true&_count=10'), options)
    await findResources(explaining, query, { account: newId(), within: undefined, now: new Date() })
    const most = Math.max(...scans.map((scan) => scan['Actual Rows']))
    assert.ok(most >= 10 && most <= 20, JSON.stringify(scans))
    await house.owner.query('delete from platform.fhir_resource')
  })
})
