import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar } from '../../tests/calendar.ts'

async function caregiverOf(house: TestHouse, patient: string, powers: string[]): Promise<Client> {
  const caregiver = await house.signedIn({ self: { caregiver: newId() } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, $4, '2020-01-01Z')`,
    [newId(), caregiver.account, patient, powers],
  )
  return caregiver
}

describe('an appointment whose speciality is sensitive', () => {
  it('is shown to the patient, to who booked it, and to caregivers who may see what is sensitive', async () => {
    await using house = await openTestHouse(everything)
    const patient = await newPatient(house)
    const [booker, other, trusted] = await Promise.all([
      caregiverOf(house, patient.patient, ['book']),
      caregiverOf(house, patient.patient, ['book', 'see-record']),
      caregiverOf(house, patient.patient, ['book', 'see-sensitive']),
    ])
    const book = async (speciality: string, start: string) => {
      const practitioner = await openCalendar(house, { specialities: [speciality] })
      const answer = await booker.post('/v1/appointments', { practitioner, patient: patient.patient, start })
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      return answer.body.id as string
    }
    const heart = await book('cardiology', '2031-03-03T09:00:00Z')
    const mind = await book('psychiatry', '2031-03-03T10:00:00Z')
    const listed = async (who: Client) =>
      (await who.get('/v1/appointments')).body.items.map(({ id }: { id: string }) => id)
    for (const who of [patient, booker, trusted]) {
      assert.deepEqual(await listed(who), [heart, mind])
      assert.equal((await who.get(`/v1/appointments/${mind}`)).status, 200)
    }
    assert.deepEqual(await listed(other), [heart])
    assert.equal((await other.get(`/v1/appointments/${mind}`)).status, 404)
    const cancel = { reason: 'pat' }
    assert.equal((await other.post(`/v1/appointments/${mind}/cancel`, cancel, { 'if-match': '"1"' })).status, 404)
    assert.equal((await other.get(`/v1/appointments/${heart}`)).status, 200)
    const { rows } = await house.owner.query('select category from scheduling.appointment order by start_at')
    assert.deepEqual(rows, [{ category: 'general' }, { category: 'mental-health' }])
  })
})
