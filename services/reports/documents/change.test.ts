import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client, TestHouse } from '#platform/testing.ts'
import { opened, pagesOf } from '../printing/testing.ts'
import { allergy, written } from '../sharing/testing.ts'
import {
  caregiverOf,
  leave,
  letter,
  made,
  newPatient,
  openPractice,
  practitionerOf,
  signedVisit,
  version,
} from '../testing.ts'

const pageOf = async (who: Client, id: string, query = '') =>
  String((await who.get(`/v1/reports/${id}${query}`, { accept: 'text/html', 'accept-language': 'en' })).body)

/** As it is printed. */
async function paperOf({ app }: TestHouse, who: Client, url: string): Promise<string> {
  const headers = { authorization: `Bearer ${who.token}`, accept: 'application/pdf', 'accept-language': 'en' }
  const { rawPayload, statusCode } = await app.inject({ url, headers })
  assert.equal(statusCode, 200)
  const pages = await pagesOf(await opened(rawPayload))
  const texts = await Promise.all(pages.map(async (page) => (await page.getTextContent()).items))
  const words = texts.flat().map((item) => ('str' in item ? item.str : ''))
  return words.join(' ').replace(/\s+/g, ' ')
}

const amendNote = async (doctor: Client, id: string, sections: object, of: number) => {
  assert.equal(
    (await doctor.post(`/v1/consultations/${id}/amend`, { reason: 'The other knee' }, version(of))).status,
    200,
  )
  const begun = (await doctor.get(`/v1/consultations/${id}/draft`)).body
  const draft = await doctor.patch(`/v1/consultations/${id}/draft`, { sections }, version(begun.version))
  assert.equal(draft.status, 200, JSON.stringify(draft.body))
  const signed = await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(draft.body.version))
  assert.equal(signed.status, 200, JSON.stringify(signed.body))
}

describe('PUT /v1/reports/{id}', () => {
  it('makes another version, with why; the one before stays, and says by what it was replaced', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'referral-letter', letter })
    house.setNow('2031-03-02T09:30:00Z')
    const asked = { ...letter, asked: 'Exercise test' }
    const amended = await doctor.put(`/v1/reports/${id}`, { reason: 'The wrong test', letter: asked }, version(1))
    assert.deepEqual(
      [
        amended.status,
        amended.body.version,
        amended.body.status,
        amended.body.reason,
        amended.body.letter,
        amended.body.signature,
      ],
      [200, 2, 'amended', 'The wrong test', asked, { verified: true }],
    )
    const before = (await patient.get(`/v1/reports/${id}?version=1`)).body
    assert.deepEqual([before.letter, before.signature, before.status], [letter, { verified: true }, 'final'])
    assert.deepEqual(
      [before.replacedBy.version, before.replacedBy.reason, before.replacedBy.at],
      [2, 'The wrong test', '2031-03-02T09:30:00.000Z'],
    )
    const page = await pageOf(patient, id)
    assert.match(page, /Amended on Sunday, 2 March 2031 at 09:30<\/strong><br>The wrong test/)
    assert.match(page, /Version 2/)
    assert.match(
      await pageOf(patient, id, '?version=1'),
      /Replaced by version 2 on Sunday, 2 March 2031 at 09:30 \(UTC\)/,
    )
    for (const paper of ['a4', 'a5', 'receipt']) {
      const printed = await paperOf(house, patient, `/v1/reports/${id}?paper=${paper}`)
      assert.match(
        printed,
        /Amended on Sunday, 2 March 2031 at 09:30 The wrong test .*Exercise test .*Version 2/,
        paper,
      )
      const old = await paperOf(house, patient, `/v1/reports/${id}?version=1&paper=${paper}`)
      assert.match(
        old,
        /^Replaced by version 2 on Sunday, 2 March 2031 .*The wrong test .*Echocardiogram.*Version 1/,
        paper,
      )
    }
    const [{ resource }] = (await patient.get(`/v1/reports/${id}`, { accept: 'application/fhir+json' })).body.entry
    assert.deepEqual(
      [resource.status, resource.relatesTo[0].code, resource.section[0].title],
      ['amended', 'replaces', 'Why there is this version'],
    )
    const [listed] = (await patient.get(`/v1/patients/${patient.id}/reports`)).body.items
    assert.deepEqual([listed.status, listed.version], ['amended', 2])
    assert.deepEqual(amended.body.versions[1].reason, 'The wrong test')
    const { items } = (await patient.get(`/v1/patients/${patient.id}/timeline`)).body
    assert.deepEqual(
      items.map(({ kind, words, status }: Record<string, unknown>) => [kind, words, status]),
      [['document', 'Referral letter', 'current']],
    )
    const [document] = (await patient.get(`/v1/patients/${patient.id}/documents`)).body.items
    assert.equal(document.title, 'Referral letter')
  })

  it('loses nothing of two who amend it: the second is told what changed, by whom and when', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const colleague = await practitionerOf(house, patient)
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    const answers = await Promise.all(
      [doctor, colleague].map((who, n) =>
        who.put(`/v1/reports/${id}`, { reason: `Reason ${n}`, leave: { ...leave, workCapacity: 10 + n } }, version(1)),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
    const won = answers.findIndex(({ status }) => status === 200)
    const lost = answers[1 - won]?.body
    assert.deepEqual(lost.version, 2)
    assert.deepEqual(
      lost.changed.map(({ version: of, practitioner, reason }: Record<string, unknown>) => [of, practitioner, reason]),
      [[2, [doctor, colleague][won]?.id, `Reason ${won}`]],
    )
    const stale = await doctor.put(`/v1/reports/${id}`, { reason: 'Again', leave }, version(1))
    assert.deepEqual([stale.status, stale.body.changed.length], [412, 1])
    assert.equal((await doctor.put(`/v1/reports/${id}`, { reason: 'Again', leave })).status, 428)
  })

  it('makes a visit summary of the note as it is by now; until then the report says that there is a newer one', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, { plan: 'Left knee' })
    const { id } = await made(doctor, patient, { kind: 'visit', consultation: visit.id })
    assert.equal((await patient.get(`/v1/reports/${id}`)).body.newerNote, undefined)
    house.setNow('2031-03-02T09:30:00Z')
    await amendNote(doctor, visit.id, { plan: 'Right knee' }, visit.version)
    const { newerNote, signature } = (await patient.get(`/v1/reports/${id}`)).body
    assert.deepEqual(
      [newerNote.status, newerNote.at, signature.verified],
      ['amended', '2031-03-02T09:30:00.000Z', true],
    )
    const page = await pageOf(patient, id)
    assert.match(page, /The note of this visit was amended on Sunday, 2 March 2031 at 09:30/)
    assert.match(page, /Left knee/)
    const again = await doctor.put(`/v1/reports/${id}`, { reason: 'The note was amended' }, version(1))
    assert.deepEqual([again.status, again.body.newerNote], [200, undefined])
    assert.match(await pageOf(patient, id), /Right knee/)
    const wrong = (await doctor.get(`/v1/consultations/${visit.id}`)).body
    assert.equal(
      (
        await doctor.post(
          `/v1/consultations/${visit.id}/entered-in-error`,
          { reason: 'Another patient' },
          version(wrong.version),
        )
      ).status,
      200,
    )
    assert.equal((await patient.get(`/v1/reports/${id}`)).body.newerNote.status, 'entered-in-error')
    assert.match(await pageOf(patient, id), /was entered in error/)
    assert.equal((await doctor.put(`/v1/reports/${id}`, { reason: 'Again' }, version(2))).status, 422)
  })

  it('leaves it as sensitive as it was: what was hidden stays hidden', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, { plan: 'Rest' }, { category: 'mental-health' })
    const reports = [
      await made(doctor, patient, { kind: 'patient-summary', category: 'hiv', remarks: 'Told so' }),
      await made(doctor, patient, { kind: 'visit', consultation: visit.id, category: 'hiv' }),
    ]
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const labels = async (id: string) =>
      (await doctor.get(`/fhir/R4/Bundle/${id}`)).body.meta.security.map(({ code }: { code: string }) => code).sort()
    for (const { id } of reports) {
      const before = await labels(id)
      assert.ok(before.includes('HIV'))
      const amended = await doctor.put(`/v1/reports/${id}`, { reason: 'More', remarks: 'Told so' }, version(1))
      assert.equal(amended.status, 200, JSON.stringify(amended.body))
      assert.deepEqual(await labels(id), before)
      assert.equal((await seeing.get(`/v1/reports/${id}`)).status, 404)
      const wrong = await doctor.post(`/v1/reports/${id}/entered-in-error`, { reason: 'Wrong' }, version(2))
      assert.equal(wrong.status, 200)
      assert.deepEqual(await labels(id), before)
    }
  })

  it('is for who treats, and of a report that one may see', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    const body = { reason: 'More', leave }
    const ask = async (who: Client) => [
      (await who.put(`/v1/reports/${id}`, body, version(1))).status,
      (await who.post(`/v1/reports/${id}/entered-in-error`, { reason: 'More' }, version(1))).status,
    ]
    assert.deepEqual(await ask(patient), [403, 403])
    assert.deepEqual(await ask(await caregiverOf(house, patient, ['see-record'])), [403, 403])
    assert.deepEqual(await ask(await practitionerOf(house)), [404, 404])
    assert.deepEqual(await ask(house.anonymous), [401, 401])
    const wrong = await doctor.put(`/v1/reports/${id}`, { reason: 'More', letter }, version(1))
    assert.deepEqual(
      wrong.body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/body/letter', '/body/leave'],
    )
  })
})

describe('POST /v1/reports/{id}/entered-in-error', () => {
  it('leaves it readable, with that over the top of each version, and lets nobody amend it', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    for (const body of [{ kind: 'sick-note', leave }, { kind: 'patient-summary' }]) {
      const { id } = await made(doctor, patient, body)
      const marked = await doctor.post(`/v1/reports/${id}/entered-in-error`, { reason: 'Another patient' }, version(1))
      assert.deepEqual([marked.status, marked.body.status, marked.body.version], [200, 'entered-in-error', 2])
      assert.equal(marked.body.signature.verified, true)
      for (const query of ['', '?version=1']) {
        const page = await pageOf(patient, id, query)
        assert.ok(page.indexOf('ENTERED IN ERROR') < page.indexOf('<h1>') && page.includes('Another patient'), page)
        const printed = await paperOf(house, patient, `/v1/reports/${id}${query || '?'}&paper=receipt`)
        assert.match(printed, /^ENTERED IN ERROR: do not use Another patient/)
      }
      const document = (await patient.get(`/v1/reports/${id}`, { accept: 'application/fhir+json' })).body
      assert.equal(document.entry[0].resource.status, 'entered-in-error')
      assert.equal((await doctor.get(`/fhir/R4/DocumentReference/${id}`)).body.status, 'entered-in-error')
      const [listed] = (await patient.get(`/v1/patients/${patient.id}/reports`)).body.items
      assert.equal(listed.status, 'entered-in-error')
      for (const again of [
        await doctor.put(`/v1/reports/${id}`, { reason: 'More', ...('leave' in body && { leave }) }, version(2)),
        await doctor.post(`/v1/reports/${id}/entered-in-error`, { reason: 'More' }, version(2)),
      ])
        assert.equal(again.status, 422)
    }
  })
})

describe('what a report tells', () => {
  it('hides it from whom it is hidden by now; what was deleted stays in it', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const [hidden, deleted] = [await written(doctor, allergy(patient)), await written(doctor, allergy(patient))]
    const { id } = await made(doctor, patient, { kind: 'patient-summary' })
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const statuses = () =>
      Promise.all([seeing, doctor, patient].map(async (who) => (await who.get(`/v1/reports/${id}`)).status))
    assert.equal((await doctor.delete(`/fhir/R4/AllergyIntolerance/${deleted}`)).status, 204)
    assert.deepEqual(await statuses(), [200, 200, 200])
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }]
    const { body } = await doctor.get(`/fhir/R4/AllergyIntolerance/${hidden}`)
    const headers = { 'if-match': `W/"${body.meta.versionId}"` }
    const sensitive = await doctor.put(
      `/fhir/R4/AllergyIntolerance/${hidden}`,
      { ...body, meta: { security } },
      headers,
    )
    assert.equal(sensitive.status, 200, JSON.stringify(sensitive.body))
    assert.equal((await seeing.get(`/fhir/R4/AllergyIntolerance/${hidden}`)).status, 404)
    assert.deepEqual(await statuses(), [404, 200, 200])
    assert.equal((await seeing.get(`/v1/reports/${id}?version=1`)).status, 404)
  })
})

describe('two patients who become one', () => {
  it('have their reports together: signatures stand, none becomes one of both, and each gets their own back', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const other = await newPatient(house)
    const colleague = await practitionerOf(house, other, patient)
    const visit = await signedVisit(colleague, other, { plan: 'Rest' })
    const reports = [
      await made(colleague, other, { kind: 'visit', consultation: visit.id }),
      await made(colleague, other, { kind: 'patient-summary' }),
    ]
    const root = await house.signedIn({ roles: ['administrator'] })
    const merge = await root.post('/v1/merges', { survivor: patient.id, replaced: other.id, reason: 'Passport seen' })
    assert.equal(merge.status, 201, JSON.stringify(merge.body))
    await house.work()
    assert.equal((await doctor.get(`/v1/patients/${patient.id}/reports`)).body.items.length, 2)
    const link = { what: 'report', report: reports[0]?.id, expiresAt: '2031-03-08T08:00:00Z' }
    assert.equal((await patient.post(`/v1/patients/${patient.id}/health-links`, link)).status, 201)
    const amend = async (id: string, of = 1) => {
      assert.equal((await colleague.get(`/v1/reports/${id}`)).body.signature.verified, true)
      const { status, body } = await colleague.put(`/v1/reports/${id}`, { reason: 'Passport seen' }, version(of))
      return [status, body.signature?.verified]
    }
    const [first = { id: '' }, summary = { id: '' }] = reports
    assert.deepEqual(await amend(first.id), [200, true])
    assert.deepEqual(await amend(summary.id), [422, undefined])
    const together = [
      await made(colleague, patient, { kind: 'visit', consultation: visit.id }),
      await made(colleague, patient, { kind: 'sick-note', consultation: visit.id, leave }),
    ]
    assert.equal((await patient.get(`/v1/patients/${patient.id}/reports`)).body.items.length, 4)
    assert.equal((await other.get(`/v1/reports/${together[0]?.id}`)).status, 200)
    const shared = { ...link, report: together[0]?.id }
    const { body: ofVisit } = await patient.post(`/v1/patients/${patient.id}/health-links`, shared)
    assert.equal(ofVisit.status, 'open', JSON.stringify(ofVisit))
    const undone = await root.post(`/v1/merges/${merge.body.id}/undo`, { reason: 'Two people' }, version(1))
    assert.ok(undone.status < 300, JSON.stringify(undone.body))
    await house.work()
    const idsOf = async (who: { id: string }) =>
      (await colleague.get(`/v1/patients/${who.id}/reports`)).body.items.map(({ id }: { id: string }) => id).sort()
    assert.deepEqual(await idsOf(other), [first.id, summary.id, ...together.map(({ id }) => id)].sort())
    assert.deepEqual(await idsOf(patient), [])
    for (const { id } of together)
      for (const url of [`/v1/reports/${id}`, `/fhir/R4/Bundle/${id}`, `/fhir/R4/DocumentReference/${id}`])
        assert.deepEqual([(await patient.get(url)).status, (await other.get(url)).status], [404, 200], url)
    const links = (await patient.get(`/v1/patients/${patient.id}/health-links`)).body.items
    assert.equal(links.find(({ id }: { id: string }) => id === ofVisit.id)?.status, 'withheld')
    assert.deepEqual(await amend(summary.id), [200, true])
    assert.deepEqual(await amend(first.id, 2), [200, true])
    assert.deepEqual(await amend(together[0]?.id ?? ''), [200, true])
  })
})
