import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mayCall, parseScope } from '#platform/access.ts'
import { newToken, nobody } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { exampleOf } from '#platform/openapi.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'

const operations = everything
  .flatMap(({ routes }) => routes.map(({ operation }) => operation))
  .filter(({ access, download }) => access !== 'house' && access !== 'public' && !download)

/** A caregiver of two patients with an appointment each, and tokens of apps that may act in one patient's context. */
async function openFamily() {
  const house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '100000' } })
  after(() => house[Symbol.asyncDispose]())
  const practitioner = await openCalendar(house)
  const [mine, hers] = [newId(), newId()]
  const person = await house.signedIn({ self: { patient: mine, caregiver: newId() } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, '{book,see-record}', $4)`,
    [newId(), person.account, hers, house.house.now()],
  )
  const book = async (patient: string, start: string) => {
    const { status, body } = await person.post('/v1/appointments', { practitioner, patient, start })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  const ofMine = await book(mine, '2031-03-03T09:00:00Z')
  const ofHers = await book(hers, '2031-03-03T10:00:00Z')
  const tokenWith = async (scopes: string[], patient: string | null = hers) => {
    const { token, hash } = newToken()
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at, kind, scopes, client_id, patient_id)
       values ($1, $2, $3, $4, $4::timestamptz + interval '1 hour', 'access-token', $5, $6, $7)`,
      [newId(), person.account, hash, house.house.now(), scopes, newId(), patient],
    )
    return house.withToken(token)
  }
  return { house, person, practitioner, mine, hers, ofMine, ofHers, tokenWith }
}

describe('a token that is bound to one patient', async () => {
  const { house, person, practitioner, mine, hers, ofMine, ofHers, tokenWith } = await openFamily()
  const app = await tokenWith(['patient/*.cruds', 'launch/patient', 'openid'])
  const start = '2031-03-03T11:00:00Z'

  it('reaches that patient and no other of those whom the person may act for', async () => {
    assert.equal((await app.get(`/v1/appointments/${ofHers}`)).status, 200)
    assert.equal((await app.get(`/v1/appointments/${ofMine}`)).status, 404)
    assert.equal((await person.get(`/v1/appointments/${ofMine}`)).status, 200)
    const ids = async (query = '') =>
      (await app.get(`/v1/appointments${query}`)).body.items.map(({ id }: { id: string }) => id)
    assert.deepEqual(await ids(), [ofHers])
    assert.deepEqual(await ids(`?patient=${mine}`), [])
    for (const url of [`/v1/patients/${mine}`, `/v1/patients/${newId()}`])
      assert.equal((await app.get(url)).status, 404)
    assert.equal((await app.patch(`/v1/patients/${mine}`, { name: 'x' }, { 'if-match': '"1"' })).status, 404)
    const cancel = (id: string) => app.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })
    assert.equal((await cancel(ofMine)).status, 404)
    const move = await app.post(`/v1/appointments/${ofMine}/reschedule`, { start }, { 'if-match': '"1"' })
    assert.equal(move.status, 404)
    assert.equal((await app.post('/v1/appointments', { practitioner, patient: mine, start })).status, 404)
    assert.equal((await app.post('/v1/holds', { practitioner, patient: mine, start })).status, 404)
    const hold = (await person.post('/v1/holds', { practitioner, patient: mine, start })).body.id
    assert.equal((await app.post('/v1/appointments', { hold })).status, 404)
    assert.equal((await app.post('/v1/appointments', { hold, patient: hers })).status, 422)
    assert.equal((await app.delete(`/v1/holds/${hold}`)).status, 403)
    assert.equal(
      (await app.post('/v1/appointments', { practitioner, patient: hers, start: '2031-03-03T12:00:00Z' })).status,
      201,
    )
    assert.equal((await cancel(ofHers)).status, 200)
  })

  it('is not given again what the person’s own request was answered', async () => {
    const key = { 'if-match': '"1"', 'idempotency-key': 'k' }
    const cancel = (client: typeof app) => client.post(`/v1/appointments/${ofMine}/cancel`, { reason: 'pat' }, key)
    assert.equal((await cancel(person)).status, 200)
    assert.equal((await cancel(app)).status, 404)
    assert.equal((await cancel(person)).status, 200, 'the person is')
  })

  it('may call nothing that does not say how it keeps to the patient', async (t) => {
    let closed = 0
    for (const operation of operations.filter(({ patient }) => !patient)) {
      const { status, body } = await house.app
        .inject({
          method: operation.method,
          url: operation.url.replace(/:\w+/g, () => newId()),
          headers: { authorization: `Bearer ${app.token}`, 'if-match': '"1"' },
          ...(operation.body && { payload: exampleOf(operation.body) as object }),
        })
        .then((response) => ({ status: response.statusCode, body: response.body }))
      assert.ok(status === 403 || (operation.upload && status === 415), `${operation.id}: ${status} ${body}`)
      closed++
    }
    t.diagnostic(`${closed} operations are closed, ${operations.length - closed} keep to the patient`)
  })

  it('is not bound where a scope of the person opens the operation, and then only there', async () => {
    const both = await tokenWith(['patient/Patient.r', 'user/Appointment.rs'])
    assert.equal((await both.get(`/v1/appointments/${ofMine}`)).status, 200)
    assert.equal((await both.get(`/v1/patients/${mine}`)).status, 404)
  })

  it('opens nothing without a patient in context', async () => {
    const none = await tokenWith(['patient/*.cruds'], null)
    assert.equal((await none.get('/v1/appointments')).status, 403)
  })

  it('ends with the grant that it was given under, on the next request', async () => {
    const grant = newId()
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at, kind)
       values ($1, $2, $3, $4, $4::timestamptz + interval '1 day', 'grant')`,
      [grant, person.account, newToken().hash, house.house.now()],
    )
    const client = await tokenWith(['user/Appointment.rs'])
    await house.owner.query('update platform.session set parent_id = $1 where scopes = $2', [
      grant,
      ['user/Appointment.rs'],
    ])
    assert.equal((await client.get('/v1/appointments')).status, 200)
    assert.equal((await person.delete(`/v1/sessions/${grant}`)).status, 204)
    assert.equal((await client.get('/v1/appointments')).status, 401)
  })
})

describe('scopes', () => {
  const actor = { ...nobody, kind: 'account' as const, account: newId(), roles: ['patient' as const], patient: newId() }
  const opens = (scope: string, patient: '/params/id' | undefined = '/params/id') =>
    mayCall({ ...actor, scopes: [scope] }, { access: 'Patient.r', ...(patient && { patient }) })

  it('open what they name', () => {
    for (const scope of 'user/Patient.r user/Patient.cruds user/*.rs patient/Patient.rs patient/*.r user/*.read user/Patient.*'.split(
      ' ',
    ))
      assert.ok(opens(scope), scope)
  })

  it('never widen: other letters, resources, contexts, filters, and words that nobody knows', () => {
    const closed = `user/Patient.s user/Appointment.r system/Patient.r patient/Observation.r user/Patient.write user/patient.r
      user/Patient.reads user/Patient.read?category=x */Patient.r */*.r user/Patient.rc user/Patient. user/Patient user/Patient.r?category=x patient/*.rs?category=x
      user/Patient.r? openid launch offline_access Patient.r * user/*.** user/*`
    for (const scope of closed.split(/\s+/)) assert.ok(!opens(scope), scope)
    assert.ok(!mayCall({ ...actor, scopes: [] }, { access: 'Patient.r' }))
    assert.ok(!mayCall({ ...actor, scopes: ['user/*.cruds'] }, { access: 'signed-in' }))
    assert.ok(!mayCall({ ...actor, scopes: ['user/*.cruds'] }, { access: 'Licence.s' }), 'a role is needed, too')
    assert.ok(!mayCall({ ...actor, kind: 'client', scopes: ['user/*.cruds'] }, { access: 'Practitioner.s' }))
    assert.ok(!mayCall({ ...actor, kind: 'client', scopes: ['system/*.cruds'] }, { access: 'Patient.r' }))
    assert.ok(mayCall({ ...actor, kind: 'client', scopes: ['system/*.cruds'] }, { access: 'Practitioner.s' }))
    assert.equal(parseScope('user/Patient.r\n'), undefined)
  })
})
