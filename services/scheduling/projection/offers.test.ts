import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { validate } from '#fhir/validate.ts'
import { type Answer, type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backendClient, exported, resourcesIn } from '../../../tests/bulk-client.ts'
import { newPatient } from '../../../tests/calendar.ts'
import { openPractice, weekly } from '../testing.ts'
import { at } from '../together/testing.ts'

const idsIn = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
}
const found = async (who: Client, query: string) => idsIn(await who.get(`/fhir/R4/${query}`))

async function open() {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, practitioner, place, administrator } = await openPractice(house, 'UTC')
  const facts = { code: 'first-visit', name: 'First visit', speciality: 'cardiology', minutes: 40 }
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await doctor.post(path, body)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body.id
  }
  const service = await made('/v1/services', facts)
  const schedule = await made('/v1/schedules', weekly(place, { services: [service] }))
  const saba = await newPatient(house)
  return { house, doctor, administrator, practitioner, place, facts, service, schedule, saba }
}

describe('/fhir/R4/HealthcareService', async () => {
  const { house, doctor, administrator, place, facts, service, schedule, saba } = await open()
  const url = `/fhir/R4/HealthcareService/${service}`

  it('is what can be booked, for everybody who may look for care', async () => {
    for (const who of [saba, doctor, administrator]) {
      const { status, body } = await who.get(url)
      assert.equal(status, 200)
      assert.deepEqual(validate(body), [])
      assert.deepEqual(
        [body.name, body.active, body.appointmentRequired, body.extension[0].valueDuration.value, body.location],
        ['First visit', true, true, 40, [{ reference: `Location/${place}` }]],
      )
    }
    assert.equal((await house.anonymous.get(url)).status, 401)
    assert.equal((await (await house.signedIn({ roles: ['donor'] })).get(url)).status, 403)
    for (const query of [
      'name=first',
      'service-type=first-visit',
      'specialty=cardiology',
      `location=Location/${place}`,
      'location.name=test',
      `identifier=${service}`,
    ])
      assert.deepEqual(await found(saba, `HealthcareService?${query}`), [service], query)
  })

  it('changes with it, keeps what it was, and is nobody’s to write', async () => {
    const changed = await doctor.put(`/v1/services/${service}`, { ...facts, name: 'First consultation' }, at(1))
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    const { body } = await saba.get(url)
    assert.equal(body.name, 'First consultation')
    assert.equal((await saba.get(`${url}/_history/1`)).body.name, 'First visit')
    for (const who of [doctor, administrator]) assert.notEqual((await who.put(url, body)).status, 200)
    assert.deepEqual(await found(saba, 'HealthcareService?name:contains=consultation'), [service])
  })

  it('says nothing of which days are full, and goes when it is offered no more', async () => {
    const before = (await saba.get(url)).body.meta.versionId
    await house.owner.query(`update scheduling.service set full_at = '{[2031-03-03,2031-03-04)}'`)
    await house.house.tasks()['scheduling:project-left']?.({}, undefined as never)
    assert.equal((await saba.get(url)).body.meta.versionId, before)
    assert.equal((await doctor.delete(`/v1/schedules/${schedule}?acceptAffected=true`, at(1))).status, 204)
    assert.equal((await saba.get(url)).body.location, undefined, 'it is given nowhere')
    assert.equal((await doctor.delete(`/v1/services/${service}`, at(2))).status, 204)
    assert.equal((await saba.get(url)).status, 404)
    assert.equal((await saba.get(`${url}/_history/1`)).status, 404)
    assert.deepEqual(await found(saba, 'HealthcareService'), [])
  })
})

describe('/fhir/R4/Schedule in the store', async () => {
  const { house, practitioner, place, schedule, saba, doctor } = await open()

  it('is what lasts of hours: found through others, with its history, and exported', async () => {
    const { body } = await saba.get(`/fhir/R4/Schedule/${schedule}/_history/1`)
    assert.deepEqual(validate(body), [])
    assert.deepEqual(
      [body.actor.map(({ reference }: { reference: string }) => reference), body.planningHorizon],
      [[`Practitioner/${practitioner}`, `Location/${place}`], { start: '2031-03-01' }],
    )
    assert.deepEqual(await found(saba, 'Practitioner?_has:Schedule:actor:specialty=cardiology'), [practitioner])
    assert.deepEqual(await found(saba, `Location?_id=${place}&_revinclude=Schedule:actor`), [place, schedule])
    const app = await backendClient(house)
    const manifest = await exported(house, app, '/fhir/R4/$export?_type=Schedule,HealthcareService')
    assert.equal((await resourcesIn(app, manifest)).length, 2)
  })

  it('makes no version when hours are written out further, and is gone when they are withdrawn', async () => {
    await house.owner.query('update scheduling.schedule set expanded_until = expanded_until - 9')
    await house.house.tasks()['scheduling:extend-horizon']?.({}, undefined as never)
    const history = `/fhir/R4/Schedule/${schedule}/_history`
    assert.equal((await saba.get(history)).body.entry.length, 1)
    assert.equal((await doctor.delete(`/v1/schedules/${schedule}`, at(1))).status, 204)
    assert.equal((await saba.get(`${history}/1`)).status, 404)
    assert.deepEqual(await found(saba, 'Practitioner?_has:Schedule:actor:specialty=cardiology'), [])
  })
})
