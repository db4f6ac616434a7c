import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Answer, type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../../tests/ward.ts'

const tag = (code: string) => ({ system: 'https://openhcs.example/tags', code })
const PROFILE = 'https://openhcs.example/StructureDefinition/pulse'

function metaIn({ status, body }: Answer) {
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body.resourceType, 'Parameters')
  return body.parameter?.[0].valueMeta
}

describe('GET /fhir/R4/{type}/$meta', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient, stranger } = await openWard(house)
  const write = async (who: Client, type: string, resource: object) => {
    const { status, body } = await who.post(`/fhir/R4/${type}`, resource)
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  const ours = (meta?: object) => pulse(patient.patient, { ...(meta && { meta }) })

  it('is nothing where nothing has a profile, a tag or a label', async () => {
    await write(doctor, 'Observation', ours())
    assert.equal(metaIn(await doctor.get('/fhir/R4/Observation/$meta')), undefined)
  })

  it('is what any of the type has, each once, and of all types at the system', async () => {
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }]
    await write(doctor, 'Observation', ours({ tag: [tag('a')], profile: [PROFILE] }))
    await write(doctor, 'Observation', ours({ tag: [{ ...tag('a'), display: 'A' }, tag('b')], security }))
    const subject = { reference: `Patient/${patient.patient}` }
    const flag = { resourceType: 'Flag', status: 'active', code: { text: 'Fictional' }, subject }
    await write(doctor, 'Flag', { ...flag, meta: { tag: [tag('c')] } })
    for (const answer of [
      await doctor.get('/fhir/R4/Observation/$meta'),
      await doctor.post('/fhir/R4/Observation/$meta', { resourceType: 'Parameters' }),
    ]) {
      const { tag: tags, ...rest } = metaIn(answer)
      assert.deepEqual(rest, { profile: [PROFILE], security })
      assert.deepEqual(tags.map(({ code }: { code: string }) => code).sort(), ['a', 'b'])
    }
    const all = metaIn(await doctor.get('/fhir/R4/$meta'))
    assert.deepEqual(all.tag.map(({ code }: { code: string }) => code).sort(), ['a', 'b', 'c'])
    assert.deepEqual([all.profile, all.security], [[PROFILE], security])
  })

  it('is of what whoever asks may see, as it is now', async () => {
    assert.equal(metaIn(await stranger.get('/fhir/R4/Observation/$meta')), undefined)
    assert.equal(metaIn(await stranger.get('/fhir/R4/$meta')), undefined)
    const passing = await write(doctor, 'Observation', ours({ tag: [tag('gone')] }))
    assert.match(JSON.stringify(metaIn(await patient.get('/fhir/R4/Observation/$meta'))), /"gone"/)
    await doctor.delete(`/fhir/R4/Observation/${passing}`)
    assert.doesNotMatch(JSON.stringify(metaIn(await patient.get('/fhir/R4/Observation/$meta'))), /"gone"/)
  })

  it('is not for whoever is not signed in, nor of a type that is not here', async () => {
    for (const url of ['/fhir/R4/Observation/$meta', '/fhir/R4/$meta'])
      assert.equal((await house.anonymous.get(url)).status, 401)
    assert.equal((await doctor.get('/fhir/R4/Account/$meta')).status, 404)
  })

  it('shows an app no more than its scopes do', async () => {
    await house.owner.query('update platform.session set scopes = $2, patient_id = $3 where account_id = $1', [
      ...[doctor.account, ['patient/Flag.s'], patient.patient],
    ])
    assert.equal((await doctor.get('/fhir/R4/Observation/$meta')).status, 403)
    assert.deepEqual(metaIn(await doctor.get('/fhir/R4/$meta')), { tag: [tag('c')] })
  })

  it('leaves an audit row of each patient whose labels it told', async () => {
    const { rows } = await house.owner.query(
      `select distinct account_id, entity, subject from platform.audit_event where operation = 'fhir $meta' order by 1`,
    )
    const entity = `Patient/${patient.patient}`
    assert.deepEqual(
      new Set(rows.map((row) => JSON.stringify(row))),
      new Set([doctor, patient].map(({ account }) => JSON.stringify({ account_id: account, entity, subject: entity }))),
    )
  })
})
