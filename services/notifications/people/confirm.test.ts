import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Client } from '#platform/testing.ts'
import { openVillage, type Village } from '../testing.ts'

const text = 'The practice is closed next week. Doctor Addo stands in.'
const toPanel = { audience: 'panel', category: 'general', text }
const inboxOf = async (who: Client) => (await who.get('/v1/notifications')).body.items

/** Somebody else whom the practitioner treats, with an account. */
async function another(village: Village): Promise<Client & { patient: string }> {
  const patient = newId()
  const who = await village.house.signedIn({ self: { patient } })
  village.world.patients.set(patient, 'Efua Mensah')
  await village.treat(patient)
  return { ...who, patient }
}

const draftOf = async (who: Client, body: object) => {
  const { status, body: draft } = await who.post('/v1/messages', body)
  assert.equal(status, 201, JSON.stringify(draft))
  return draft
}
const confirm = (who: Client, { id, version, counted }: { id: string; version: number; counted: { people: number } }) =>
  who.post(`/v1/messages/${id}/send`, { version, people: counted.people })

describe('a message to a panel', () => {
  it('is a draft until its count is confirmed, and then goes to each patient with who cares for them', async () => {
    await using village = await openVillage()
    await village.treat()
    const [efua, unreached] = [await another(village), newId()]
    await village.treat(unreached)
    const draft = await draftOf(village.practitioner, toPanel)
    assert.equal(draft.status, 'draft')
    assert.deepEqual(draft.counted, { patients: 3, unreached: 1, people: 3, email: 0, sms: 0, push: 0 })
    assert.deepEqual(draft.preview, {
      title: 'A message for you',
      subject: 'A message for you',
      mail: 'Somebody who treats you has written to you. Sign in to read it.',
      sms: 'There is a message for you.',
    })
    await village.house.work()
    assert.deepEqual(await inboxOf(efua), [])

    const sent = await confirm(village.practitioner, draft)
    assert.deepEqual([sent.status, sent.body.status, sent.body.waiting], [202, 'sending', 3])
    await village.house.work()
    const done = (await village.practitioner.get(`/v1/messages/${draft.id}`)).body
    assert.deepEqual([done.status, done.told, done.waiting], ['sent', 3, 0])
    for (const who of [efua, village.patient, village.caregiver])
      assert.deepEqual(
        (await inboxOf(who)).map(({ text }: { text: string }) => text),
        [text],
      )
  })

  it('can be for those with a visit between two times', async () => {
    await using village = await openVillage()
    await village.treat()
    const efua = await another(village)
    const asked: object[] = []
    village.world.visits = (query) => {
      asked.push(query)
      return [efua.patient, newId()] // somebody who is not treated any more is not in the panel
    }
    const between = { visitsFrom: '2031-02-01T00:00:00Z', visitsUntil: '2031-02-08T00:00:00Z' }
    const draft = await draftOf(village.practitioner, { ...toPanel, ...between })
    assert.deepEqual([draft.counted.patients, draft.counted.people], [1, 1])
    assert.deepEqual(asked, [{ since: '2031-02-01T00:00:00.000Z', until: '2031-02-08T00:00:00.000Z' }])
    assert.equal((await confirm(village.practitioner, draft)).status, 202)
    await village.house.work()
    assert.deepEqual([(await inboxOf(efua)).length, (await inboxOf(village.patient)).length], [1, 0])
  })
})

describe('POST /v1/messages/:id/send', () => {
  it('sends nothing when whom it reaches, or the text, has changed since it was read', async () => {
    await using village = await openVillage()
    await village.treat()
    const draft = await draftOf(village.practitioner, toPanel)
    const efua = await another(village)
    const grown = await confirm(village.practitioner, draft)
    assert.deepEqual([grown.status, grown.body.code, grown.body.people], [409, 'conflict', 3])

    const path = `/v1/messages/${draft.id}`
    assert.equal((await village.practitioner.patch(path, { text: 'Other' }, { 'if-match': '"7"' })).status, 412)
    const changed = await village.practitioner.patch(path, { text: 'Other' }, { 'if-match': '"1"' })
    assert.deepEqual([changed.status, changed.body.version, changed.body.counted.people], [200, 2, 3])
    const unseen = await confirm(village.practitioner, { ...draft, counted: { people: 3 } })
    assert.deepEqual([unseen.status, unseen.body.version], [409, 2])
    await village.house.work()
    assert.deepEqual(await inboxOf(efua), [])
    assert.equal((await confirm(village.practitioner, changed.body)).status, 202)
  })

  it('takes effect once, of two at the same time', async () => {
    await using village = await openVillage()
    await village.treat()
    const draft = await draftOf(village.practitioner, toPanel)
    const both = await Promise.all([confirm(village.practitioner, draft), confirm(village.practitioner, draft)])
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [202, 409])
    await village.house.work()
    assert.equal((await inboxOf(village.patient)).length, 1)
  })

  it('is for who wrote it, while they may practise, and not for programs', async () => {
    await using village = await openVillage()
    await village.treat()
    const draft = await draftOf(village.practitioner, toPanel)
    const other = await village.house.signedIn({ self: { practitioner: newId() } })
    const administrator = await village.house.signedIn({ roles: ['administrator'] })
    for (const who of [other, administrator]) {
      assert.equal((await confirm(who, draft)).status, 404)
      assert.equal((await who.get(`/v1/messages/${draft.id}`)).status, 404)
      assert.equal((await who.post(`/v1/messages/${draft.id}/stop`)).status, 404)
    }
    assert.equal((await confirm(village.stranger, draft)).status, 403)
    assert.equal((await confirm(village.house.anonymous, draft)).status, 401)
    await village.house.owner.query("update platform.session set scopes = '{user/*.cruds}' where account_id = $1", [
      village.practitioner.account,
    ])
    assert.equal((await confirm(village.practitioner, draft)).status, 403)
    await village.house.owner.query('update platform.session set scopes = null')
    await village.house.owner.query(
      "update platform.access_grant set revoked_at = now() where relationship = 'licence'",
    )
    assert.equal((await confirm(village.practitioner, draft)).status, 403)
  })
})

describe('a message to everybody of a role', () => {
  it('comes from an administrator, to each account once, and to who receives messages for a patient', async () => {
    await using village = await openVillage()
    const administrator = await village.house.signedIn({ roles: ['administrator'] })
    const donor = await village.house.signedIn({ self: { donor: newId() } })
    const announcement = { audience: 'role', role: 'patient', text: 'New hours from May.' }
    assert.equal((await village.practitioner.post('/v1/messages', announcement)).status, 403)
    const draft = await draftOf(administrator, announcement)
    assert.deepEqual(draft.counted, { people: 2, email: 0, sms: 0, push: 0 })
    // Another administrator sees it, and can send and stop it.
    const second = await village.house.signedIn({ roles: ['administrator'] })
    assert.equal((await second.get('/v1/messages')).body.items[0].id, draft.id)
    assert.equal((await confirm(second, draft)).status, 202)
    await village.house.work()
    for (const who of [village.patient, village.caregiver]) {
      const [item, ...more] = await inboxOf(who)
      assert.deepEqual(
        [item.title, item.text, item.from, more.length],
        ['An announcement', 'New hours from May.', undefined, 0],
      )
    }
    assert.deepEqual([(await inboxOf(donor)).length, (await inboxOf(village.practitioner)).length], [0, 0])
    for (const [role, people] of [
      ['practitioner', 1],
      ['caregiver', 1],
      ['donor', 1],
      ['administrator', 2],
      ['clerk', 0],
    ])
      assert.equal((await draftOf(administrator, { ...announcement, role })).counted.people, people, String(role))
  })

  it('goes out in bites, can be stopped between them, and tells how far it is', async () => {
    await using village = await openVillage()
    const { house } = village
    const administrator = await house.signedIn({ roles: ['administrator'] })
    await house.owner.query(`
      insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
      select gen_random_uuid(), gen_random_uuid(), 'self', 'Donor', gen_random_uuid(), '{}', '2031-01-01' from generate_series(1, 250)`)
    const draft = await draftOf(administrator, { audience: 'role', role: 'donor', text: 'Thank you.' })
    assert.equal((await confirm(administrator, draft)).status, 202)
    await house.work()
    const path = `/v1/messages/${draft.id}`
    const underWay = (await administrator.get(path)).body
    assert.deepEqual([underWay.status, underWay.told, underWay.waiting], ['sending', 100, 150])
    const stopped = await administrator.post(`${path}/stop`)
    assert.deepEqual([stopped.status, stopped.body.status], [200, 'stopped'])
    await house.house.tasks()['notifications:send-message']?.({ message: draft.id }, {} as never)
    assert.deepEqual(
      [(await administrator.get(path)).body.told, (await administrator.post(`${path}/stop`)).status],
      [100, 409],
    )
    const { rowCount } = await house.owner.query('select from notifications.notification')
    assert.equal(rowCount, 100)
  })
})

describe('what people wrote', () => {
  it('goes no further when its writer is no administrator any more', async () => {
    await using village = await openVillage()
    const administrator = await village.house.signedIn({ roles: ['administrator'] })
    const draft = await draftOf(administrator, { audience: 'role', role: 'patient', text })
    assert.equal((await confirm(administrator, draft)).status, 202)
    await village.house.owner.query('update platform.role_grant set revoked_at = now() where account_id = $1', [
      administrator.account,
    ])
    await village.house.work()
    assert.deepEqual(await inboxOf(village.patient), [])
    const { rows } = await village.house.owner.query('select distinct state from notifications.message_recipient')
    assert.deepEqual(rows, [{ state: 'skipped' }])
  })

  it('is in the copy of whoever wrote it, and goes when they or the patient do', async () => {
    await using village = await openVillage()
    await village.treat()
    const { practitioner, patientId, house } = village
    await practitioner.post('/v1/messages', { audience: 'patient', patient: patientId, category: 'general', text })
    await draftOf(practitioner, toPanel)
    const administrator = await house.signedIn({ roles: ['administrator'] })
    await draftOf(administrator, { audience: 'role', role: 'donor', text })
    await house.work()
    const { notifications } = await import('../service.ts')
    const { system } = await import('#platform/auth.ts')
    const ctx = house.house.context('notifications', { actor: system, traceId: newId(), doing: 'test' }) as never
    const written = async () =>
      (
        (await notifications.aboutPerson?.(ctx, { account: practitioner.account, names: [] }))?.data[
          'Messages written'
        ] ?? []
      ).length
    assert.equal(await written(), 2)
    await notifications.erase?.(ctx, { account: village.patient.account, patient: patientId, names: [] })
    assert.equal(await written(), 1)
    await notifications.erase?.(ctx, { account: administrator.account, names: [] })
    await notifications.erase?.(ctx, { account: practitioner.account, practitioner: village.practitionerId, names: [] })
    for (const table of ['message', 'message_recipient', 'notification'])
      assert.equal((await house.owner.query(`select from notifications.${table}`)).rowCount, 0, table)
  })
})
