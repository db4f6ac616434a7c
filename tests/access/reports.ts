import assert from 'node:assert/strict'
import type { Client } from '#platform/testing.ts'
import { consultations } from './consultations.ts'

/** Reports about Saba, and a link by which her summary is shared, by who treats her. */
async function reports(doctor: Client, patient: string) {
  const make = async (body: object): Promise<string> => {
    const { status, body: report } = await doctor.post(`/v1/patients/${patient}/reports`, body)
    assert.equal(status, 201, JSON.stringify(report))
    return report.id
  }
  const letter = { to: 'Cardiology', why: 'Breathless', asked: 'Echocardiogram' }
  const referral = { kind: 'referral-letter', letter }
  const leave = { from: '2031-03-01', until: '2031-03-07', workCapacity: 0 }
  const wish = { what: 'summary', expiresAt: '2031-04-01T00:00:00Z', isLongTerm: true }
  const { body: shared } = await doctor.post(`/v1/patients/${patient}/health-links`, wish)
  return {
    ...{ report: await make(referral), wrongReport: await make(referral) },
    ...{ sickNote: await make({ kind: 'sick-note', leave }) },
    ...{ healthLink: shared.id as string, healthLinkText: shared.link as string },
  }
}

/** All that who treats Saba has written of her. */
export const written = async (doctor: Client, patient: string) => ({
  ...(await consultations(doctor, patient)),
  ...(await reports(doctor, patient)),
})
