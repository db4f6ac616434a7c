import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { caregiverOf, newPatient, openWard, practitionerOf, saved, signed, version } from './testing.ts'

const label = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] }
const pulse = { kind: 'heart-rate', value: 72, unit: '/min' }

/** A patient who keeps what is of HIV from those who treat them, except from the doctor, whom they have it see. */
async function openKept() {
  const ward = await openWard()
  const { house, doctor, patient } = ward
  const colleague = await practitionerOf(house, patient)
  const refuse = () =>
    house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
  const problem = async () => {
    const { status, body } = await doctor.post('/fhir/R4/Condition', {
      ...{ resourceType: 'Condition', meta: label, subject: { reference: `Patient/${patient.id}` } },
      code: { text: 'The canary sings' },
    })
    assert.equal(status, 201, JSON.stringify(body))
    return { id: body.id as string, version: 1 }
  }
  return { ...ward, colleague, refuse, problem }
}

describe('a general note', () => {
  it('that names a sensitive problem is kept from whom that is kept from, with its signature and its visit; what was measured is not', async () => {
    await using ward = await openKept()
    const { doctor, patient, colleague, refuse, problem } = ward
    const note = await signed(doctor, patient, { note: 'As before', vitals: [pulse], problems: [await problem()] })
    const of = async (type: string, query: string) =>
      (await colleague.get(`/fhir/R4/${type}?${query}`)).body.entry?.[0]?.resource
    const composition = await of('Composition', `encounter=Encounter/${note.id}`)
    const provenance = await of('Provenance', `target=Composition/${composition.id}`)
    const paths = [
      `/v1/consultations/${note.id}`,
      `/fhir/R4/Composition/${composition.id}`,
      `/fhir/R4/Encounter/${note.id}`,
      `/fhir/R4/Provenance/${provenance.id}`,
    ]
    const statuses = async (who: typeof patient | typeof colleague) =>
      Promise.all(paths.map(async (path) => (await who.get(path)).status))
    assert.deepEqual(await statuses(colleague), [200, 200, 200, 200])
    await refuse()
    assert.deepEqual(await statuses(colleague), [404, 404, 404, 404])
    assert.deepEqual((await colleague.get('/v1/consultations')).body.items, [])
    assert.doesNotMatch(
      JSON.stringify((await colleague.get(`/fhir/R4/Patient/${patient.id}/$everything`)).body),
      /canary/,
    )
    assert.equal((await colleague.get(`/fhir/R4/Observation/${note.sections.vitals[0].id}`)).status, 200)
    const own = (await patient.get(`/v1/consultations/${note.id}`)).body
    assert.deepEqual([own.category, own.sections.problems.length, own.signatures[0].verified], ['general', 1, true])
  })

  it('stays kept when an amendment leaves that problem out, and never shows an earlier version as the last', async () => {
    await using ward = await openKept()
    const { doctor, patient, colleague, refuse, problem } = ward
    const first = await signed(doctor, patient, { note: 'As before' })
    const path = `/v1/consultations/${first.id}`
    const amend = async (of: number, problems: object[]) => {
      assert.equal((await doctor.post(`${path}/amend`, { reason: 'More' }, version(of))).status, 200)
      const { version: opened } = (await doctor.get(`${path}/draft`)).body
      const draft = await saved(doctor, first.id, { problems }, opened)
      const again = await doctor.post(`${path}/sign`, undefined, version(draft.version))
      assert.equal(again.status, 200, JSON.stringify(again.body))
    }
    await amend(2, [await problem()])
    await amend(3, [])
    await refuse()
    assert.equal((await colleague.get(path)).status, 404)
    const own = (await patient.get(`${path}?noteVersion=2`)).body
    assert.deepEqual([own.sections.problems.length, own.signatures.length], [1, 3])
  })

  it('is not shown without a problem that was labelled later: to whoever may not see that there is none', async () => {
    await using ward = await openKept()
    const { doctor, patient, colleague, refuse } = ward
    const note = await signed(doctor, patient, {
      note: 'The canary sings',
      problems: [{ code: { text: 'The canary' } }],
    })
    const problem = `/fhir/R4/Condition/${note.sections.problems[0].id}`
    await doctor.put(problem, { ...(await doctor.get(problem)).body, meta: label })
    await refuse()
    const path = `/v1/consultations/${note.id}`
    assert.equal((await colleague.get(path)).status, 404)
    assert.equal((await colleague.post(`${path}/cosign`, undefined, version(note.version))).status, 404)
    assert.equal((await patient.get(path)).body.signatures[0].verified, true)
    // Its author, from whom it is kept by now, makes no amendment that lacks it.
    assert.equal((await doctor.post(`${path}/amend`, { reason: 'More' }, version(note.version))).status, 404)
  })

  it('is kept at every door of FHIR from whom a problem is kept that was labelled later, also where only an earlier version names it', async () => {
    await using ward = await openKept()
    const { doctor, patient, refuse } = ward
    const canary = { problems: [{ code: { text: 'The canary sings' } }] }
    const [one, two] = [await signed(doctor, patient, canary), await signed(doctor, patient, canary)]
    const path = `/v1/consultations/${two.id}`
    assert.equal((await doctor.post(`${path}/amend`, { reason: 'Another' }, version(two.version))).status, 200)
    const opened = (await doctor.get(`${path}/draft`)).body.version
    const draft = await saved(doctor, two.id, { note: 'Well', problems: [] }, opened)
    assert.equal((await doctor.post(`${path}/sign`, undefined, version(draft.version))).status, 200)
    const seeing = await caregiverOf(ward.house, patient, ['see-record'])
    const doors = [
      ...['Composition', 'Provenance'].flatMap((type) => [`${type}?patient=${patient.id}`, `${type}/_history`]),
      `Patient/${patient.id}/$everything`,
      `Encounter/${one.id}/$everything`,
      `Encounter?patient=${patient.id}&_revinclude=Composition:encounter`,
    ]
    const told = async (of: RegExp) => {
      const answers = await Promise.all(doors.map((door) => seeing.get(`/fhir/R4/${door}`)))
      return doors.filter((_, n) => of.test(JSON.stringify(answers[n]?.body)))
    }
    assert.equal((await told(/canary/)).length, 5)
    for (const note of [one, two]) {
      const problem = `/fhir/R4/Condition/${note.sections.problems[0].id}`
      const answer = await doctor.put(problem, { ...(await doctor.get(problem)).body, meta: label })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    }
    assert.deepEqual(await told(/canary/), [])
    assert.equal((await told(/>Well</)).length, 4, 'what the amended note says now')
    assert.match(JSON.stringify((await patient.get('/fhir/R4/Composition/_history')).body), /canary/)
    // Kept from who gave it, too: whoever does not see the note neither goes on with it nor marks half of it.
    const opening = await doctor.post(`/v1/consultations/${one.id}/amend`, { reason: 'More' }, version(one.version))
    assert.equal(opening.status, 200)
    await refuse()
    const own = `/v1/consultations/${one.id}`
    const { rows } = await ward.house.owner.query('select version from consultations.draft')
    const now = version(one.version)
    assert.equal((await doctor.post(`${own}/sign`, undefined, version(rows[0].version))).status, 404)
    assert.equal((await doctor.delete(`${own}/draft`, version(rows[0].version))).status, 204)
    assert.equal((await doctor.post(`${own}/entered-in-error`, { reason: 'x' }, now)).status, 404)
    assert.equal((await patient.get(own)).body.status, 'final')
  })

  it('whose signatures are lost is shown without one, and is not empty', async () => {
    await using ward = await openKept()
    const { house, doctor, patient } = ward
    const note = await signed(doctor, patient, { note: 'Well' })
    await house.owner.query(`delete from platform.fhir_resource where type = 'Provenance'`)
    const { body } = await patient.get(`/v1/consultations/${note.id}`)
    assert.deepEqual([body.noteVersion, body.sections?.note, body.signatures], [1, 'Well', []])
  })

  it('has its signatures verified over what its reader may not see', async () => {
    await using ward = await openKept()
    const { doctor, patient, colleague, refuse } = ward
    const note = await signed(doctor, patient, { note: 'Well', problems: [{ code: { text: 'Cough' } }] })
    const path = `/v1/consultations/${note.id}`
    await doctor.post(`${path}/amend`, { reason: 'Less' }, version(2))
    await saved(doctor, note.id, { problems: [] }, 3)
    assert.equal((await doctor.post(`${path}/sign`, undefined, version(4))).status, 200)
    const problem = `/fhir/R4/Condition/${note.sections.problems[0].id}`
    await doctor.put(problem, { ...(await doctor.get(problem)).body, meta: label })
    await refuse()
    const { status, body } = await colleague.get(path)
    assert.deepEqual(
      [status, body.signatures.map(({ verified }: { verified: boolean }) => verified)],
      [200, [true, true]],
      JSON.stringify(body),
    )
  })
})

describe('the audit', () => {
  it('says by which relationship whoever looks does so', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const note = await signed(doctor, patient, { note: 'Well' })
    const other = await practitionerOf(house, await newPatient(house))
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values (gen_random_uuid(), $1, 'break-glass', 'Patient', $2, '{see-record}', '2030-01-01Z')`,
      [other.account, patient.id],
    )
    await house.owner.query('update consultations.consultation set practitioner_ids = $1', [[other.id]])
    const who = { treatment: doctor, self: patient, 'break-glass': other }
    for (const one of Object.values(who)) {
      assert.equal((await one.get(`/v1/consultations/${note.id}`)).status, 200)
      assert.equal((await one.get('/v1/consultations')).body.items.length, 1)
    }
    await other.post(`/v1/consultations/${note.id}/amend`, { reason: 'More' }, version(2))
    await saved(other, note.id, { plan: 'Rest' }, 3)
    const { rows } = await house.owner.query(
      `select operation, relationship, account_id from platform.audit_event
       where entity like 'Draft/%' or (entity like 'Encounter%' and operation in ('readConsultation', 'listConsultations'))`,
    )
    const told = (account: string) =>
      rows.flatMap(({ account_id, relationship }) => (account_id === account ? [relationship] : []))
    for (const [relationship, { account }] of Object.entries(who))
      assert.deepEqual([...new Set(told(account))], [relationship], relationship)
    assert.ok(rows.some(({ operation, account_id }) => operation === 'saveNoteDraft' && account_id === other.account))
  })
})
