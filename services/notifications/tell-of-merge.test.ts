import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../../tests/calendar.ts'

describe('messages about two patients who are merged', () => {
  it('are still read by the caregiver of the replaced one, and afterwards as before', async () => {
    await using house = await openTestHouse(everything)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const newPatient = async () => {
      const who = await house.signedIn()
      const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
      const { body } = await who.post('/v1/patients', { name: 'Saba Tesfaye', ...facts })
      return { ...who, id: body.id as string }
    }
    const [one, other, hana] = [await newPatient(), await newPatient(), await house.signedIn()]
    const { id: caregiver } = (await hana.post('/v1/caregivers', { name: 'Hana Bekele', language: 'en' })).body
    const wanted = { patient: other.id, caregiver, powers: ['book', 'receive-messages'] }
    const { id } = (await other.post('/v1/mandates', wanted)).body
    assert.equal((await hana.post(`/v1/mandates/${id}/accept`)).status, 200)
    const practitioner = await openCalendar(house)
    const wish = { practitioner, patient: other.id, start: '2031-03-03T09:00:00Z' }
    assert.equal((await other.post('/v1/appointments', wish)).status, 201)
    await house.work()
    const inbox = async () =>
      (await hana.get('/v1/notifications')).body.items.filter(({ template }: { template: string }) =>
        template.startsWith('appointment-booked'),
      )
    const before = await inbox()
    assert.equal(before.length, 1)

    const merged = await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason: 'Same person' })
    await house.work()
    assert.deepEqual(await inbox(), before)
    const undo = `/v1/merges/${merged.body.id}/undo`
    assert.equal((await ada.post(undo, { reason: 'Two people' }, { 'if-match': '"1"' })).status, 200)
    await house.work()
    assert.deepEqual(await inbox(), before)
    const { rows } = await house.owner.query(
      "select distinct subject_id from notifications.notification where subject_id is not null and template like 'appointment%'",
    )
    assert.deepEqual(rows, [{ subject_id: other.id }])
  })

  it('tell both of them, and who receives their messages; of undoing too, and never whose the other record is', async () => {
    await using house = await openTestHouse(everything)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const newPatient = async (name: string) => {
      const who = await house.signedIn()
      const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
      const { body } = await who.post('/v1/patients', { name, ...facts })
      return { ...who, id: body.id as string }
    }
    const [saba, liya] = [await newPatient('Saba Tesfaye'), await newPatient('Liya Abebe')]
    const carer = async (powers: string[]) => {
      const hana = await house.signedIn()
      const { id: caregiver } = (await hana.post('/v1/caregivers', { name: 'Hana', language: 'en' })).body
      const { id } = (await liya.post('/v1/mandates', { patient: liya.id, caregiver, powers })).body
      assert.equal((await hana.post(`/v1/mandates/${id}/accept`)).status, 200)
      return hana
    }
    const [told, silent] = [await carer(['receive-messages']), await carer(['see-record'])]
    const stranger = await newPatient('Somebody Else')
    await house.work()
    const heard = async () =>
      Promise.all(
        [saba, liya, told, silent, stranger, ada].map(async (who) =>
          (await who.get('/v1/notifications')).body.items.filter(({ template }: { template: string }) =>
            template.startsWith('record-'),
          ),
        ),
      )
    const templates = async () =>
      (await heard()).map((items) => items.map(({ template }: { template: string }) => template))

    const merged = await ada.post('/v1/merges', { survivor: saba.id, replaced: liya.id, reason: 'Same person' })
    await house.work()
    const [patient, caregiver] = [['record-merged.patient'], ['record-merged.caregiver']]
    assert.deepEqual(await templates(), [patient, patient, caregiver, [], [], []])
    assert.doesNotMatch(JSON.stringify(await heard()), /Saba|Liya|Tesfaye|Abebe/)

    const undo = `/v1/merges/${merged.body.id}/undo`
    assert.equal((await ada.post(undo, { reason: 'Two people' }, { 'if-match': '"1"' })).status, 200)
    await house.work()
    const parted = ['record-unmerged.patient', ...patient]
    // What the caregiver was told of the survivor's record goes with the right to hear of it.
    assert.deepEqual(await templates(), [parted, parted, ['record-unmerged.caregiver'], [], [], []])
    assert.doesNotMatch(JSON.stringify(await heard()), /Saba|Liya|Tesfaye|Abebe/)
  })
})
