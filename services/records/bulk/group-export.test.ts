import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ALL, ASYNC, backendClient, exported, pathOf, resourcesIn } from '../../../tests/bulk-client.ts'
import { pulse } from '../../../tests/ward.ts'
import { flagFor, newPatient, practitionerOf } from '../testing.ts'

const absent = () => `/fhir/R4/Group/${newId()}/$export`

describe('GET /fhir/R4/Group/{id}/$export', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const [one, other, third] = [await newPatient(house), await newPatient(house), await newPatient(house)]
  const doctor = await practitionerOf(house, one, other, third)
  const client = await backendClient(house)
  const member = ({ id }: { id: string }, more = {}) => ({ entity: { reference: `Patient/${id}` }, ...more })
  const group = async (...members: object[]): Promise<string> => {
    const resource = { resourceType: 'Group', type: 'person', actual: true, member: members }
    const { status, body } = await doctor.post('/fhir/R4/Group', resource)
    assert.equal(status, 201, JSON.stringify(body))
    return `/fhir/R4/Group/${body.id}/$export`
  }
  for (const { id } of [one, other, third]) assert.equal((await doctor.post('/fhir/R4/Flag', flagFor(id))).status, 201)
  /** Whose Patient and Flag are in it. */
  const whose = async (url: string, who = client) => {
    const all = await resourcesIn(who, await exported(house, who, `${url}?_type=Patient,Flag`))
    const [patients, flags] = ['Patient', 'Flag'].map((type) => all.filter((one) => one.resourceType === type))
    const subjects = flags?.map(({ subject }) => (subject as { reference: string }).reference.slice('Patient/'.length))
    assert.deepEqual(subjects?.sort(), patients?.map(({ id }) => id).sort())
    return subjects
  }

  it('gives what is about its members as they are now, and nobody else', async () => {
    const both = await group(member(one), member(other))
    assert.deepEqual(await whose(both), [one.id, other.id].sort())
    const left = await group(
      member(one),
      member(other, { inactive: true }),
      member(third, { period: { end: '2031-02-28' } }),
    )
    assert.deepEqual(await whose(left), [one.id])
    const hour = { period: { end: '2031-03-01T09:30:00+02:00' } } // half an hour ago
    const today = await group(member(one, { period: { end: '2031-03-01' } }), member(other, hour))
    assert.deepEqual(await whose(today), [one.id])
    const all = await exported(house, client, both)
    assert.ok(all.output.every(({ type }) => type !== 'Library'))
  })

  it('is asked by Parameters too, of some of its members, and of nobody else', async () => {
    const url = await group(member(one), member(other))
    assert.deepEqual(await whose(url), [one.id, other.id].sort())
    const ask = (patient: string) => ({
      resourceType: 'Parameters',
      parameter: [
        { name: '_type', valueString: 'Patient' },
        { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
      ],
    })
    const begun = await client.post(url, ask(other.id), ASYNC)
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    await house.work()
    const { body } = await client.get(pathOf(begun.headers['content-location']))
    assert.deepEqual(
      (await resourcesIn(client, body)).map(({ id }) => id),
      [other.id],
    )
    for (const id of [third.id, newId()]) assert.equal((await client.post(url, ask(id), ASYNC)).status, 400)
  })

  it('leaves out members whom the app was not granted, and who have refused its purpose', async () => {
    const url = await group(member(one), member(other), member(third))
    const organisation = newId()
    for (const { id } of [one, other])
      await house.owner.query(
        `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, 'Patient', $3, $3, '2030-01-01Z')`,
        [newId(), organisation, id],
      )
    const refuse = `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'research', 'general', '2030-01-01Z')`
    await house.owner.query(refuse, [other.id])
    const records = { ...ALL, purpose: 'research', patients: 'organisations', organisations: [organisation] }
    const narrow = await backendClient(house, { records })
    assert.deepEqual(await whose(url, narrow), [one.id])
    const { rows } = await house.owner.query(
      `select subject from platform.audit_event where account_id = $1 and subject like 'Patient/%'`,
      [narrow.id],
    )
    assert.deepEqual(
      rows.map(({ subject }) => subject),
      [`Patient/${one.id}`],
    )
    for (const { id } of [other, third])
      assert.equal(
        (await narrow.get(`${url}?patient=${id}`, ASYNC)).status,
        400,
        'as though they were none of its members',
      )
    const ofNobody = await group(member(other), member(third))
    const [hidden, nowhere] = [await narrow.get(ofNobody, ASYNC), await narrow.get(absent(), ASYNC)]
    const told = ({ status, body }: typeof hidden) => ({ status, issue: body.issue })
    assert.equal(hidden.status, 404)
    assert.deepEqual(told(hidden), told(nowhere), 'as though there were none')
  })

  it('of one whom another stands for gives what is about both', async () => {
    const [survivor, replaced] = [await newPatient(house), await newPatient(house)]
    const treats = await practitionerOf(house, survivor, replaced)
    for (const { id } of [survivor, replaced]) await treats.post('/fhir/R4/Observation', pulse(id))
    const { body } = await treats.post('/fhir/R4/Group', {
      ...{ resourceType: 'Group', type: 'person', actual: true, member: [member(replaced)] },
    })
    const root = await house.signedIn({ roles: ['administrator'] })
    await root.post('/v1/merges', { survivor: survivor.id, replaced: replaced.id, reason: 'Same person' })
    await house.work()
    const url = `/fhir/R4/Group/${body.id}/$export?_type=Observation`
    assert.equal((await exported(house, client, url)).output[0]?.count, 2)
  })

  it('is for apps whose scopes name Groups, of Groups that hold people', async () => {
    const url = await group(member(one))
    const narrow = await backendClient(house, { scopes: ['system/Flag.rs'] })
    for (const path of [url, absent()]) assert.equal((await narrow.get(path, ASYNC)).status, 403)
    const inner = url.split('/').at(-2)
    const nested = await group(member(one), { entity: { reference: `Group/${inner}` } })
    assert.equal((await client.get(nested, ASYNC)).status, 422)
    assert.equal((await client.get(url)).status, 400, 'without respond-async')
  })
})
