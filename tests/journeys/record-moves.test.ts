import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { recordTypes } from '#platform/access.ts'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { assertion, keyPair } from '#services/identity/oauth/testing.ts'
import { aboutPatient } from '../about-patient.ts'
import { type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import { pulse, seatWard } from '../ward.ts'
import { eventually, Person, signUp } from './people.ts'

// A record leaves one house by bulk export, and is whole in a second one: by SMART backend services and Bulk Data Access alone, over HTTP, against real processes.

type Resource = { resourceType: string; id: string; meta?: object }

const pathOf = (url: unknown): string => String(url).replace(/^https?:\/\/[^/]+/, '')

/** Whoever may grant and treat, put straight into the tables, as they are no part of this journey. */
async function withOwner<R>(house: RunningHouse, act: (owner: pg.Client) => Promise<R>): Promise<R> {
  const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
  await owner.connect()
  return act(owner).finally(() => owner.end())
}

async function administrator(house: RunningHouse): Promise<Person> {
  const root = new Person(house)
  const { token, hash } = newToken()
  const account = newId()
  await withOwner(house, async (owner) => {
    await owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '1 day')`,
      [newId(), account, hash],
    )
    await owner.query(
      `insert into platform.role_grant (account_id, role, granted_at) values ($1, 'administrator', now())`,
      [account],
    )
  })
  root.token = token
  return root
}

async function doctorFor(house: RunningHouse, patients: string[]): Promise<Person> {
  const doctor = new Person(house)
  await withOwner(house, async (owner) => {
    const { token } = await seatWard(owner)
    doctor.token = token
    const { rows } = await owner.query(`select account_id from platform.role_grant where role = 'practitioner'`)
    await owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       select gen_random_uuid(), $1::uuid, 'treatment', 'Patient', id, '{see-record}'::text[], now() from unnest($2::uuid[]) id`,
      [rows[0].account_id, patients],
    )
  })
  return doctor
}

/** A token of an app, as SMART backend services get one. */
async function backend(house: RunningHouse, root: Person, facts: { scope: string; records: object }): Promise<Person> {
  const keys = keyPair()
  const app = { name: 'Moving house', redirectUris: [], jwks: keys.jwks, ...facts }
  const { id } = (await root.ask(201, 'POST', '/v1/oauth-clients', app)).body
  const { token_endpoint: aud } = (await house.ask('GET', '/fhir/R4/.well-known/smart-configuration')).body
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: facts.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(keys, { iss: id, aud }),
  })
  const raw = { type: 'application/x-www-form-urlencoded', content: Buffer.from(form.toString()) }
  const answer = await house.ask('POST', pathOf(aud), { raw })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const person = new Person(house)
  person.token = answer.body.access_token
  return person
}

const done = (who: Person, url: string, what: string) =>
  eventually(what, async () => {
    const answer = await who.house.ask('GET', url, { token: who.token })
    assert.ok([200, 202].includes(answer.status), `${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.status === 200 && answer.body
  })

async function exported(client: Person): Promise<Resource[]> {
  const begun = await client.ask(202, 'GET', '/fhir/R4/$export', undefined, { prefer: 'respond-async' })
  const { output } = await done(client, pathOf(begun.headers.get('content-location')), 'the export is whole')
  const lines: string[] = []
  for (const { url } of output as { url: string }[])
    lines.push(...String((await client.ask(200, 'GET', pathOf(url))).body).split('\n'))
  return lines.filter(Boolean).map((line) => JSON.parse(line))
}

async function imported(client: Person, resources: readonly Resource[]) {
  const content = Buffer.from(resources.map((one) => JSON.stringify(one)).join('\n'))
  const raw = { type: 'application/fhir+ndjson', content }
  const begun = await client.house.ask('POST', '/fhir/R4/$import', { token: client.token, raw })
  assert.equal(begun.status, 202, JSON.stringify(begun.body))
  return done(client, pathOf(begun.headers.get('content-location')), 'the import is through')
}

/** But for what each house says of it itself. */
const content = ({ meta, ...rest }: Resource) => {
  const { versionId: _version, lastUpdated: _at, ...kept } = (meta ?? {}) as Record<string, unknown>
  const own = rest.resourceType === 'Patient' ? { identifier: 'the number that the house knows them by' } : {}
  return { ...rest, ...own, meta: kept }
}
const sorted = (all: readonly Resource[]) =>
  all.map(content).toSorted((a, b) => `${a.resourceType}/${a.id}`.localeCompare(`${b.resourceType}/${b.id}`))

async function journey(form: Form): Promise<void> {
  await using one = await startHouse(form)
  // Two patients, with something of every kind about each, and references between them.
  const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'Africa/Addis_Ababa' }
  const patients: string[] = []
  for (const name of ['Saba Tesfaye', 'Kofi Mensah']) {
    const person = await signUp(one, name.split(' ')[0]?.toLowerCase() ?? '', name)
    patients.push((await person.ask(201, 'POST', '/v1/patients', { name, ...facts })).body.id)
  }
  const doctor = await doctorFor(one, patients)
  for (const id of patients) {
    for (const type of recordTypes) await doctor.ask(201, 'POST', `/fhir/R4/${type}`, wholeAbout(type, id))
    const { body } = await doctor.ask(201, 'POST', '/fhir/R4/Observation', pulse(id))
    const hasMember = [{ reference: `Observation/${body.id}` }]
    await doctor.ask(201, 'POST', '/fhir/R4/Observation', pulse(id, { hasMember, valueQuantity: { value: 72.5 } }))
  }
  const records = { purpose: 'treatment', patients: 'all' }
  const out = await backend(one, await administrator(one), { scope: 'system/*.read', records })
  const all = await exported(out)
  assert.equal(all.length, patients.length * (recordTypes.length + 3))

  await using two = await startHouse(form)
  const root = await administrator(two)
  const into = await backend(two, root, { scope: 'system/*.cruds', records: { ...records, imports: true } })
  const { created, refused, danglingReferences } = await imported(into, all)
  assert.deepEqual([created, refused, danglingReferences], [all.length, 0, NOWHERE])
  assert.deepEqual(sorted(await exported(into)), sorted(all))
  assert.equal((await imported(into, all)).unchanged, all.length)

  // Whoever treats one of them there reads what is theirs, and nothing of the other; nobody else anything.
  const [saba = '', kofi = ''] = patients
  const theirs = await doctorFor(two, [saba])
  const found = (await theirs.ask(200, 'GET', '/fhir/R4/Observation?_total=accurate')).body
  assert.equal(found.total, 3)
  const other = all.find((each) => each.resourceType === 'Flag' && JSON.stringify(each).includes(kofi))
  await theirs.ask(404, 'GET', `/fhir/R4/Flag/${other?.id}`)
  await root.ask(403, 'GET', `/fhir/R4/Flag/${other?.id}`)
  assert.equal((await theirs.ask(200, 'GET', `/v1/patients/${saba}`)).body.name, 'Saba Tesfaye')
}

/** What a resource must name that is no patient: it is in neither house, and the second says so. */
const NOWHERE = ['Practitioner/1', 'Coverage/1']

/** Whatever of it may name a patient names this one. */
const wholeAbout = (type: string, patient: string): object =>
  JSON.parse(JSON.stringify(aboutPatient(type, patient)).replaceAll('"Patient/1"', `"Patient/${patient}"`))

describe('a record leaves one house by bulk export, and is whole in a second one', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
