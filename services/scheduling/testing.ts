import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import type { TestHouse } from '#platform/testing.ts'

const certificate = Buffer.from('%PDF-1.4\n%%EOF\n')

/** A practitioner whom an administrator has verified, through the front door of registry. */
export async function openPractice(house: TestHouse, zone = 'Asia/Kolkata') {
  const doctor = await house.signedIn()
  const administrator = await house.signedIn({ roles: ['administrator'] })
  const { id } = (
    await doctor.post('/v1/practitioners', {
      name: 'Dr Test Person',
      gender: 'female',
      languages: ['am'],
      specialities: ['cardiology', 'general-practice'],
    })
  ).body
  const licence = (
    await doctor.post(`/v1/practitioners/${id}/licences`, {
      number: newId(),
      issuer: 'Test Council',
      country: 'ZZ',
      validFrom: '2020-01-01',
      validUntil: '2040-01-01',
    })
  ).body
  const uploaded = (await doctor.upload(`/v1/licences/${licence.id}/certificate`, 'application/pdf', certificate)).body
  const verified = await administrator.post(
    `/v1/licences/${licence.id}/verify`,
    { decision: 'verified' },
    { 'if-match': `"${uploaded.version}"` },
  )
  assert.equal(verified.status, 200, JSON.stringify(verified.body))
  const place = (
    await administrator.post('/v1/places', {
      name: 'Test Clinic',
      address: 'Test 1',
      city: 'Test',
      country: 'ZZ',
      latitude: 0.3,
      longitude: 6.7,
      zone,
    })
  ).body.id
  return { doctor, administrator, practitioner: id as string, place: place as string }
}

/** Mondays from nine to ten. */
export const weekly = (place: string, more: object = {}) => ({
  place,
  modes: ['in-person'],
  minutes: 30,
  hours: [{ day: 'mon', from: '09:00', until: '10:00' }],
  validFrom: '2031-03-01',
  ...more,
})
