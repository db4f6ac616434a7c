import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nowhere, openRegistry } from '../testing.ts'

const statuses = async (answers: Promise<{ status: number }>[]) =>
  (await Promise.all(answers)).map(({ status }) => status).sort()

describe('POST /v1/mandates', async () => {
  const { house, patient, caregiver, rows, waiting, given } = await openRegistry()
  const [saba, hana] = [await patient(), await caregiver()]
  const code = (hana.answer as { code: string }).code
  const grant = (change: object = {}, who = saba) =>
    who.post('/v1/mandates', { patient: saba.id, caregiverCode: code, powers: ['book', 'see-record'], ...change })

  it('is for the patient', async () => {
    const other = await patient()
    assert.equal((await grant({}, other)).status, 404)
    assert.equal((await grant({ patient: other.id })).status, 404)
    assert.equal((await grant({ patient: nowhere })).status, 404)
    assert.equal((await grant({}, hana)).status, 404)
    assert.equal((await house.anonymous.post('/v1/mandates', {})).status, 401)
  })

  it('wants one caregiver who exists, and is not oneself', async () => {
    const both = await caregiver({}, saba)
    for (const change of [
      { caregiverCode: undefined },
      { caregiver: hana.id },
      { caregiverCode: 'ZZZZ-ZZZZ' },
      { caregiverCode: undefined, caregiver: nowhere },
      { caregiverCode: undefined, caregiver: both.id },
    ])
      assert.equal((await grant(change)).status, 422, JSON.stringify(change))
  })

  it('refuses powers and times that cannot be', async () => {
    for (const [change, pointer] of [
      [{ powers: [] }, '/body/powers'],
      [{ powers: ['rule'] }, '/body/powers/0'],
      [{ powers: ['book', 'book'] }, '/body/powers'],
      [{ validFrom: '2031-02-28T00:00:00Z' }, '/body/validFrom'],
      [{ validFrom: '2036-03-02T00:00:00Z' }, '/body/validFrom'],
      [{ validUntil: '2031-03-01T08:00:00Z' }, '/body/validUntil'],
      [{ validUntil: '2036-03-01T08:00:01Z' }, '/body/validUntil'],
      [{ validUntil: '9999-12-31T23:59:59-14:00' }, '/body/validUntil'],
      [{ validUntil: '2031-02-30T00:00:00Z' }, '/body/validUntil'],
      [{ validUntil: '2031-06-01' }, '/body/validUntil'],
      [{ caregiverCode: 'x' }, '/body/caregiverCode'],
      [{ grantedBy: nowhere }, '/body/grantedBy'],
    ] as const) {
      const { status, body } = await grant(change)
      assert.equal(status, 400, JSON.stringify(change))
      assert.equal(body.errors[0].pointer, pointer)
    }
  })

  it('lets the caregiver act once they accept, for a year, with these powers and no others', async () => {
    const path = `/v1/patients/${saba.id}`
    assert.equal((await hana.get(path)).status, 404)
    const key = { 'idempotency-key': 'k' }
    const body = {
      patient: saba.id,
      caregiverCode: code.toLowerCase().replace('-', ''),
      powers: ['book', 'see-record'],
    }
    const made = await saba.post('/v1/mandates', body, key)
    assert.equal(made.status, 201)
    const { id, ...shown } = made.body
    assert.deepEqual(shown, {
      patient: saba.id,
      patientName: 'Saba Tesfaye',
      caregiver: hana.id,
      caregiverName: 'Hana Bekele',
      powers: ['book', 'see-record'],
      basis: 'patient',
      status: 'proposed',
      validFrom: '2031-03-01T08:00:00.000Z',
      validUntil: '2032-03-01T08:00:00.000Z',
      version: 1,
    })
    assert.deepEqual((await saba.post('/v1/mandates', body, key)).body, made.body)
    assert.deepEqual(await waiting('Mandate.granted'), [{ mandate: id, patient: saba.id, caregiver: hana.id }])
    assert.equal((await hana.get(path)).status, 404)
    assert.equal((await saba.post(`/v1/mandates/${id}/accept`)).status, 404)
    assert.equal((await (await caregiver()).post(`/v1/mandates/${id}/accept`)).status, 404)
    const accepted = [1, 2].map(() => hana.post(`/v1/mandates/${id}/accept`))
    assert.deepEqual(await statuses(accepted), [200, 422])
    assert.deepEqual(await waiting('Mandate.accepted'), [{ mandate: id, patient: saba.id, caregiver: hana.id }])
    assert.equal((await hana.get(path)).body.name, 'Saba Tesfaye')
    const listed = await hana.get('/v1/patients')
    assert.deepEqual(listed.body.items, [
      {
        id: saba.id,
        name: 'Saba Tesfaye',
        relationship: 'mandate',
        powers: ['book', 'see-record'],
        until: shown.validUntil,
      },
    ])
    assert.equal(
      (await hana.patch(path, { name: 'x' }, { 'if-match': '"1"' })).status,
      404,
      'only a guardian changes it',
    )
    const [trace] = await rows(
      "select relationship from platform.audit_event where operation = 'readPatient' and account_id = $1 and reason is null",
      [hana.account],
    )
    assert.equal(trace.relationship, 'mandate')
  })

  it('without see-record opens no record', async () => {
    const other = await caregiver()
    const mandate = { patient: saba.id, caregiver: other.id, powers: ['book'] }
    await given(saba, mandate, other)
    assert.equal((await other.get(`/v1/patients/${saba.id}`)).status, 404)
  })

  it('gives one at a time for a pair, however many are asked for at once', async () => {
    assert.equal((await grant()).status, 409)
    const other = await caregiver()
    const mandate = { patient: saba.id, caregiver: other.id, powers: ['book'] }
    assert.deepEqual(await statuses([1, 2, 3].map(() => saba.post('/v1/mandates', mandate))), [201, 409, 409])
    const later = { ...mandate, validFrom: '2033-01-01T00:00:00Z' }
    assert.equal((await saba.post('/v1/mandates', later)).status, 201)
  })

  it('begins and ends by itself', async () => {
    const other = await caregiver()
    const path = `/v1/patients/${saba.id}`
    const body = { patient: saba.id, caregiver: other.id, powers: ['see-record'] }
    const period = { validFrom: '2031-04-01T00:00:00Z', validUntil: '2031-05-01T00:00:00Z' }
    const id = await given(saba, { ...body, ...period }, other)
    assert.equal((await other.get(path)).status, 404)
    house.setNow('2031-04-15T00:00:00Z')
    assert.equal((await other.get(path)).status, 200)
    house.setNow('2031-05-01T00:00:00Z')
    assert.equal((await other.get(path)).status, 404)
    assert.equal((await saba.get(`/v1/mandates/${id}`)).body.status, 'expired')
    assert.equal((await saba.post(`/v1/mandates/${id}/revoke`, {})).status, 422)
    house.setNow('2031-03-01T08:00:00Z')
  })
})

describe('/v1/mandates', async () => {
  const { house, patient, caregiver, rows, waiting, given } = await openRegistry()
  const [saba, hana, stranger] = [await patient(), await caregiver(), await caregiver()]
  const grant = async () => {
    const mandate = { patient: saba.id, caregiver: hana.id, powers: ['see-record'] }
    return given(saba, mandate, hana)
  }

  it('GET shows it to its two sides', async () => {
    const id = await grant()
    for (const who of [saba, hana]) {
      assert.equal((await who.get(`/v1/mandates/${id}`)).body.id, id)
      assert.equal((await who.get('/v1/mandates')).body.items.length, 1)
    }
    assert.equal((await stranger.get(`/v1/mandates/${id}`)).status, 404)
    assert.deepEqual((await stranger.get('/v1/mandates')).body.items, [])
    assert.equal((await (await patient()).get(`/v1/mandates/${id}`)).status, 404)
    assert.equal((await saba.get(`/v1/mandates/${nowhere}`)).status, 404)
    assert.equal((await house.anonymous.get('/v1/mandates')).status, 401)
    assert.equal((await (await house.signedIn()).get('/v1/mandates')).status, 403)
    const traces = await rows(
      "select relationship from platform.audit_event where operation = 'readMandate' order by id",
    )
    assert.deepEqual(
      traces.map(({ relationship }) => relationship),
      ['self', 'mandate'],
    )
    await hana.post(`/v1/mandates/${id}/revoke`, {})
  })

  it('POST revoke by either side ends it on the next request', async () => {
    for (const who of [saba, hana]) {
      const id = await grant()
      assert.equal((await hana.get(`/v1/patients/${saba.id}`)).status, 200)
      assert.equal((await stranger.post(`/v1/mandates/${id}/revoke`, {})).status, 404)
      const key = { 'idempotency-key': id }
      const revoked = await who.post(`/v1/mandates/${id}/revoke`, { reason: 'We moved apart' }, key)
      assert.deepEqual([revoked.body.status, revoked.body.revokeReason], ['revoked', 'We moved apart'])
      assert.equal((await hana.get(`/v1/patients/${saba.id}`)).status, 404)
      const again = await who.post(`/v1/mandates/${id}/revoke`, { reason: 'We moved apart' }, key)
      assert.deepEqual(again.body, revoked.body)
    }
    assert.equal((await waiting('Mandate.revoked')).length, 3)
  })

  it('POST revoke wants an object, if only an empty one', async () => {
    const id = await grant()
    for (const payload of ['null', '[]', '"x"', '', '{"reason":1}', '{"reason":"a","why":"b"}']) {
      const headers = { authorization: `Bearer ${saba.token}`, 'content-type': 'application/json' }
      const url = `/v1/mandates/${id}/revoke`
      assert.equal((await house.app.inject({ method: 'POST', url, headers, payload })).statusCode, 400, payload)
    }
    await saba.post(`/v1/mandates/${id}/revoke`, {})
  })

  it('POST revoke by both at once takes effect once', async () => {
    const id = await grant()
    const answers = [saba, hana].map((who) => who.post(`/v1/mandates/${id}/revoke`, {}))
    assert.deepEqual(await statuses(answers), [200, 422])
    assert.equal((await waiting('Mandate.revoked')).filter(({ mandate }) => mandate === id).length, 1)
  })

  it('GET lists by status, newest first, page by page', async () => {
    const id = await grant()
    const list = async (query: string) => (await saba.get(`/v1/mandates?${query}`)).body
    assert.deepEqual(
      (await list('status=active')).items.map(({ id }: { id: string }) => id),
      [id],
    )
    const first = await list('status=revoked&limit=3')
    const second = await list(`status=revoked&limit=3&cursor=${first.next}`)
    const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id)
    assert.equal(ids.length, 5)
    assert.deepEqual(ids, [...ids].sort().reverse())
    assert.equal((await saba.get('/v1/mandates?status=lost')).status, 400)
  })
})
