import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { newPatient } from '../../calendar.ts'
import { doctorOf, grant, idsIn, labelled, openWard, pulse } from './ward.ts'

const IN_A_YEAR = '2032-02-01Z'

describe('/fhir/R4: who may see a record', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, doctorOfAnn } = ward
  const { id } = (await doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient))).body

  const sees = async (who: Client) => {
    const answers = [
      (await who.get(`/fhir/R4/Observation/${id}`)).status === 200,
      (await who.get(`/fhir/R4/Observation/${id}/_history`)).status === 200,
      (await who.get(`/fhir/R4/Observation/${id}/_history/1`)).status === 200,
      (await who.get('/fhir/R4/Observation?_total=accurate')).body.total === 1,
      (await who.get(`/fhir/R4/Patient/${ann.patient}/Observation`)).body.entry?.length === 1,
      idsIn(await who.get('/fhir/R4/Observation/_history')).length === 1,
      idsIn(await who.get('/fhir/R4/_history')).length === 1,
    ]
    assert.equal(new Set(answers).size, 1, `all doors agree: ${answers}`)
    return answers[0]
  }

  it('is a caregiver with a mandate to see it, while it lasts', async () => {
    const caregiver = async (given: object) => {
      const who = await house.signedIn({ roles: ['caregiver'] })
      return {
        who,
        grant: await grant(house, who.account, { subject: ann.patient, relationship: 'mandate', ...given }),
      }
    }
    assert.equal(await sees((await caregiver({ powers: ['book', 'pay', 'receive-messages'] })).who), false)
    assert.equal(await sees((await caregiver({ from: IN_A_YEAR })).who), false)
    assert.equal(await sees((await caregiver({ until: '2031-02-01Z' })).who), false)
    const one = await caregiver({})
    assert.equal(await sees(one.who), true)
    await house.owner.query('update platform.access_grant set revoked_at = $2 where id = $1', [
      one.grant,
      house.house.now(),
    ])
    assert.equal(await sees(one.who), false)
  })

  it('is a practitioner while they treat, have a licence, and are not refused', async () => {
    const doctor = await doctorOf(house, [ann.patient])
    assert.equal(await sees(doctor), true)
    const over = async (what: string, value: string | null, relationship: string) =>
      house.owner.query(`update platform.access_grant set ${what} = $1 where account_id = $2 and relationship = $3`, [
        value,
        doctor.account,
        relationship,
      ])
    for (const relationship of ['treatment', 'licence'])
      for (const what of ['valid_until', 'revoked_at']) {
        await over(what, '2031-02-01Z', relationship)
        assert.equal(await sees(doctor), false, `${relationship} ${what}`)
        assert.equal((await doctor.post('/fhir/R4/Observation', pulse(ann.patient))).status, 403)
        assert.equal((await doctor.delete(`/fhir/R4/Observation/${id}`)).status, 404)
        await over(what, null, relationship)
        assert.equal(await sees(doctor), true)
      }
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'general', '2031-01-01Z')`,
      [ann.patient],
    )
    assert.equal(await sees(doctor), false)
    assert.equal((await doctor.post('/fhir/R4/Observation', pulse(ann.patient))).status, 403)
    assert.equal(await sees(ann), true)
    await house.owner.query('delete from platform.refusal')
    assert.equal(await sees(doctor), true)
  })
})

describe('/fhir/R4: what is sensitive', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, doctorOfAnn } = ward

  /** Somebody who refuses that the category is read to treat them, a caregiver who may not see it, and who may. */
  async function family(category: string) {
    const patient = await newPatient(house)
    const refused = await doctorOf(house, [patient.patient])
    const [limited, trusted] = [
      await house.signedIn({ roles: ['caregiver'] }),
      await house.signedIn({ roles: ['caregiver'] }),
    ]
    const mandate = { subject: patient.patient, relationship: 'mandate' }
    await grant(house, limited.account, mandate)
    await grant(house, trusted.account, { ...mandate, powers: ['see-record', 'see-sensitive'] })
    const refuse = () =>
      house.owner.query(
        `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', $2, '2031-01-01Z')`,
        [patient.patient, category],
      )
    return { patient, doctor: refused, limited, trusted, refuse }
  }

  const versionsSeen = async (who: Client, id: string) => {
    const { status, body } = await who.get(`/fhir/R4/Observation/${id}/_history`)
    const seen = (status === 200 ? (body.entry ?? []) : []).map(
      (one: { response: { etag: string } }) => one.response.etag,
    )
    const ofType = await who.get('/fhir/R4/Observation/_history')
    assert.deepEqual(
      (ofType.body.entry ?? []).map((one: { response: { etag: string } }) => one.response.etag),
      seen,
      'the history of the type shows the same',
    )
    for (const version of [1, 2, 3]) {
      const { status } = await who.get(`/fhir/R4/Observation/${id}/_history/${version}`)
      assert.equal(status === 200 || status === 410, seen.includes(`W/"${version}"`), `version ${version}: ${status}`)
    }
    return seen
  }

  for (const [code, category] of [
    ['HIV', 'hiv'],
    ['PSY', 'mental-health'],
    ['ETH', 'substance-use'],
    ['SEX', 'sexual-health'],
  ] as const)
    it(`of ${code} is seen by nobody who may not: not in totals, histories, nor once it is deleted`, async () => {
      const { patient, doctor, limited, trusted, refuse } = await family(category)
      const made = await doctor.post('/fhir/R4/Observation', pulse(patient.patient, labelled(code)))
      assert.equal(made.status, 201)
      const { id } = made.body
      await refuse()
      for (const who of [doctor, limited]) {
        assert.equal((await who.get(`/fhir/R4/Observation/${id}`)).status, 404)
        assert.equal((await who.get('/fhir/R4/Observation?_summary=count')).body.total, 0)
        assert.deepEqual(await versionsSeen(who, id), [])
      }
      for (const who of [patient, trusted]) assert.deepEqual(await versionsSeen(who, id), ['W/"1"'])
      await house.owner.query('delete from platform.refusal')
      assert.equal((await doctor.delete(`/fhir/R4/Observation/${id}`)).status, 204)
      await refuse()
      for (const who of [doctor, limited]) {
        assert.equal((await who.get(`/fhir/R4/Observation/${id}`)).status, 404, 'deleted, and as if it had never been')
        assert.deepEqual(await versionsSeen(who, id), [])
      }
      assert.deepEqual(await versionsSeen(trusted, id), ['W/"2"', 'W/"1"'])
    })

  it('stays so in versions that had the label, when it is taken away, and in those before it came', async () => {
    const { patient, doctor, limited, trusted, refuse } = await family('hiv')
    const plain = pulse(patient.patient)
    const secret = pulse(patient.patient, labelled('HIV'))
    const was = (await doctor.post('/fhir/R4/Observation', secret)).body.id
    assert.equal((await doctor.put(`/fhir/R4/Observation/${was}`, { ...plain, id: was })).status, 200)
    await refuse()
    for (const who of [doctor, limited]) assert.deepEqual(await versionsSeen(who, was), ['W/"2"'])
    assert.deepEqual(await versionsSeen(trusted, was), ['W/"2"', 'W/"1"'])
    await house.owner.query('delete from platform.refusal')
    assert.equal((await doctor.put(`/fhir/R4/Observation/${was}`, { ...secret, id: was })).status, 200)
    await refuse()
    for (const who of [doctor, limited]) assert.deepEqual(await versionsSeen(who, was), [])
    for (const who of [patient, trusted]) assert.deepEqual(await versionsSeen(who, was), ['W/"3"', 'W/"2"', 'W/"1"'])
    const before = await doctor.get('/fhir/R4/Observation/_history?_at=2031-03-01T08:00:00Z')
    assert.deepEqual(idsIn(before), [])
  })

  it('is not opened by who may not see it, nor hidden from who wrote it by a made-up label', async () => {
    const { patient, doctor, refuse } = await family('hiv')
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient, labelled('HIV')))).body
    await refuse()
    const url = `/fhir/R4/Observation/${id}`
    assert.equal((await doctor.put(url, { ...pulse(patient.patient), id })).status, 404)
    assert.equal(
      (
        await doctor.patch(url, [{ op: 'remove', path: '/meta/security' }] as object, {
          'content-type': 'application/json-patch+json',
        })
      ).status,
      404,
    )
    assert.equal((await doctor.post('/fhir/R4/Observation', pulse(patient.patient, labelled('HIV')))).status, 403)
    for (const code of ['constructor', 'toString', '__proto__', 'valueOf']) {
      const made = await doctor.post('/fhir/R4/Observation', pulse(patient.patient, labelled(code)))
      assert.equal(made.status, 201, code)
      const { rows } = await house.owner.query('select categories from platform.fhir_resource where id = $1', [
        made.body.id,
      ])
      assert.deepEqual(rows[0].categories, ['general'], code)
    }
    assert.equal((await doctorOfAnn.get(url)).status, 404)
  })
})
