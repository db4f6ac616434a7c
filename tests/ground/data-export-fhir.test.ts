import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { strFromU8, unzipSync } from 'fflate'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'

// FHIR R4 (4.0.1), as its pages say it: what must be there, which words may stand there, and what JSON may not hold.

type Resource = Record<string, unknown> & { resourceType: string; id: string }
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
type Any = any

const word =
  (...of: string[]) =>
  (value: unknown) =>
    assert.ok(of.includes(String(value)), `${value}`)
const concept = (value: Any) => assert.ok(value?.coding?.length > 0 || value?.text, JSON.stringify(value))
const instant = (value: unknown) =>
  assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
const gender = word('male', 'female', 'other', 'unknown')

const rules: Record<string, (resource: Any) => void> = {
  Patient(it) {
    assert.match(it.birthDate, /^\d{4}-\d\d-\d\d$/)
    gender(it.gender)
    for (const { language } of it.communication) concept(language)
  },
  Practitioner(it) {
    gender(it.gender)
    it.communication.forEach(concept)
  },
  Person: (it) => assert.ok(it.name[0].text),
  RelatedPerson(it) {
    assert.match(it.patient.reference, /^Patient\//)
    assert.equal(typeof it.active, 'boolean')
    it.relationship.forEach(concept)
    instant(it.period.start)
    if (it.period.end !== undefined) instant(it.period.end)
  },
  Consent(it) {
    word('draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error')(it.status)
    concept(it.scope)
    assert.ok(it.category.length > 0)
    it.category.forEach(concept)
    assert.match(it.patient.reference, /^Patient\//, 'ppc-2 to ppc-5')
    concept(it.policyRule) // ppc-1
    instant(it.dateTime)
    word('deny', 'permit')(it.provision.type)
  },
  Appointment(it) {
    word('pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow', 'entered-in-error')(it.status)
    for (const one of [it.start, it.end, it.created]) instant(one)
    assert.ok(it.participant.length > 0)
    for (const { actor, status } of it.participant) {
      assert.ok(actor.reference, 'app-1')
      word('accepted', 'declined', 'tentative', 'needs-action')(status)
    }
  },
}

/** Whatever is there says something: no null, nothing empty. */
function saysSomething(value: unknown, at: string): void {
  assert.ok(value !== null && value !== '', at)
  if (typeof value !== 'object') return
  const parts = Object.entries(value as object)
  assert.ok(parts.length > 0, `${at} is empty`)
  for (const [name, part] of parts) saysSomething(part, `${at}.${name}`)
}

const referencesIn = (value: unknown): string[] =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([name, part]) =>
        name === 'reference' && typeof part === 'string' ? [part] : referencesIn(part),
      )

function checked(bundle: { type: string; entry: { fullUrl: string; resource: Resource }[] }): Resource[] {
  const resources = bundle.entry.map(({ resource }) => resource)
  assert.equal(new Set(bundle.entry.map(({ fullUrl }) => fullUrl)).size, resources.length, 'bdl-7')
  for (const { fullUrl, resource } of bundle.entry) {
    assert.match(resource.id, /^[A-Za-z0-9.-]{1,64}$/)
    assert.equal(fullUrl, `urn:uuid:${resource.id}`)
    saysSomething(resource, resource.resourceType)
    const rule = rules[resource.resourceType]
    assert.ok(rule, resource.resourceType)
    rule(resource)
    for (const reference of referencesIn(resource))
      assert.match(reference, /^(Patient|Practitioner)\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  }
  return resources
}

describe('the FHIR R4 bundle in a copy of everything', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const made = async (who: Client, path: string, body: object): Promise<string> => {
    const answer = await who.post(path, body)
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
    return answer.body.id
  }
  const bundleOf = async (who: Client) => {
    const id = await made(who, '/v1/exports', {})
    await house.work()
    const headers = { authorization: `Bearer ${who.token}` }
    const { rawPayload } = await house.app.inject({ url: `/v1/exports/${id}/file`, headers })
    const file = unzipSync(new Uint8Array(rawPayload))['fhir-r4-bundle.json'] as Uint8Array
    return checked(JSON.parse(strFromU8(file)))
  }
  const of = (resources: Resource[], type: string) => resources.filter((one) => one.resourceType === type) as Any[]
  const [saba, hana] = [await house.signedIn(), await house.signedIn()]
  const facts = { name: 'Saba', birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC' }
  const patient = await made(saba, '/v1/patients', facts)
  const doctor = { name: 'Dr Hana', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  await made(hana, '/v1/practitioners', doctor)
  const caregiver = await made(hana, '/v1/caregivers', { name: 'Hana', language: 'en' })
  const mandate = await made(saba, '/v1/mandates', { patient, caregiver, powers: ['book'] })
  const visit = { practitioner: await openCalendar(house), patient, start: '2031-03-03T09:00:00Z', reason: 'cough' }
  await made(saba, '/v1/appointments', visit)
  const { items } = (await house.anonymous.get('/v1/consent-texts')).body
  const answer = (decision: string, { purpose, category, version: textVersion }: Any) =>
    made(saba, `/v1/patients/${patient}/consents`, { purpose, category, decision, textVersion })
  for (const text of items) await answer('permit', text)
  await answer('deny', items[0])

  it('has what R4 requires of each resource, and every answer to a question of consent', async () => {
    const resources = await bundleOf(saba)
    const types = new Set(resources.map(({ resourceType }) => resourceType))
    assert.deepEqual([...types].sort(), ['Appointment', 'Consent', 'Patient', 'RelatedPerson'])
    for (const reference of resources.flatMap(referencesIn).filter((one) => one.startsWith('Patient/')))
      assert.equal(reference, `Patient/${of(resources, 'Patient')[0].id}`, 'in the bundle itself')
    const first = of(resources, 'Consent').filter(
      ({ provision }) => provision.purpose[0].display === items[0].purpose && !provision.securityLabel,
    )
    assert.deepEqual(
      first.map(({ status, provision }) => [status, provision.type]),
      [
        ['inactive', 'permit'],
        ['active', 'deny'],
      ],
    )
    assert.equal(of(resources, 'Consent').length, items.length + 1)
  })

  it('has of a mandate who cares for whom, and whether it holds', async () => {
    const [offered] = of(await bundleOf(hana), 'RelatedPerson')
    assert.deepEqual([offered.id, offered.active, offered.patient.reference], [mandate, false, `Patient/${patient}`])
    await made(hana, `/v1/mandates/${mandate}/accept`, {})
    const resources = await bundleOf(hana)
    assert.deepEqual([...new Set(resources.map((one) => one.resourceType))].sort(), [
      'Person',
      'Practitioner',
      'RelatedPerson',
    ])
    assert.equal(of(resources, 'RelatedPerson')[0].active, true)
    assert.equal(of(resources, 'RelatedPerson')[0].name[0].text, 'Hana')
  })
})
