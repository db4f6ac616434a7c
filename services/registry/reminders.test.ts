import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aLicence, openRegistry, pdf, version } from './testing.ts'

describe('the job remind-of-licences', async () => {
  const { house, administrator, practitioner, waiting } = await openRegistry()
  const [root, amina] = [await administrator(), await practitioner()]
  const verified = async (change: object) => {
    const { id } = (await amina.post(`/v1/practitioners/${amina.id}/licences`, { ...aLicence, ...change })).body
    await amina.upload(`/v1/licences/${id}/certificate`, 'application/pdf', pdf)
    assert.equal((await root.post(`/v1/licences/${id}/verify`, { decision: 'verified' }, version(2))).status, 200)
    return id as string
  }
  const licence = await verified({ number: 'r-1', validUntil: '2031-06-30' })
  const remind = async (now: string) => {
    house.setNow(now)
    const before = (await waiting('Licence.ending')).length
    await house.house.tasks()['registry:remind-of-licences']?.({}, undefined as never)
    const all = await waiting('Licence.ending')
    return all.slice(before)
  }
  const told = async () =>
    (await amina.get('/v1/notifications')).body.items.filter(
      ({ template }: { template: string }) => template === 'licence-ending.practitioner',
    )

  it('announces once each, 60, 30 and 7 days before, to the practitioner', async () => {
    const of = { licence, practitioner: amina.id }
    assert.deepEqual(await remind('2031-04-30T05:30:00Z'), [])
    assert.deepEqual(await remind('2031-05-01T05:30:00Z'), [{ ...of, days: 60 }])
    assert.deepEqual(await remind('2031-05-02T05:30:00Z'), [])
    assert.deepEqual(await remind('2031-05-31T05:30:00Z'), [{ ...of, days: 30 }])
    assert.deepEqual(await remind('2031-06-25T05:30:00Z'), [{ ...of, days: 7 }])
    assert.deepEqual(await remind('2031-06-26T05:30:00Z'), [])
    await house.work()
    const messages = await told()
    assert.equal(messages.length, 3)
    assert.match(messages[0].text, /within 7 days/)
  })

  it('administrators see which end soon', async () => {
    house.setNow('2031-06-01T08:00:00Z')
    const list = async (days: number) =>
      (await root.get(`/v1/licences?endsWithin=${days}`)).body.items.map(({ id }: { id: string }) => id)
    assert.deepEqual(await list(30), [licence])
    assert.deepEqual(await list(10), [])
    assert.equal((await amina.get('/v1/licences?endsWithin=30')).status, 403)
    assert.equal((await root.get('/v1/licences?endsWithin=0')).status, 400)
  })

  it('is silent where a later licence has been verified', async () => {
    house.setNow('2031-03-01T08:00:00Z')
    const other = await verified({ number: 'r-2', validUntil: '2031-09-30' })
    const later = await verified({ number: 'r-3', validFrom: '2031-09-01', validUntil: '2033-01-01' })
    assert.ok(later)
    const named = (await remind('2031-09-01T05:30:00Z')).map((event: { licence: string }) => event.licence)
    assert.ok(!named.includes(other))
    house.setNow('2031-03-01T08:00:00Z')
  })
})
