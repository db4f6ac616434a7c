import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Answer, Client } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { pulse } from '../../../tests/ward.ts'
import { openRegistry, type Registry } from '../testing.ts'

// Bundles as other systems make them of a patient and those around them (github.com/synthetichealth/synthea): ids of their own, and references by them.

const ZONE = { url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Addis_Ababa' }
const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body)}`
const urn = () => `urn:uuid:${newId()}`

async function openDesk() {
  const registry = await openRegistry({}, everything)
  const { house } = registry
  const administrator = await registry.administrator()
  const trust = {
    ...{ resourceType: 'Organization', name: 'Harbour Health Trust', active: true },
    identifier: [{ system: 'http://example.org/organisations', value: 'harbour' }],
    address: [{ city: 'Port Selam', country: 'ET', postalCode: '1000' }],
  }
  const { status, body } = await administrator.post('/fhir/R4/Organization', trust)
  assert.equal(status, 201, JSON.stringify(body))
  const organisation = body.id as string
  const desk = await house.signedIn({
    ...{ desk: { organisation, function: 'desk' }, roles: ['practitioner'] },
    self: { practitioner: newId() },
  })
  return { registry, house, administrator, organisation, desk, trust }
}

/** Treats whoever will have this id. */
const treats = ({ house }: Registry, who: Client, patient: string) =>
  house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', '2031-01-01')`,
    [who.account, patient],
  )

function bundleFor(organisation: object, id: string) {
  const [trust, patient, doctor, role, encounter] = [urn(), urn(), urn(), urn(), urn()]
  const post = (fullUrl: string, resource: { resourceType: string }, more: object = {}) => ({
    ...{ fullUrl, resource, request: { method: 'POST', url: resource.resourceType, ...more } },
  })
  const saba = {
    ...{ resourceType: 'Patient', id, name: [{ family: 'Tesfaye', given: ['Saba'] }], gender: 'female' },
    ...{ birthDate: '1987-06-05', extension: [ZONE], managingOrganization: { reference: trust } },
    ...{ generalPractitioner: [{ reference: doctor }], deceasedBoolean: false },
  }
  const visit = {
    ...{ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject: { reference: patient } },
    participant: [{ individual: { reference: doctor } }],
    serviceProvider: { reference: trust },
  }
  const entry = [
    post(encounter, visit),
    post(urn(), pulse('', { subject: { reference: patient }, encounter: { reference: encounter } })),
    post(role, {
      ...{ resourceType: 'PractitionerRole', practitioner: { reference: doctor }, organization: { reference: trust } },
      specialty: [{ coding: [{ system: 'http://openhcs.test/v1/specialities', code: 'cardiology' }] }],
      availableTime: [{ daysOfWeek: ['mon'], allDay: true }],
    } as { resourceType: string }),
    post(doctor, {
      ...{ resourceType: 'Practitioner', name: [{ family: 'Okello', given: ['Amina'] }], gender: 'female' },
      identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '9999999999' }],
    } as { resourceType: string }),
    { fullUrl: patient, resource: saba, request: { method: 'PUT', url: `Patient/${id}` } },
    post(trust, organisation as never, { ifNoneExist: 'identifier=http://example.org/organisations|harbour' }),
  ]
  return { resourceType: 'Bundle', type: 'transaction', entry }
}

const counts = async ({ house }: Registry) =>
  (
    await house.owner.query(
      `select (select count(*)::int from registry.patient) as patients, (select count(*)::int from registry.practitioner) as practitioners,
         (select count(*)::int from registry.organisation) as organisations, (select count(*)::int from registry.said) as said,
         (select count(*)::int from platform.fhir_resource) as resources, (select count(*)::int from platform.projection_due) as due,
         (select count(*)::int from platform.audit_event where action in ('C', 'U')) as audited`,
    )
  ).rows[0]

describe('a transaction of a patient and those around them', () => {
  it('goes in whole, each by whoever keeps it, with references to what they became', async () => {
    const { registry, house, desk, organisation, trust } = await openDesk()
    const id = newId()
    const answer = await desk.post('/fhir/R4', bundleFor(trust, id))
    assert.equal(answer.status, 200, told(answer))
    // Who registers somebody with their record treats nobody by that.
    assert.equal((await desk.get(`/fhir/R4/${answer.body.entry[0].response.location}`)).status, 404)
    await treats(registry, desk, id)
    const at = answer.body.entry.map(({ response }: { response: { location: string; status: string } }) => [
      response.status.slice(0, 3),
      response.location.split('/').slice(0, 2).join('/'),
    ])
    const [encounter, , role, doctor] = at.map(([, name]: [string, string]) => name)
    const practitioner = doctor.split('/')[1]
    assert.deepEqual(
      at.map(([status]: [string]) => status),
      ['201', '201', '201', '201', '201', '200'],
    )
    assert.equal(role, `PractitionerRole/${practitioner}`)
    const { body: visit } = await desk.get(`/fhir/R4/${encounter}`)
    assert.deepEqual(
      [visit.subject.reference, visit.participant[0].individual.reference, visit.serviceProvider.reference],
      [`Patient/${id}`, doctor, `Organization/${organisation}`],
    )
    const { body: saba } = await desk.get(`/fhir/R4/Patient/${id}`)
    assert.deepEqual(
      [saba.managingOrganization.reference, saba.generalPractitioner[0].reference, saba.deceasedBoolean],
      [`Organization/${organisation}`, doctor, false],
    )
    const { rows } = await house.owner.query('select * from registry.practitioner where id = $1', [practitioner])
    assert.deepEqual(
      [rows[0].name, rows[0].specialities, rows[0].organisation_id, rows[0].account_id],
      ['Amina Okello', ['cardiology'], organisation, null],
    )
    const audited = await house.owner.query(
      `select room, entity, operation from platform.audit_event where entity = any ($1) and action = 'C' order by room`,
      [[`Patient/${id}`, encounter]],
    )
    assert.deepEqual(audited.rows, [
      { room: 'records', entity: encounter, operation: 'fhir transaction' },
      { room: 'registry', entity: `Patient/${id}`, operation: 'fhir transaction' },
    ])
  })

  it('or not at all, whichever entry is refused, which is named', async () => {
    const { registry, desk, trust } = await openDesk()
    const before = await counts(registry)
    const id = newId()
    const whole = bundleFor(trust, id)
    const without = (n: number, change: object) => ({
      ...whole,
      entry: whole.entry.map((one, i) => (i === n ? { ...one, resource: { ...one.resource, ...change } } : one)),
    })
    const other = { subject: { reference: `Patient/${newId()}` } }
    const refused: [Answer, number, RegExp][] = [
      // Of others than who is registered with it nothing is written: after the patient was.
      [await desk.post('/fhir/R4', without(0, other)), 403, /^Bundle\.entry\[0\]$/],
      [
        await desk.post('/fhir/R4', without(4, { birthDate: '1987' })),
        422,
        /^Bundle\.entry\[4\]\.resource\.birthDate$/,
      ],
      [
        await desk.post('/fhir/R4', without(3, { qualification: [{ code: { text: 'MD' } }] })),
        422,
        /entry\[3\]\.resource\.qualification$/,
      ],
      [
        await desk.post(
          '/fhir/R4',
          without(2, { specialty: [{ coding: [{ system: 'http://openhcs.test/v1/specialities', code: 'none' }] }] }),
        ),
        422,
        /entry\[3\]\.resource\.specialty$/,
      ],
      [
        await desk.post('/fhir/R4', without(2, { organization: { reference: `Organization/${newId()}` } })),
        422,
        /entry\[3\]\.resource$/,
      ],
    ]
    for (const [answer, status, place] of refused) {
      assert.equal(answer.status, status, told(answer))
      assert.match(answer.body.issue[1].expression[0], place, told(answer))
    }
    assert.deepEqual(await counts(registry), before)
    // And the connections are as they were: the next in line are served, in either room.
    for (let n = 0; n < 12; n++) {
      assert.equal((await desk.get('/fhir/R4/Organization')).status, 200)
      const role = await registry.house
        .db<never>('records')
        .executeQuery({ sql: 'select current_user as name', parameters: [], query: {} } as never)
      assert.deepEqual(role.rows, [{ name: 'openhcs_records' }])
    }
  })

  it('a batch carries out what it can, also under an Idempotency-Key, and once', async () => {
    const { registry, desk, trust } = await openDesk()
    const { entry } = bundleFor(trust, newId())
    const [encounter, , , doctor, patient, organisation] = entry
    const at = {
      managingOrganization: { reference: 'Organization?identifier=harbour' },
      generalPractitioner: undefined,
    }
    const alone = { ...patient, resource: { ...patient?.resource, ...at } }
    const batch = { resourceType: 'Bundle', type: 'batch', entry: [encounter, doctor, alone, organisation] }
    const key = { 'idempotency-key': newId() }
    const answer = await desk.post('/fhir/R4', batch, key)
    const statuses = ({ body }: Answer) =>
      body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3))
    assert.deepEqual(statuses(answer), ['422', '201', '201', '200'], told(answer))
    const after = await counts(registry)
    assert.deepEqual([after.patients, after.practitioners, after.due], [1, 1, 0])
    assert.deepEqual((await desk.post('/fhir/R4', batch, key)).body, answer.body)
    assert.deepEqual(await counts(registry), after)
  })

  it('of the same patient, sent twice by whoever may see them, makes them once', async () => {
    const { registry, house } = await openDesk()
    const saba = await house.signedIn()
    const { resource } = bundleFor({}, newId()).entry[4] as { resource: object }
    const own = {
      ...resource,
      id: undefined,
      managingOrganization: undefined,
      generalPractitioner: undefined,
      identifier: [{ system: 'http://example.org/hospital', value: 'H-1' }],
    }
    const once = { 'if-none-exist': 'identifier=http://example.org/hospital|H-1' }
    const first = await saba.post('/fhir/R4/Patient', own)
    assert.equal(first.status, 201, told(first))
    const again = await saba.post('/fhir/R4/Patient', own, once)
    assert.deepEqual([again.status, again.body.id], [200, first.body.id], told(again))
    const changed = await saba.put('/fhir/R4/Patient?identifier=http://example.org/hospital|H-1', {
      ...own,
      gender: 'other',
    })
    assert.deepEqual(
      [changed.status, changed.body.id, changed.body.gender],
      [200, first.body.id, 'other'],
      told(changed),
    )
    assert.equal((await counts(registry)).patients, 1)
  })
})
