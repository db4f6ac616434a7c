import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { routes } from './routes.ts'
import { aPatient, aPractitioner, openRegistry, version } from './testing.ts'

// Create, read, search, update, deactivate, for each of the eight kinds of what is registered: from a table, through the API.

type Who = 'owner' | 'administrator' | 'clerk'

interface Register {
  /** Of the operations. */
  create: string
  read: string
  search: string
  update: string
  facts: object
  /** What is changed, and stands in the answer. */
  change: Record<string, string>
  /** How it is looked for. */
  query?: string
  /** Who makes and changes it, and who looks for it; an administrator takes it out of use. */
  by: Who
  searchedBy: Who
  /** What goes with `active: false`. */
  also?: object
  /** Its key, where that is no id. */
  key?: 'code'
  /** Whether a search finds what is out of use: administrators see all profiles, others only what they can choose. */
  stays: boolean
}

const named = { name: 'Zebra Somebody', language: 'en' }
const spot = {
  address: '3 Quay Street',
  city: 'Port Selam',
  country: 'GH',
  latitude: 0.34,
  longitude: 6.73,
  zone: 'UTC',
}
const registers: Record<string, Register> = {
  practitioners: {
    query: '?q=zebra',
    ...{
      create: 'createPractitioner',
      read: 'readPractitioner',
      search: 'listPractitioners',
      update: 'updatePractitioner',
    },
    ...{ facts: { ...aPractitioner, name: 'Dr Zebra' }, change: { about: 'Hearts' } },
    ...{ by: 'owner', searchedBy: 'administrator', stays: true },
  },
  patients: {
    ...{ create: 'registerPatient', read: 'readPatient', search: 'searchRegisteredPatients', update: 'updatePatient' },
    ...{
      facts: { ...aPatient, name: 'Zebra Tesfaye' },
      change: { name: 'Zebra T' },
      also: { reason: 'Registered twice' },
    },
    ...{ by: 'clerk', searchedBy: 'clerk', stays: false },
  },
  caregivers: {
    query: '?q=zebra',
    ...{ create: 'createCaregiver', read: 'readCaregiver', search: 'searchCaregivers', update: 'updateCaregiver' },
    ...{ facts: named, change: { name: 'Zebra Bekele' }, by: 'owner', searchedBy: 'administrator', stays: true },
  },
  donors: {
    ...{ create: 'createDonor', read: 'readDonor', search: 'searchDonors', update: 'updateDonor' },
    ...{ facts: named, change: { name: 'Zebra Mensah' }, by: 'owner', searchedBy: 'administrator', stays: true },
  },
  administrators: {
    ...{ create: 'createAdministrator', read: 'readAdministrator', search: 'searchAdministrators' },
    ...{ update: 'updateAdministrator', facts: named, change: { duty: 'Licences' } },
    ...{ by: 'owner', searchedBy: 'administrator', stays: true },
  },
  organisations: {
    query: '?q=zebra',
    ...{
      create: 'createOrganisation',
      read: 'readOrganisation',
      search: 'searchOrganisations',
      update: 'updateOrganisation',
    },
    ...{ facts: { name: 'Zebra Trust', city: 'Port Selam', country: 'GH' }, change: { name: 'Zebra Health' } },
    ...{ by: 'administrator', searchedBy: 'owner', stays: false },
  },
  places: {
    query: '?q=zebra',
    ...{ create: 'createPlace', read: 'readPlace', search: 'searchPlaces', update: 'updatePlace' },
    ...{ facts: { name: 'Zebra House', ...spot }, change: { name: 'Zebra Clinic' } },
    ...{ by: 'administrator', searchedBy: 'owner', stays: false },
  },
  specialities: {
    query: '?q=zebra',
    ...{ create: 'createSpeciality', read: 'readSpeciality', search: 'searchSpecialities', update: 'updateSpeciality' },
    ...{
      facts: { code: 'zebra-medicine', display: 'Zebra medicine', synonyms: [] },
      change: { display: 'Zebra care' },
    },
    ...{ by: 'administrator', searchedBy: 'owner', key: 'code', stays: false },
  },
}

const doors = new Map(routes.map(({ operation }) => [operation.id as string, operation]))

describe('each register', async () => {
  const { house, administrator } = await openRegistry()
  const root = await administrator()
  const organisation = (await root.post('/v1/organisations', { name: 'O', city: 'C', country: 'GH' })).body.id as string
  const clerk = await house.signedIn({ desk: { organisation, function: 'desk' } })

  for (const [kind, register] of Object.entries(registers))
    it(`${kind}: create, read, search, update, deactivate`, async () => {
      const owner = kind === 'administrators' ? await administrator() : await house.signedIn()
      const people: Record<Who, Client> = { owner, administrator: root, clerk }
      const who = people[register.by]
      const door = (verb: 'create' | 'read' | 'search' | 'update', key = organisation) => {
        const operation = doors.get(register[verb])
        assert.ok(operation, `there is no ${register[verb]}`)
        return { method: operation.method, path: operation.url.replace(/:\w+/, key) }
      }
      const found = async () => {
        const { method, path } = door('search')
        const client = people[register.searchedBy]
        const { status, body } = await (method === 'POST'
          ? client.post(path, { name: 'zebra' })
          : client.get(`${path}${register.query ?? ''}`))
        assert.equal(status, 200, JSON.stringify(body))
        return body.items.map((item: Record<string, string>) => item[register.key ?? 'id'])
      }

      const made = await who.post(door('create').path, register.facts)
      assert.equal(made.status, 201, JSON.stringify(made.body))
      const key = made.body[register.key ?? 'id'] as string
      const { path } = door('read', key)
      assert.equal((await who.get(path)).status, 200)
      assert.ok((await found()).includes(key))
      const changed = await who.patch(door('update', key).path, register.change, version(1))
      assert.deepEqual([changed.status, { ...changed.body, ...register.change }], [200, changed.body])

      const out = await root.patch(path, { active: false, ...register.also }, version(2))
      assert.deepEqual([out.status, out.body.active], [200, false], JSON.stringify(out.body))
      assert.equal((await root.get(path)).body.active, false)
      assert.equal((await found()).includes(key), register.stays)
      assert.equal((await root.patch(path, { active: true }, version(3))).body.active, true)
      assert.ok((await found()).includes(key))
      assert.equal((await house.anonymous.patch(path, { active: false }, version(4))).status, 401)
    })

  it('is there for all eight kinds', () =>
    assert.deepEqual(Object.keys(registers).sort(), [
      'administrators',
      'caregivers',
      'donors',
      'organisations',
      'patients',
      'places',
      'practitioners',
      'specialities',
    ]))
})
