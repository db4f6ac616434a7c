import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Answer } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aPractitioner, openRegistry, version } from '../testing.ts'

const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body)}`
const jsonPatch = { 'content-type': 'application/json-patch+json' }
const refusedAt = ({ status, body }: Answer) => [status, body.issue?.[1]?.expression?.[0]]

const taxed = { type: { coding: [{ code: 'TAX' }] }, system: 'http://example.org/tax', value: 'C-4217' }
const trust = {
  ...{ resourceType: 'Organization', name: 'Harbour Health Trust', alias: ['HHT'] },
  type: [{ text: 'Charity' }],
  telecom: [{ system: 'phone', value: '+233 20 123 4567', use: 'work' }],
  address: [{ line: ['3 Quay Street'], city: 'Port Selam', country: 'GH' }],
}
const clinic = {
  ...{ resourceType: 'Location', status: 'active', mode: 'instance', name: 'Harbour Clinic' },
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Accra' }],
  address: { use: 'work', line: ['3 Quay Street', '2nd floor'], city: 'Port Selam', country: 'GH', postalCode: '1000' },
  position: { longitude: -0.2, latitude: 5.55, altitude: 12 },
  hoursOfOperation: [{ daysOfWeek: ['mon'], allDay: true }],
}
const amina = {
  ...{ resourceType: 'Practitioner', name: [{ family: 'Okello', given: ['Amina'], prefix: ['Dr'] }], gender: 'female' },
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '9999999999' }],
  communication: [{ coding: [{ system: 'urn:ietf:bcp:47', code: 'sw', display: 'Swahili' }] }],
  birthDate: '1970-01-01',
}

describe('/fhir/R4/Organization and Location', () => {
  it('are written by administrators, and an organisation by its managers, as by /v1', async () => {
    const registry = await openRegistry({}, everything)
    const { house } = registry
    const administrator = await registry.administrator()
    const made = await administrator.post('/fhir/R4/Organization', { ...trust, identifier: [taxed] })
    assert.equal(made.status, 201, told(made))
    const { id, meta: _m, identifier, active, ...rest } = made.body
    assert.deepEqual(rest, trust)
    assert.deepEqual(
      [active, identifier],
      [true, [{ system: 'http://openhcs.test/v1/organisations', value: id }, taxed]],
    )
    const { body: v1 } = await house.anonymous.get(`/v1/organisations/${id}`)
    assert.deepEqual([v1.city, v1.country, v1.phone], ['Port Selam', 'GH', '+233201234567'])
    const manager = await house.signedIn({ desk: { organisation: id, function: 'manager' } })
    const clerk = await house.signedIn({ desk: { organisation: id, function: 'desk' } })
    const url = `/fhir/R4/Organization/${id}`
    const patch = [{ op: 'replace', path: '/address/0/city', value: 'New Selam' }]
    assert.equal((await clerk.patch(url, patch, jsonPatch)).status, 404)
    const patched = await manager.patch(url, patch, jsonPatch)
    assert.deepEqual([patched.status, patched.body.address[0].city, patched.body.alias], [200, 'New Selam', ['HHT']])
    assert.equal((await manager.put(url, { ...trust, id, active: false })).status, 403)
    for (const who of [manager, clerk, await house.signedIn(), await house.signedIn({ roles: ['donor'] })])
      for (const type of ['Organization', 'Location'] as const) {
        const resource = type === 'Organization' ? trust : clinic
        assert.equal((await who.post(`/fhir/R4/${type}`, resource)).status, 403)
        assert.equal((await who.put(`/fhir/R4/${type}/${newId()}`, { ...resource, id: newId() })).status, 400)
        const own = newId()
        assert.equal((await who.put(`/fhir/R4/${type}/${own}`, { ...resource, id: own })).status, 404)
      }
    assert.equal((await house.owner.query('select from registry.organisation')).rowCount, 1)
    const closed = await administrator.put(url, { ...trust, id, active: false })
    assert.equal(closed.status, 200, told(closed))
    assert.equal((await house.anonymous.get(`/v1/organisations/${id}`)).body.active, false)
    assert.equal((await manager.put(url, { ...trust, id })).status, 404, 'their membership has ended')
  })

  it('what was said beside a name, or how it stands, goes with it where /v1 changes that', async () => {
    const registry = await openRegistry({}, everything)
    const administrator = await registry.administrator()
    const beside = { extension: [{ url: 'http://example.org/fhir/extension/spoken', valueString: 'Hah-ber' }] }
    const { body: made } = await administrator.post('/fhir/R4/Location', { ...clinic, _name: beside, _status: beside })
    const url = `/fhir/R4/Location/${made.id}`
    const changed = async (change: object, n: number) => {
      const answer = await administrator.patch(`/v1/places/${made.id}`, change, version(n))
      assert.equal(answer.status, 200, told(answer))
      const { _name, _status } = (await administrator.get(url)).body
      return [_name, _status]
    }
    assert.deepEqual(await changed({ address: '1 Quay Road' }, 1), [beside, beside])
    assert.deepEqual(await changed({ name: 'Hill Clinic' }, 2), [undefined, beside])
    assert.deepEqual(await changed({ active: false }, 3), [undefined, undefined])
  })

  it('a place says what /v1 says and the rest, and is refused where it cannot be one', async () => {
    const registry = await openRegistry({}, everything)
    const administrator = await registry.administrator()
    const { body: organisation } = await administrator.post('/fhir/R4/Organization', trust)
    const at = { managingOrganization: { reference: `Organization/${organisation.id}`, display: 'HHT' } }
    const made = await administrator.post('/fhir/R4/Location', { ...clinic, ...at })
    assert.equal(made.status, 201, told(made))
    const { id } = made.body
    assert.deepEqual(
      [made.body.address, made.body.position, made.body.managingOrganization, made.body.hoursOfOperation],
      [clinic.address, clinic.position, at.managingOrganization, clinic.hoursOfOperation],
    )
    const { body: v1 } = await registry.house.anonymous.get(`/v1/places/${id}`)
    assert.deepEqual(
      [v1.address, v1.organisation, v1.zone],
      ['3 Quay Street, 2nd floor', organisation.id, 'Africa/Accra'],
    )
    const url = `/fhir/R4/Location/${id}`
    const moved = await administrator.patch(`/v1/places/${id}`, { address: '1 Quay Road' }, version(1))
    assert.equal(moved.status, 200, told(moved))
    const { body } = await administrator.get(url)
    assert.deepEqual([body.address.line, body.hoursOfOperation], [['1 Quay Road'], clinic.hoursOfOperation])
    const again = await administrator.put(url, body)
    assert.deepEqual([again.status, again.headers.etag], [200, 'W/"2"'], told(again))
    const { extension: _, ...nowhere } = clinic
    const wrong: [object, string][] = [
      [{ ...clinic, mode: 'kind' }, 'mode'],
      [nowhere, 'extension'],
      [{ ...clinic, position: undefined }, 'position'],
      [{ ...clinic, address: { ...clinic.address, country: 'Ghana' } }, 'address'],
      [{ ...clinic, address: { ...clinic.address, country: 'JX' } }, 'address'],
      [{ ...clinic, managingOrganization: { reference: `Organization/${newId()}` } }, 'managingOrganization'],
      [{ ...clinic, managingOrganization: { reference: 'Organization/other' } }, 'managingOrganization'],
    ]
    for (const [resource, place] of wrong) {
      const answer = await administrator.post('/fhir/R4/Location', resource)
      assert.ok(answer.status === 422 || answer.status === 400, told(answer))
      assert.equal(refusedAt(answer)[1], `Location.${place}`, told(answer))
    }
  })
})

describe('/fhir/R4/Practitioner and PractitionerRole', () => {
  it('one’s own, which nobody else sees until a licence is verified', async () => {
    const registry = await openRegistry({}, everything)
    const { house } = registry
    const doctor = await house.signedIn({ roles: ['patient'] })
    const made = await doctor.post('/fhir/R4/Practitioner', amina)
    assert.equal(made.status, 201, told(made))
    const { id } = made.body
    const url = `/fhir/R4/Practitioner/${id}`
    const { body: v1 } = await doctor.get(`/v1/practitioners/${id}`)
    assert.deepEqual([v1.name, v1.languages, v1.specialities, v1.licensed], ['Amina Okello', ['sw'], [], false])
    assert.equal((await doctor.get(url)).body.birthDate, '1970-01-01')
    const stranger = await house.signedIn({ roles: ['patient', 'practitioner'] })
    assert.equal((await stranger.get(url)).status, 404)
    assert.equal((await stranger.put(url, { ...amina, id })).status, 404)
    assert.equal((await doctor.post('/fhir/R4/Practitioner', amina)).status, 409)
    const role = {
      ...{ resourceType: 'PractitionerRole', id, practitioner: { reference: `Practitioner/${id}` } },
      specialty: [
        { coding: [{ system: 'http://openhcs.test/v1/specialities', code: 'cardiology' }] },
        { coding: [{ system: 'http://nucc.org/provider-taxonomy', code: '207RC0000X' }] },
      ],
    }
    const roleUrl = `/fhir/R4/PractitionerRole/${id}`
    const written = await doctor.put(roleUrl, role)
    assert.equal(written.status, 200, told(written))
    assert.deepEqual(written.body.specialty, role.specialty)
    assert.deepEqual((await doctor.get(`/v1/practitioners/${id}`)).body.specialities, ['cardiology'])
    const number = { identifier: [{ type: { coding: [{ code: 'TAX' }] }, value: 'T-4217-99' }] }
    assert.deepEqual(refusedAt(await doctor.put(roleUrl, { ...role, ...number })), [
      422,
      'PractitionerRole.identifier[0]',
    ])
    const elsewhere = { organization: { reference: `Organization/${newId()}` } }
    assert.deepEqual(refusedAt(await doctor.put(roleUrl, { ...role, ...elsewhere })), [
      422,
      'PractitionerRole.organization',
    ])
    assert.equal((await doctor.post('/fhir/R4/PractitionerRole', role)).status, 409)
    const { practitioner: _, ...nobodys } = role
    assert.deepEqual(refusedAt(await doctor.post('/fhir/R4/PractitionerRole', nobodys)), [
      422,
      'PractitionerRole.practitioner',
    ])
    // Of somebody whom one may not see it is told as little as of nobody.
    for (const practitioner of [id, newId()].map((one) => ({ reference: `Practitioner/${one}` })))
      assert.deepEqual(refusedAt(await stranger.post('/fhir/R4/PractitionerRole', { ...nobodys, practitioner })), [
        422,
        'PractitionerRole.practitioner',
      ])
    const licensed = [{ code: { text: 'MD' } }]
    assert.deepEqual(refusedAt(await doctor.put(url, { ...amina, id, qualification: licensed })), [
      422,
      'Practitioner.qualification',
    ])
    assert.equal((await doctor.delete(url)).status, 405)
  })

  it('at a desk, where the caller works', async () => {
    const registry = await openRegistry({}, everything)
    const { house } = registry
    const administrator = await registry.administrator()
    const { body: organisation } = await administrator.post('/fhir/R4/Organization', trust)
    const { body: other } = await administrator.post('/fhir/R4/Organization', trust)
    const desk = await house.signedIn({ desk: { organisation: organisation.id, function: 'desk' } })
    const made = await desk.post('/fhir/R4/Practitioner', amina)
    assert.equal(made.status, 201, told(made))
    const { rows } = await house.owner.query('select organisation_id, account_id from registry.practitioner')
    assert.deepEqual(rows, [{ organisation_id: organisation.id, account_id: null }])
    const url = `/fhir/R4/Practitioner/${made.body.id}`
    const changed = await desk.put(url, { ...amina, id: made.body.id, gender: 'other' }, { 'if-match': 'W/"1"' })
    assert.deepEqual([changed.status, changed.headers.etag], [200, 'W/"2"'], told(changed))
    await house.owner.query(
      `insert into platform.membership (id, account_id, organisation_id, function, given_by, given_at) values (gen_random_uuid(), $1, $2, 'desk', $1, now())`,
      [desk.account, other.id],
    )
    assert.equal((await desk.post('/fhir/R4/Practitioner', amina)).status, 422, 'at which of the two?')
    assert.equal((await administrator.post('/fhir/R4/Practitioner', amina)).status, 403)
    const by = await administrator.put(url, { ...amina, id: made.body.id })
    assert.equal(by.status, 200, told(by))
  })

  it('what registry made says nothing that was not said, and is changed whole', async () => {
    const registry = await openRegistry({}, everything)
    const doctor = await registry.practitioner({}, await registry.house.signedIn({ roles: ['patient'] }))
    const url = `/fhir/R4/Practitioner/${doctor.id}`
    const { body } = await doctor.get(url)
    assert.equal((await doctor.put(url, body)).headers.etag, 'W/"1"')
    const labels = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'a' }] } }] }
    const tagged = await doctor.post(`${url}/$meta-add`, labels)
    assert.equal(tagged.status, 200, told(tagged))
    assert.deepEqual((await doctor.get(url)).body.meta.tag, [{ code: 'a' }])
    assert.equal((await doctor.get(`/v1/practitioners/${doctor.id}`)).body.about, undefined)
    assert.deepEqual((await doctor.get(`/v1/practitioners/${doctor.id}`)).body.languages, aPractitioner.languages)
  })
})

describe('/fhir/R4/RelatedPerson', () => {
  it('is not written: a mandate is what two sides agree on', async () => {
    const registry = await openRegistry({}, everything)
    const saba = await registry.patient()
    const hana = { resourceType: 'RelatedPerson', patient: { reference: `Patient/${saba.id}` } }
    const id = newId()
    const answers = [
      await saba.post('/fhir/R4/RelatedPerson', hana),
      await saba.put(`/fhir/R4/RelatedPerson/${id}`, { ...hana, id }),
      await saba.patch(`/fhir/R4/RelatedPerson/${id}`, [], jsonPatch),
      await saba.delete(`/fhir/R4/RelatedPerson/${id}`),
    ]
    for (const answer of answers) {
      assert.equal(answer.status, 405, told(answer))
      assert.equal(answer.headers.allow, 'GET, HEAD')
      assert.match(answer.body.issue[0].diagnostics, /mandate/)
    }
  })
})
