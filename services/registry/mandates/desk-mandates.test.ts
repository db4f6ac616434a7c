import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPatient, openRegistry, version } from '../testing.ts'

describe('a mandate that staff of a desk write down', async () => {
  const { house, patient, caregiver, administrator, rows, together } = await openRegistry()
  const [hana, ada] = [await caregiver(), await administrator()]
  const opened = async () => {
    const facts = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'GH' }
    return (await ada.post('/v1/organisations', facts)).body.id as string
  }
  const [organisation, other] = [await opened(), await opened()]
  const clerk = (at = organisation) => house.signedIn({ desk: { organisation: at, function: 'desk' } })
  const [desk, foreign] = [await clerk(), await clerk(other)]
  const registered = async (change: object = {}) => {
    const { status, body } = await desk.post(`/v1/organisations/${organisation}/patients`, { ...aPatient, ...change })
    assert.equal(status, 201)
    return body.id as string
  }
  const saba = await registered()
  const evidence = 'Thumbprint on form 12, two witnesses'
  const give = (change: object = {}, who = desk) =>
    who.post('/v1/mandates', { patient: saba, caregiver: hana.id, powers: ['book', 'pay'], evidence, ...change })

  it('is for whom the desk keeps, on evidence, for a year, and may be ended there', async () => {
    assert.equal((await give({}, foreign)).status, 404)
    assert.equal((await give({}, await patient())).status, 404)
    assert.equal((await give({}, house.anonymous as never)).status, 401)
    assert.equal((await give({ evidence: ' ' })).status, 422)
    assert.equal((await give({ validFrom: '2032-04-01T00:00:00Z' })).status, 400)
    const { status, body } = await give({ validUntil: '2035-01-01T00:00:00Z' })
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual([body.basis, body.status, body.validUntil], ['desk', 'proposed', '2032-03-01T08:00:00.000Z'])
    assert.equal((await give()).status, 409)
    await hana.post(`/v1/mandates/${body.id}/accept`)
    assert.equal((await hana.get(`/v1/patients/${saba}`)).status, 404, 'it opens no record')
    const path = `/v1/mandates/${body.id}`
    assert.equal((await foreign.get(path)).status, 404)
    assert.equal((await (await clerk()).get(path)).body.status, 'active')
    assert.equal((await desk.post(`${path}/revoke`, {})).status, 422, 'with a reason')
    assert.equal((await foreign.post(`${path}/revoke`, { reason: 'They fell out' })).status, 404)
    assert.equal((await desk.post(`${path}/revoke`, { reason: 'They fell out' })).body.status, 'revoked')
    const trace = await rows(
      'select distinct relationship from platform.audit_event where account_id = $1 and entity = $2',
      [desk.account, `Mandate/${body.id}`],
    )
    assert.deepEqual(trace, [{ relationship: 'desk' }])
  })

  it('shows nobody a record: only an administrator gives that', async () => {
    const patient = await registered()
    for (const power of ['see-record', 'see-sensitive'])
      assert.equal((await give({ patient, powers: ['book', power] })).status, 422, power)
    assert.equal((await give({ patient, powers: ['see-record'] }, ada)).status, 201)
  })

  it('is never for oneself, nor for who works at the same desk or at one that keeps the record', async () => {
    const patient = await registered()
    for (const who of [desk, await clerk()]) {
      const { id } = await caregiver({}, who)
      assert.equal((await give({ patient, caregiver: id })).status, 422)
    }
    const both = await clerk(other)
    await house.owner.query(
      `insert into platform.membership (id, account_id, organisation_id, function, given_by, given_at) values (gen_random_uuid(), $1, $2, 'desk', $1, now())`,
      [both.account, organisation],
    )
    const { id: stranger } = await caregiver({}, foreign)
    assert.equal((await give({ patient, caregiver: stranger }, both)).status, 422, 'a colleague elsewhere')
    assert.equal((await give({ patient, caregiver: stranger })).status, 201)
  })

  it('is seen by the person who takes the record over, who is told, and by the desk no more', async () => {
    const patient = await registered()
    const { id } = (await give({ patient, powers: ['book'] })).body
    await hana.post(`/v1/mandates/${id}/accept`)
    await house.work()
    const { code } = (await desk.post(`/v1/patients/${patient}/claim-code`)).body
    const self = await house.signedIn()
    assert.equal((await self.post('/v1/claims', { code, birthDate: aPatient.birthDate })).status, 200)
    assert.equal((await desk.get(`/v1/mandates/${id}`)).status, 404)
    assert.equal((await give({ patient, caregiver: (await caregiver()).id })).status, 404)
    assert.equal((await self.get('/v1/mandates')).body.items[0].id, id)
    await house.work()
    const told = (await self.get('/v1/notifications')).body.items.map(({ template }: { template: string }) => template)
    assert.ok(told.includes('mandate-accepted.patient'), told.join())
    assert.equal((await self.post(`/v1/mandates/${id}/revoke`, {})).body.status, 'revoked')
  })

  it('does not follow a record that was nobody’s into one that is somebody’s', async () => {
    const [twin, real] = [await registered(), await patient()]
    const { id } = (await give({ patient: twin, powers: ['receive-messages'] })).body
    await hana.post(`/v1/mandates/${id}/accept`)
    const merge = (survivor: string, replaced: string) =>
      ada.post('/v1/merges', { survivor, replaced, reason: 'Passport seen' })
    assert.equal((await merge(twin, real.id)).status, 422)
    const made = await merge(real.id, twin)
    assert.deepEqual(made.body.setAside, [id])
    assert.equal((await hana.get(`/v1/mandates/${id}`)).body.status, 'revoked')
    await ada.post(`/v1/merges/${made.body.id}/undo`, { reason: 'Two people' }, version(1))
    assert.equal((await hana.get(`/v1/mandates/${id}`)).body.status, 'active')
  })

  it('is given once, however many write it down at once', async () => {
    const patient = await registered()
    const lock = 'select from registry.patient where id = $1 for update'
    const answers = await together(
      lock,
      patient,
      [0, 1, 2].map(() => () => give({ patient })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
  })
})
