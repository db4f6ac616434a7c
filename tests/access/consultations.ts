import assert from 'node:assert/strict'
import type { Answer, Client } from '#platform/testing.ts'
import { png } from './belongings.ts'

/** Consultations with Saba, given by who treats her: one that is drafted, one that is signed, one that is signed and being amended, and one to be found wrong. */
export async function consultations(doctor: Client, patient: string) {
  const ok = async (answer: Promise<Answer>) => {
    const { status, body } = await answer
    assert.ok(status < 300, JSON.stringify(body))
    return body
  }
  const begin = async () => {
    const { id } = await ok(doctor.post('/v1/consultations', { patient }))
    await ok(doctor.patch(`/v1/consultations/${id}/draft`, { sections: { note: 'Well' } }, { 'if-match': '"1"' }))
    const attachment = await ok(doctor.upload(`/v1/consultations/${id}/attachments`, 'image/png', png))
    return [id as string, attachment.id as string] as const
  }
  const sign = async () => {
    const [id, attachment] = await begin()
    await ok(doctor.post(`/v1/consultations/${id}/sign`, undefined, { 'if-match': '"3"' }))
    return [id, attachment] as const
  }
  const [consultation, draftAttachment] = await begin()
  const [signedNote, noteAttachment] = await sign()
  const [[amended], [wrongNote]] = [await sign(), await sign()]
  await ok(doctor.post(`/v1/consultations/${amended}/amend`, { reason: 'More' }, { 'if-match': '"2"' }))
  return { consultation, draftAttachment, signedNote, noteAttachment, amended, wrongNote }
}
