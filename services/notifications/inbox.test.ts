import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openVillage } from './testing.ts'

describe('GET /v1/notifications', () => {
  it('tells patient, caregiver and practitioner of an appointment, each in their own words', async () => {
    await using village = await openVillage()
    await village.happens('booked')

    const [patient, caregiver, practitioner, stranger] = await Promise.all(
      [village.patient, village.caregiver, village.practitioner, village.stranger].map((one) =>
        one.get('/v1/notifications'),
      ),
    )

    assert.equal(patient?.body.items.length, 1)
    const [item] = patient?.body.items ?? []
    assert.equal(item.title, 'Appointment booked')
    assert.match(
      item.text,
      /^Your appointment with Dr Ama Boateng is on Monday,? 3 March 2031 at 09:00 \(Greenwich Mean Time\), at Ridge Clinic\.$/,
    )
    assert.equal(item.resource, `Appointment/${village.card.id}`)
    assert.equal(item.link, `/v1/appointments/${village.card.id}`)
    assert.equal(item.createdAt, '2031-02-20T08:00:00.000Z')
    assert.equal('readAt' in item, false)
    assert.match(caregiver?.body.items[0].text, /^The appointment of Abena Owusu with Dr Ama Boateng/)
    assert.match(practitioner?.body.items[0].text, /^Abena Owusu has an appointment with you/)
    assert.deepEqual(stranger?.body.items, [])
  })

  it('gives the newest first, page by page, and only the unread ones when asked', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1, start: '2031-03-04T09:00:00Z', end: '2031-03-04T09:30:00Z' })
    await village.happens('cancelled', { sequence: 2, status: 'cancelled' })
    const { patient } = village

    const first = await patient.get('/v1/notifications?limit=2')
    assert.deepEqual(
      first.body.items.map(({ seq }: { seq: number }) => seq),
      [3, 2],
    )
    assert.match(String(first.headers.link), /rel="next"/)
    const second = await patient.get(`/v1/notifications?limit=2&cursor=${first.body.next}`)
    assert.deepEqual(
      second.body.items.map(({ seq }: { seq: number }) => seq),
      [1],
    )
    assert.equal(second.body.next, undefined)

    await patient.post(`/v1/notifications/${first.body.items[1].id}/read`)
    const unread = await patient.get('/v1/notifications?unread=true')
    assert.deepEqual(
      unread.body.items.map(({ seq }: { seq: number }) => seq),
      [3, 1],
    )
  })

  it('hides what was told of a patient once the mandate is withdrawn', async () => {
    await using village = await openVillage()
    const other = await village.house.signedIn()
    const mandate = await village.grant(other.account, ['receive-messages'])
    await village.happens('booked')
    assert.equal((await other.get('/v1/notifications')).body.items.length, 1)
    const { id } = (await other.get('/v1/notifications')).body.items[0]

    await village.revoke(mandate)

    assert.deepEqual((await other.get('/v1/notifications')).body.items, [])
    assert.equal((await other.post(`/v1/notifications/${id}/read`)).status, 404)
  })

  it('needs a signed-in account', async () => {
    await using village = await openVillage()
    assert.equal((await village.house.anonymous.get('/v1/notifications')).status, 401)
    assert.equal((await village.house.withToken('ohcs_nonsense').get('/v1/notifications')).status, 401)
  })

  it('refuses a cursor that it never gave, and whatever it does not know', async () => {
    await using village = await openVillage()
    const cursors = ['nonsense', 'WzEuNV0', 'WyJhIl0'].map((cursor) => `cursor=${cursor}`)
    for (const query of [...cursors, 'limit=0', 'limit=101', 'unread=perhaps', 'all=1']) {
      const { status, body } = await village.patient.get(`/v1/notifications?${query}`)
      assert.deepEqual([status, body.code], [400, 'invalid'], query)
    }
  })
})

describe('POST /v1/notifications/:id/read', () => {
  it('keeps the time of the first reading', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    const { id } = (await village.patient.get('/v1/notifications')).body.items[0]

    village.house.setNow('2031-02-20T09:00:00Z')
    const first = await village.patient.post(`/v1/notifications/${id}/read`)
    village.house.setNow('2031-02-20T10:00:00Z')
    const second = await village.patient.post(`/v1/notifications/${id}/read`)

    assert.equal(first.status, 200)
    assert.equal(first.body.readAt, '2031-02-20T09:00:00.000Z')
    assert.deepEqual(second.body, first.body)
  })

  it('does not find what is somebody else’s, or not there, and refuses what is no id', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    const { id } = (await village.patient.get('/v1/notifications')).body.items[0]

    assert.equal((await village.caregiver.post(`/v1/notifications/${id}/read`)).status, 404)
    assert.equal((await village.patient.post(`/v1/notifications/${newId()}/read`)).status, 404)
    assert.equal((await village.patient.post('/v1/notifications/1/read')).status, 400)
    assert.equal((await village.house.anonymous.post(`/v1/notifications/${id}/read`)).status, 401)
    assert.equal((await village.patient.get('/v1/notifications?unread=true')).body.items.length, 1)
  })
})

describe('POST /v1/notifications/read', () => {
  it('marks what was seen, and leaves what came meanwhile', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1 })

    const answer = await village.patient.post('/v1/notifications/read', { until: 1 })
    const again = await village.patient.post('/v1/notifications/read', { until: 1 })

    assert.deepEqual([answer.status, answer.body], [200, { marked: 1 }])
    assert.deepEqual(again.body, { marked: 0 })
    const unread = await village.patient.get('/v1/notifications?unread=true')
    assert.deepEqual(
      unread.body.items.map(({ seq }: { seq: number }) => seq),
      [2],
    )
    assert.equal((await village.caregiver.get('/v1/notifications?unread=true')).body.items.length, 2)
  })

  it('refuses whatever is no number of an inbox', async () => {
    await using village = await openVillage()
    const bodies = [{}, { until: -1 }, { until: 1.5 }, { until: '1' }, { until: 1e300 }, { until: 1, more: 1 }]
    for (const body of bodies)
      assert.equal((await village.patient.post('/v1/notifications/read', body)).status, 400, JSON.stringify(body))
  })

  it('needs a signed-in account', async () => {
    await using village = await openVillage()
    assert.equal((await village.house.anonymous.post('/v1/notifications/read', { until: 1 })).status, 401)
  })
})
