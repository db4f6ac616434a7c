import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { aPatient, nowhere, openRegistry, version } from '../testing.ts'

const reason = 'Same person: passport seen'
const inYears = (years: number) => new Date(Date.UTC(2031 + years, 2, 1)).toISOString()

describe('/v1/merges', async () => {
  const { house, patient, caregiver, administrator, rows, given } = await openRegistry()
  const ada = await administrator()
  const merge = (survivor: string, replaced: string) => ada.post('/v1/merges', { survivor, replaced, reason })
  const undo = (id: string, of = 1) =>
    ada.post(`/v1/merges/${id}/undo`, { reason: 'Two people after all' }, version(of))
  const two = () => Promise.all([patient(), patient({ name: 'Sabba Tesfay' })])
  const grantsOf = (id: string) =>
    rows(
      'select id, account_id, relationship, source_id, revoked_at from platform.access_grant where subject_id = $1 order by id',
      [id],
    )
  const mandatesOf = (id: string) =>
    rows('select id, revoked_at, revoked_by, revoke_reason from registry.mandate where patient_id = $1 order by id', [
      id,
    ])
  const everything = async (...ids: string[]) => Promise.all(ids.flatMap((id) => [grantsOf(id), mandatesOf(id)]))

  it('POST lets both accounts be the survivor, and answers the old id with the survivor', async () => {
    const [a, b] = await two()
    const made = await merge(a.id, b.id)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual([made.body.survivor, made.body.replaced, made.body.status], [a.id, b.id, 'standing'])
    for (const who of [a, b])
      for (const id of [a.id, b.id]) assert.equal((await who.get(`/v1/patients/${id}`)).body.id, a.id)
    assert.deepEqual(
      (await b.get('/v1/patients')).body.items.map(({ id }: { id: string }) => id),
      [a.id],
    )
    assert.equal((await b.patch(`/v1/patients/${a.id}`, { language: 'en' }, version(1))).status, 200)
    assert.equal((await b.post('/v1/patients', aPatient)).status, 409)
    assert.equal((await (await patient()).get(`/v1/patients/${b.id}`)).status, 404)
    assert.equal((await ada.get(`/v1/merges/${made.body.id}`)).body.moved.grants, 1)
  })

  it('moves mandates, sets aside what the survivor has too, and gives back exactly that', async () => {
    const [a, b] = await two()
    const [hana, tom] = await Promise.all([caregiver(), caregiver()])
    const grant = (from: typeof a, to: typeof hana, powers: string[]) =>
      given(from, { patient: from.id, caregiver: to.id, powers }, to)
    const stays = await grant(a, hana, ['book'])
    const aside = await grant(b, hana, ['book', 'see-record'])
    const moves = await grant(b, tom, ['see-record'])
    const before = await everything(a.id, b.id)

    const { body: made } = await merge(a.id, b.id)
    assert.deepEqual([made.moved.mandates, made.setAside], [[moves], [aside]])
    assert.equal((await tom.get(`/v1/patients/${a.id}`)).status, 200)
    assert.equal(
      (await hana.get(`/v1/patients/${a.id}`)).status,
      404,
      'the mandate that stands does not open the record',
    )
    assert.equal((await hana.get(`/v1/mandates/${aside}`)).body.status, 'revoked')
    assert.equal((await hana.get(`/v1/mandates/${stays}`)).body.status, 'active')

    const lena = await caregiver()
    const since = (await b.post('/v1/mandates', { patient: a.id, caregiver: lena.id, powers: ['book'] })).body.id
    const undone = await undo(made.id)
    assert.equal(undone.status, 200, JSON.stringify(undone.body))
    assert.deepEqual([undone.body.status, undone.body.stays], ['undone', { mandates: [since], appointments: [] }])
    assert.equal((await tom.get(`/v1/patients/${a.id}`)).status, 404)
    assert.equal((await tom.get(`/v1/patients/${b.id}`)).body.id, b.id)
    assert.equal((await hana.get(`/v1/patients/${b.id}`)).status, 200)
    assert.equal((await b.get(`/v1/patients/${b.id}`)).body.id, b.id)
    assert.equal((await b.get(`/v1/patients/${a.id}`)).status, 404)

    await a.post(`/v1/mandates/${since}/revoke`, {})
    const after = await everything(a.id, b.id)
    const without = (list: { id: string; source_id?: string }[]) =>
      list.filter(({ id, source_id }) => id !== since && source_id !== since)
    assert.deepEqual(after.map(without), before)
  })

  it('takes consents along, and what is refused is what the newest answer says', async () => {
    const [a, b] = await two()
    const say = (who: typeof a, id: string, decision: string) =>
      who.post(`/v1/patients/${id}/consents`, {
        purpose: 'research',
        category: 'general',
        decision,
        textVersion: '2026-11',
      })
    const refusals = () => rows('select subject_id from platform.refusal where subject_id = any ($1)', [[a.id, b.id]])
    assert.equal((await say(a, a.id, 'permit')).status, 201)
    await say(b, b.id, 'deny')
    const { body: made } = await merge(a.id, b.id)
    assert.deepEqual(await refusals(), [{ subject_id: a.id }])
    await undo(made.id)
    assert.deepEqual(await refusals(), [{ subject_id: b.id }])
    const left = await rows(
      'select patient_id, decision from registry.consent where patient_id = any ($1) order by id',
      [[a.id, b.id]],
    )
    assert.deepEqual(left, [
      { patient_id: a.id, decision: 'permit' },
      { patient_id: b.id, decision: 'deny' },
    ])
  })

  it('leaves ended what was ended while the two were one', async () => {
    const [a, b] = await two()
    const tom = await caregiver()
    const id = await given(b, { patient: b.id, caregiver: tom.id, powers: ['see-record'] }, tom)
    const { body: made } = await merge(a.id, b.id)
    assert.equal((await a.post(`/v1/mandates/${id}/revoke`, {})).status, 200)
    await undo(made.id)
    assert.equal((await tom.get(`/v1/patients/${b.id}`)).status, 404)
    assert.equal((await tom.get(`/v1/mandates/${id}`)).body.status, 'revoked')
  })

  it('moves mandates of another time beside the survivor’s', async () => {
    const [a, b] = await two()
    const hana = await caregiver()
    const give = (from: typeof a, validFrom: string, validUntil: string) =>
      from.post('/v1/mandates', { patient: from.id, caregiver: hana.id, powers: ['book'], validFrom, validUntil })
    await give(a, inYears(1), inYears(2))
    const later = (await give(b, inYears(2), inYears(3))).body.id
    assert.deepEqual((await merge(a.id, b.id)).body.moved.mandates, [later])
  })

  it('refuses what would not be one step from the old id to the record', async () => {
    const [a, b] = await two()
    const c = await patient()
    assert.equal((await merge(a.id, a.id)).status, 400)
    assert.equal((await merge(a.id, nowhere)).status, 404)
    const { body: made } = await merge(a.id, b.id)
    assert.equal((await merge(c.id, b.id)).status, 409, 'replaced already')
    assert.equal((await merge(c.id, a.id)).status, 409, 'a survivor')
    assert.equal((await merge(b.id, c.id)).status, 409, 'into one that was replaced')
    const other = await merge(a.id, c.id)
    assert.equal(other.status, 201, 'two into one')
    assert.equal((await undo(made.id)).status, 200)
    assert.equal((await c.get(`/v1/patients/${c.id}`)).body.id, a.id, 'each merge is undone alone')
  })

  it('accepts one of A into B and B into A, and one of B into A and into C, at once', async () => {
    for (const third of [false, true]) {
      const [a, b] = await two()
      const c = third ? await patient() : a
      const answers = await Promise.all([merge(a.id, b.id), third ? merge(c.id, b.id) : merge(b.id, a.id)])
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409], String(third))
    }
  })

  it('is undone once, in the version that was read', async () => {
    const [a, b] = await two()
    const { body: made } = await merge(a.id, b.id)
    assert.equal((await ada.post(`/v1/merges/${made.id}/undo`, { reason })).status, 428)
    assert.equal((await ada.post(`/v1/merges/${made.id}/undo`, {}, version(1))).status, 400)
    const answers = await Promise.all([undo(made.id), undo(made.id)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
    assert.equal((await undo(made.id, 2)).status, 422)
    assert.equal((await undo(nowhere)).status, 404)
    assert.equal((await merge(b.id, a.id)).status, 201, 'and may be merged again, the other way round')
  })

  it('is for administrators', async () => {
    const [a, b] = await two()
    const asked = { survivor: a.id, replaced: b.id, reason }
    assert.equal((await a.post('/v1/merges', asked)).status, 403)
    assert.equal((await house.anonymous.post('/v1/merges', asked)).status, 401)
    assert.equal((await ada.post('/v1/merges', { ...asked, reason: ' ' })).status, 400)
    assert.equal((await a.get(`/v1/merges/${nowhere}`)).status, 403)
    assert.equal((await ada.get(`/v1/merges/${nowhere}`)).status, 404)
  })

  it('waits for a mandate that is being given, and takes it along; one that comes later finds no patient', async () => {
    const [a, b] = await two()
    const tom = await caregiver()
    await house.owner.query('begin')
    const [id, account, now] = [newId(), b.account, '2031-03-01T08:00:00Z']
    await house.owner.query(
      "insert into registry.mandate (id, patient_id, caregiver_id, powers, valid_from, valid_until, granted_by, created_at) values ($1, $2, $3, '{book}', $4, $5, $6, $4)",
      [id, b.id, tom.id, now, inYears(1), account],
    )
    const merging = merge(a.id, b.id)
    const waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while ((await house.owner.query(waits)).rowCount === 0) await house.owner.query('select pg_stat_clear_snapshot()')
    await house.owner.query('commit')
    assert.deepEqual((await merging).body.moved.mandates, [id])
    await assert.rejects(
      house.owner.query(
        "insert into registry.mandate (id, patient_id, caregiver_id, powers, valid_from, valid_until, granted_by, created_at) values ($1, $2, $3, '{book}', $4, $5, $6, $4)",
        [newId(), b.id, tom.id, inYears(2), inYears(3), account],
      ),
      /has been replaced/,
    )
  })

  it('is recorded for both patients', async () => {
    const [a, b] = await two()
    const { body: made } = await merge(a.id, b.id)
    await undo(made.id)
    const traces = await rows(
      "select action, subject from platform.audit_event where entity = $1 and action <> 'R' order by id",
      [`Merge/${made.id}`],
    )
    assert.deepEqual(
      traces.map(({ action, subject }) => `${action} ${subject}`),
      ['C', 'U'].flatMap((action) => [`${action} Patient/${a.id}`, `${action} Patient/${b.id}`]),
    )
  })
})
