import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aPatient, aPractitioner, openRegistry, treats, version } from '../testing.ts'

const named = { name: 'Somebody', language: 'en' }

/** Profiles with an owner; what an administrator has to say beside `active: false`. */
const kinds: Record<string, { facts: object; also?: object }> = {
  practitioners: { facts: aPractitioner },
  patients: { facts: aPatient, also: { reason: 'Registered twice' } },
  caregivers: { facts: named },
  donors: { facts: named },
  administrators: { facts: named },
}

describe('active in PATCH, of each kind of profile', async () => {
  const { house, administrator, rows } = await openRegistry()
  const [root, other] = [await administrator(), await administrator()]
  const made = async (kind: string, who?: Client) => {
    const owner = who ?? (kind === 'administrators' ? await administrator() : await house.signedIn())
    const { body } = await owner.post(`/v1/${kind}`, kinds[kind]?.facts)
    const path = `/v1/${kind}/${body.id}`
    let at = 1
    const set = async (by: Client, active: boolean, expected = 200) => {
      const also = active || by === owner ? {} : kinds[kind]?.also
      const { status, body } = await by.patch(path, { active, ...also }, version(at))
      assert.equal(status, expected, `${kind}: ${JSON.stringify(body)}`)
      if (status === 200) assert.equal(body.active, active)
      if (status === 200) at = body.version
    }
    return { owner, path, set, id: body.id as string }
  }

  for (const kind of Object.keys(kinds)) {
    it(`${kind}: whoever is first out cannot keep an administrator from taking them out`, async () => {
      const { owner, set, id } = await made(kind)
      await set(owner, false)
      await set(root, false)
      await set(owner, false, kind === 'administrators' ? 403 : 200)
      await set(owner, true, 403)
      const [row] = await rows(`select deactivated_by from registry.${kind.slice(0, -1)} where id = $1`, [id])
      assert.equal(row.deactivated_by, root.account)
      await set(other, true)
      await set(owner, false)
      await set(owner, true, kind === 'administrators' ? 403 : 200)
    })

    it(`${kind}: an administrator does not bring back their own, and does not take over what another has done`, async () => {
      const { owner, set } = await made(kind, await administrator())
      await set(root, false)
      await set(owner, false, kind === 'administrators' ? 403 : 200)
      await set(owner, true, 403)
      await set(other, true)
    })

    it(`${kind}: nobody else sets it, and a version that nobody has seen yet is no way in`, async () => {
      const { owner, path, set } = await made(kind)
      const stranger = await house.signedIn()
      assert.ok([403, 404].includes((await stranger.patch(path, { active: false }, version(1))).status))
      assert.equal((await house.anonymous.patch(path, { active: false }, version(1))).status, 401)
      assert.equal((await owner.patch(path, { active: false }, version(2))).status, 412)
      await set(root, false)
      const facts = await root.patch(path, { name: 'x' }, version(2))
      assert.equal(facts.status, kind === 'practitioners' ? 200 : 403)
    })
  }
})

describe('an administrator out of use', async () => {
  const { administrator, house, rows, together } = await openRegistry()
  const profile = async (who: Client) => {
    const { body } = await who.post('/v1/administrators', named)
    return `/v1/administrators/${body.id}`
  }

  it('is none with the next request, and is one again when another brings them back', async () => {
    const [root, bad] = [await administrator(), await administrator()]
    const path = await profile(bad)
    const acts = async () => [
      (await bad.get('/v1/licences')).status,
      (await bad.post('/v1/organisations', { name: 'O', city: 'C', country: 'GH' })).status,
      (await bad.patch(path, { active: true }, version(2))).status,
    ]
    assert.equal((await root.patch(path, { active: false }, version(1))).status, 200)
    assert.deepEqual(await acts(), [403, 403, 403])
    assert.equal((await root.patch(path, { active: true }, version(2))).status, 200)
    assert.deepEqual(await acts(), [200, 201, 412])
  })

  it('is not the last one, whoever of two is faster', async () => {
    const { rows: had } = await house.owner.query(
      'update platform.role_grant set revoked_at = now() where revoked_at is null returning account_id',
    )
    const [one, two] = [await administrator(), await administrator()]
    const [path, other] = [await profile(one), await profile(two)]
    const statuses = await together('select from platform.role_grant where account_id = $1 for update', one.account, [
      () => one.patch(other, { active: false }, version(1)),
      () => two.patch(path, { active: false }, version(1)),
    ])
    assert.deepEqual(statuses.map(({ status }) => status).sort(), [200, 422])
    const active = await rows('select from platform.role_grant where revoked_at is null and rests_at is null')
    assert.equal(active.length, 1)
    const [left, own] = statuses[0]?.status === 200 ? [one, path] : [two, other]
    assert.equal((await left.patch(own, { active: false }, version(1))).status, 422)
    assert.equal((await left.delete(`/v1/accounts/${left.account}/roles/administrator`)).status, 422)
    assert.ok(had.length > 0)
  })
})

describe('a caregiver out of use', async () => {
  const place = await openRegistry()
  const { administrator, patient, caregiver, given, house } = place
  const root = await administrator()

  it('may nothing by the mandates they have; those rest, and end if they are revoked', async () => {
    const [saba, other, hana] = [await patient(), await patient({ name: 'Other' }), await caregiver()]
    const powers = ['see-record', 'book', 'receive-messages']
    const ids = [saba, other].map(({ id }) => id)
    const [mandate] = [
      await given(saba, { patient: saba.id, caregiver: hana.id, powers }, hana),
      await given(other, { patient: other.id, caregiver: hana.id, powers }, hana),
    ]
    const path = `/v1/caregivers/${hana.id}`
    const reads = async () => Promise.all(ids.map(async (id) => (await hana.get(`/v1/patients/${id}`)).status))
    assert.equal((await root.patch(path, { active: false }, version(1))).status, 200)
    assert.deepEqual(await reads(), [404, 404])
    assert.deepEqual((await hana.get('/v1/patients')).body.items, [])
    assert.equal((await saba.get(`/v1/mandates/${mandate}`)).body.status, 'active')
    assert.equal((await saba.post(`/v1/mandates/${mandate}/revoke`, {})).status, 200)
    assert.equal((await root.patch(path, { active: true }, version(2))).status, 200)
    assert.deepEqual(await reads(), [404, 200])
  })

  it('accepts none, and registers no child; nor is a guardian verified', async () => {
    const [saba, hana] = [await patient(), await caregiver()]
    const offered = await saba.post('/v1/mandates', { patient: saba.id, caregiver: hana.id, powers: ['book'] })
    const child = { name: 'Liya', birthDate: '2024-03-04', gender: 'female', language: 'am', zone: 'UTC' }
    const guardianship = await hana.post('/v1/guardianships', { child, evidence: 'Birth certificate 12' })
    assert.equal((await hana.patch(`/v1/caregivers/${hana.id}`, { active: false }, version(1))).status, 200)
    assert.equal((await hana.post(`/v1/mandates/${offered.body.id}/accept`)).status, 422)
    assert.equal((await hana.post('/v1/guardianships', { child, evidence: 'Another paper' })).status, 422)
    const verify = `/v1/mandates/${guardianship.body.id}/verify`
    assert.equal((await root.post(verify, undefined, version(1))).status, 422)
    assert.equal((await hana.patch(`/v1/caregivers/${hana.id}`, { active: true }, version(2))).status, 200)
    assert.equal((await hana.post(`/v1/mandates/${offered.body.id}/accept`)).status, 200)
    assert.equal((await root.post(verify, undefined, version(1))).status, 200)
  })

  it('has no way back through a mandate that is revoked, or accepted, at the same moment', async () => {
    const { rows, together } = place
    const [saba, hana] = [await patient(), await caregiver()]
    const mandate = await given(saba, { patient: saba.id, caregiver: hana.id, powers: ['see-record'] }, hana)
    const path = `/v1/caregivers/${hana.id}`
    const live = () => rows('select from platform.access_grant where source_id = $1 and revoked_at is null', [mandate])
    assert.equal((await hana.patch(path, { active: false }, version(1))).status, 200)
    // Coming back has seen the mandate, and waits for the grant; nobody must revoke the one and leave the other.
    await together('select from platform.access_grant where source_id = $1 for update', mandate, [
      () => hana.patch(path, { active: true }, version(2)),
      () => saba.post(`/v1/mandates/${mandate}/revoke`, {}),
    ])
    assert.deepEqual(await live(), [])
    const other = await patient({ name: 'Other' })
    const wanted = { patient: other.id, caregiver: hana.id, powers: ['see-record'] }
    const offered = (await other.post('/v1/mandates', wanted)).body.id
    await together('select from registry.caregiver where id = $1 for update', hana.id, [
      () => hana.post(`/v1/mandates/${offered}/accept`),
      () => root.patch(path, { active: false }, version(3)),
    ])
    assert.equal((await hana.get(`/v1/patients/${other.id}`)).status, 404)
  })

  it('treatment is another thing: who also practises goes on with that', async () => {
    const [saba, doctor] = [await patient(), await house.signedIn({ roles: ['practitioner'] })]
    await treats(place, doctor, saba)
    const hana = await caregiver({}, doctor)
    const before = (await hana.get(`/v1/patients/${saba.id}`)).status
    assert.equal((await root.patch(`/v1/caregivers/${hana.id}`, { active: false }, version(1))).status, 200)
    assert.equal((await hana.get(`/v1/patients/${saba.id}`)).status, before)
  })
})

describe('a patient out of use', async () => {
  const { administrator, patient, caregiver, given, house, rows } = await openRegistry()
  const root = await administrator()
  const reason = 'Registered twice; the other record is in use'

  it('by an administrator, with a reason, keeps the own record and books nothing new', async () => {
    const [saba, hana] = [await patient({ phone: '+12025550147' }), await caregiver()]
    await given(saba, { patient: saba.id, caregiver: hana.id, powers: ['book', 'see-record'] }, hana)
    const path = `/v1/patients/${saba.id}`
    const seen = (await root.get(path)).body
    assert.deepEqual([seen.name, seen.phone, seen.version], ['Saba Tesfaye', undefined, 1])
    assert.equal((await root.patch(path, { active: false }, version(1))).status, 422)
    assert.equal((await root.patch(path, { active: false, reason: ' ' }, version(1))).status, 422)
    assert.equal((await root.patch(path, { name: 'x', active: false, reason }, version(1))).status, 403)
    const out = await root.patch(path, { active: false, reason }, version(1))
    assert.deepEqual([out.status, out.body.active, out.body.reason, out.body.phone], [200, false, reason, undefined])
    const own = await saba.get(path)
    assert.deepEqual([own.status, own.body.reason, own.body.phone], [200, reason, '+12025550147'])
    assert.equal((await saba.patch(path, { active: false, reason: 'No' }, version(2))).body.reason, reason)
    assert.equal(
      (await saba.get(`${path}/access-log`)).body.items.some(({ who }: { who: string }) => who === 'administrator'),
      true,
    )
    assert.deepEqual((await hana.get('/v1/patients')).body.items, [])
    const wish = { practitioner: hana.id, patient: saba.id, start: '2031-03-03T09:00:00Z' }
    for (const who of [saba, hana]) {
      assert.match((await who.post('/v1/appointments', wish)).body.detail, /out of use/)
      assert.match((await who.post('/v1/holds', wish)).body.detail, /out of use/)
    }
    assert.equal((await saba.patch(path, { active: true }, version(3))).status, 403)
    const back = await root.patch(path, { active: true }, version(3))
    assert.deepEqual([back.body.active, back.body.reason], [true, undefined])
    assert.doesNotMatch((await saba.post('/v1/appointments', wish)).body.detail, /out of use/)
    assert.deepEqual(await rows('select from platform.out_of_use'), [])
  })

  it('a reason is for that alone, and administrators see no record that was replaced or erased', async () => {
    const [saba, other] = [await patient(), await patient({ name: 'Other' })]
    assert.equal((await saba.patch(`/v1/patients/${saba.id}`, { reason }, version(1))).status, 400)
    const merge = { survivor: saba.id, replaced: other.id, reason: 'Same person: passport seen' }
    assert.equal((await root.post('/v1/merges', merge)).status, 201)
    assert.equal((await root.patch(`/v1/patients/${other.id}`, { active: false, reason }, version(1))).status, 404)
    await house.owner.query('update registry.patient set erased_at = now() where id = $1', [saba.id])
    assert.equal((await root.get(`/v1/patients/${saba.id}`)).status, 404)
    assert.equal((await root.patch(`/v1/patients/${saba.id}`, { active: false, reason }, version(1))).status, 404)
  })
})
