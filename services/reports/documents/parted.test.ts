import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client, TestHouse } from '#platform/testing.ts'
import { allergy, vaccination, written } from '../sharing/testing.ts'
import { caregiverOf, made, newPatient, openPractice, practitionerOf, version } from '../testing.ts'

const expiresAt = '2031-03-08T08:00:00Z'

async function openedTwo() {
  const practice = await openPractice()
  const { house, patient } = practice
  const other = await newPatient(house)
  const both = await practitionerOf(house, other, patient)
  await written(both, allergy(other, { code: { text: 'Latex' } }))
  await written(both, allergy(patient))
  const root = await house.signedIn({ roles: ['administrator'] })
  return { ...practice, other, both, root, ...mergingOf(house, root, { survivor: patient.id, replaced: other.id }) }
}

function mergingOf(house: TestHouse, root: Client, two: { survivor: string; replaced: string }) {
  const merge = async () => {
    const { status, body } = await root.post('/v1/merges', { ...two, reason: 'Passport seen' })
    assert.equal(status, 201, JSON.stringify(body))
    await house.work()
    return body.id as string
  }
  const part = async (id: string) => {
    const { status, body } = await root.post(`/v1/merges/${id}/undo`, { reason: 'Two people' }, version(1))
    assert.equal(status, 200, JSON.stringify(body))
    await house.work()
  }
  return { merge, part }
}

const listed = async (who: Client, whom: { id: string }) =>
  (await who.get(`/v1/patients/${whom.id}/reports`)).body.items

describe('a summary that was made of two while they were one', () => {
  it('is withdrawn once they are two: neither sees what it tells of the other, at no door, and each gets a new one', async () => {
    await using practice = await openedTwo()
    const { house, patient, other, doctor, both, merge, part } = practice
    const before = await made(doctor, patient, { kind: 'patient-summary' })
    house.setNow('2031-03-02T09:30:00Z')
    const id = await merge()
    const summary = await made(both, patient, { kind: 'patient-summary' })
    assert.match(JSON.stringify((await patient.get(`/fhir/R4/Bundle/${summary.id}`)).body), /Latex.*Penicillin/)
    house.setNow('2031-03-03T09:30:00Z')
    await part(id)
    const doors = ['/v1/reports/', '/fhir/R4/Bundle/'].map((door) => `${door}${summary.id}`)
    doors.push(`/v1/reports/${summary.id}?version=1`, `/fhir/R4/Bundle/${summary.id}/_history/1`)
    for (const url of doors)
      for (const [who, status] of [
        [patient, 404],
        [other, 404],
        [doctor, 404],
        [both, 200],
      ] as const)
        assert.equal((await who.get(url)).status, status, url)
    const withdrawnAt = '2031-03-03T09:30:00.000Z'
    assert.deepEqual(
      (await listed(patient, patient)).map((one: Record<string, unknown>) => [
        one.id,
        one.status,
        one.version,
        one.withdrawnAt,
      ]),
      [
        [summary.id, 'entered-in-error', 1, withdrawnAt],
        [before.id, 'final', 1, undefined],
      ],
    )
    assert.deepEqual(await listed(other, other), [])
    const reference = (await patient.get(`/fhir/R4/DocumentReference/${summary.id}`)).body
    assert.deepEqual([reference.status, reference.docStatus], ['entered-in-error', 'entered-in-error'])
    assert.doesNotMatch(JSON.stringify(reference), new RegExp(other.id))
    assert.equal((await other.get(`/fhir/R4/DocumentReference/${summary.id}`)).status, 404)
    for (const whom of [patient, other]) {
      const { id } = await made(both, whom, { kind: 'patient-summary' })
      assert.equal((await whom.get(`/v1/reports/${id}`)).body.status, 'final')
      const text = JSON.stringify((await whom.get(`/fhir/R4/Bundle/${id}`)).body)
      assert.deepEqual([/Penicillin/.test(text), /Latex/.test(text)], [whom === patient, whom === other])
    }
  })

  it('stays what was signed for who may see both: it verifies, says over the top why not to use it, and is changed no more', async () => {
    await using practice = await openedTwo()
    const { patient, both, merge, part } = practice
    const id = await merge()
    const { id: report } = await made(both, patient, { kind: 'patient-summary' })
    const more = await both.put(`/v1/reports/${report}`, { reason: 'Once more' }, version(1))
    assert.equal(more.status, 200, JSON.stringify(more.body))
    const signed = (await both.get(`/fhir/R4/Bundle/${report}`)).body
    await part(id)
    const { body } = await both.get(`/v1/reports/${report}`)
    assert.deepEqual(
      [body.status, body.version, body.versions.map(({ status }: { status: string }) => status), body.signature],
      ['entered-in-error', 2, ['final', 'amended'], { verified: true }],
    )
    assert.deepEqual((await both.get(`/fhir/R4/Bundle/${report}`)).body, signed)
    for (const query of ['', '?version=1']) {
      const page = String(
        (await both.get(`/v1/reports/${report}${query}`, { accept: 'text/html', 'accept-language': 'fr' })).body,
      )
      assert.match(page, /SAISI PAR ERREUR.*deux personnes prises pour une seule.*<h1>/s)
    }
    const refused = [
      await both.put(`/v1/reports/${report}`, { reason: 'More' }, version(2)),
      await both.post(`/v1/reports/${report}/entered-in-error`, { reason: 'More' }, version(2)),
      await both.post(`/v1/patients/${patient.id}/health-links`, { what: 'report', report, expiresAt }),
    ]
    assert.deepEqual(
      refused.map(({ status }) => status),
      [422, 422, 422],
    )
  })

  it('is opened by no link any more, nor is the summary of both that a link shares, and cards tell of one alone', async () => {
    await using practice = await openedTwo()
    const { house, patient, other, both, merge, part } = practice
    await written(both, vaccination(other))
    const id = await merge()
    const { id: report } = await made(both, patient, { kind: 'patient-summary' })
    const share = async (who: Client, wish: object) => {
      const { status, body } = await who.post(`/v1/patients/${patient.id}/health-links`, { ...wish, expiresAt })
      assert.equal(status, 201, JSON.stringify(body))
      const { url } = JSON.parse(Buffer.from(body.link.split('shlink:/')[1], 'base64url').toString())
      return { id: body.id as string, path: new URL(url).pathname }
    }
    const wishes = [{ what: 'report', report }, { what: 'summary' }, { what: 'immunizations' }]
    const links: { id: string; path: string }[] = []
    for (const who of [patient, both]) for (const wish of wishes) links.push(await share(who, wish))
    const opens = async () =>
      Promise.all(links.map(async ({ path }) => (await house.anonymous.post(path, { recipient: 'Clinic' })).status))
    assert.deepEqual(await opens(), Array(6).fill(200))
    await part(id)
    assert.deepEqual(await opens(), Array(6).fill(404))
    const shown = (await patient.get(`/v1/patients/${patient.id}/health-links`)).body.items
    const statusOf = new Map(shown.map((one: Record<string, unknown>) => [one.id, one.status]))
    const told = ['revoked', 'withheld', 'withheld']
    assert.deepEqual(
      links.map((one) => statusOf.get(one.id)),
      [...told, ...told],
    )
    const { rows } = await house.owner.query('select content from reports.health_link where report_id = $1', [report])
    assert.deepEqual(rows, [{ content: null }, { content: null }])
    const cards = async (who: { id: string } & Client) =>
      (await who.get(`/v1/patients/${who.id}/health-cards?of=immunizations`)).body.cards.length
    assert.deepEqual([await cards(patient), await cards(other)], [0, 1])
  })

  it('is as hidden as it was: also that it was withdrawn shows to nobody from whom it was kept', async () => {
    await using practice = await openedTwo()
    const { house, patient, both, merge, part } = practice
    const named = await written(both, allergy(patient, { code: { text: 'Nevirapine' } }))
    const id = await merge()
    const { id: report } = await made(both, patient, { kind: 'patient-summary' })
    const { body } = await both.get(`/fhir/R4/AllergyIntolerance/${named}`)
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }]
    const headers = { 'if-match': `W/"${body.meta.versionId}"` }
    assert.equal(
      (await both.put(`/fhir/R4/AllergyIntolerance/${named}`, { ...body, meta: { security } }, headers)).status,
      200,
    )
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const url = `/fhir/R4/DocumentReference/${report}`
    assert.equal((await seeing.get(url)).status, 404)
    await part(id)
    assert.deepEqual([(await seeing.get(url)).status, (await patient.get(url)).body.status], [404, 'entered-in-error'])
    assert.deepEqual(await listed(seeing, patient), [])
  })

  it('that somebody keeps by FHIR is of both too, and of one again when they are merged again', async () => {
    await using practice = await openedTwo()
    const { patient, other, both, merge, part } = practice
    const first = await merge()
    const copy = await written(both, (await both.get(`/fhir/R4/Patient/${patient.id}/$summary`)).body)
    const url = `/fhir/R4/Bundle/${copy}`
    const seen = async () => Promise.all([patient, other, both].map(async (who) => (await who.get(url)).status))
    assert.equal((await patient.get(url)).status, 200)
    await part(first)
    assert.deepEqual(await seen(), [404, 404, 200])
    const again = await merge()
    assert.equal((await patient.get(url)).status, 200)
    await part(again)
    assert.deepEqual(await seen(), [404, 404, 200])
  })
})
