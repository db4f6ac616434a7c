import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { begun, openWard, practitionerOf, saved, version } from './testing.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')

describe('POST /v1/consultations/{id}/attachments', () => {
  it('keeps pictures and papers with the draft, and makes them part of the record with it', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient)
    const path = `/v1/consultations/${id}/attachments`
    const picture = await doctor.upload(`${path}?title=The%20wound`, 'image/png', png)
    assert.equal(picture.status, 201, JSON.stringify(picture.body))
    const paper = (await doctor.upload(path, 'application/pdf', pdf)).body
    const own = `${path}/${picture.body.id}`
    const colleague = await practitionerOf(house, patient)
    assert.equal((await doctor.get(own)).status, 200)
    assert.deepEqual([(await colleague.get(own)).status, (await patient.get(own)).status], [404, 404])
    const draft = (await doctor.get(`/v1/consultations/${id}/draft`)).body
    assert.deepEqual(
      draft.attachments.map(({ title, contentType }: Record<string, unknown>) => [title, contentType]),
      [
        ['The wound', 'image/png'],
        ['Attachment', 'application/pdf'],
      ],
    )
    assert.equal((await doctor.delete(`${path}/${paper.id}`)).status, 204)
    assert.equal((await doctor.delete(`${path}/${paper.id}`)).status, 404)
    const { version: seen } = (await doctor.get(`/v1/consultations/${id}/draft`)).body
    const note = await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(seen))
    assert.equal(note.status, 200, JSON.stringify(note.body))
    assert.deepEqual(note.body.attachments, [{ ...picture.body, addedAt: note.body.attachments[0].addedAt }])
    const file = await patient.get(own)
    assert.deepEqual(
      [
        file.status,
        file.headers['content-type'],
        file.headers['content-disposition'],
        file.headers['x-content-type-options'],
      ],
      [200, 'image/png', 'attachment; filename="attachment.png"', 'nosniff'],
    )
    assert.equal(
      (await doctor.get(`/fhir/R4/DocumentReference/${picture.body.id}`)).body.content[0].attachment.url,
      `Binary/${picture.body.id}`,
    )
    assert.equal((await doctor.delete(own)).status, 404)
  })

  it('keeps those of the signed note when it is amended, and adds others', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    const path = `/v1/consultations/${id}`
    await doctor.upload(`${path}/attachments`, 'image/png', png)
    await doctor.post(`${path}/sign`, undefined, version(2))
    await doctor.post(`${path}/amend`, { reason: 'A letter came' }, version(2))
    await doctor.upload(`${path}/attachments?title=Letter`, 'application/pdf', pdf)
    const { body } = await doctor.post(`${path}/sign`, undefined, version(4))
    assert.deepEqual(
      body.attachments.map(({ title }: { title: string }) => title),
      ['Attachment', 'Letter'],
    )
    assert.ok(body.signatures.every(({ verified }: { verified: boolean }) => verified))
  })

  it('is refused for what is something else than it says, or could do something by itself, and to others', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient)
    const path = `/v1/consultations/${id}/attachments`
    const acting = Buffer.from(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF\n',
    )
    for (const [type, content, status] of [
      ['image/png', pdf, 422],
      ['image/jpeg', png, 422],
      ['application/pdf', acting, 422],
      ['image/svg+xml', Buffer.from('<svg onload="alert(1)"/>'), 415],
      ['text/html', Buffer.from('<script>alert(1)</script>'), 415],
    ] as const)
      assert.equal((await doctor.upload(path, type, content)).status, status, type)
    const colleague = await practitionerOf(house, patient)
    assert.equal((await colleague.upload(path, 'image/png', png)).status, 404)
    assert.equal((await patient.upload(path, 'image/png', png)).status, 403)
  })

  it('is of its consultation, and not there in another one', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    const paper = (await doctor.upload(`/v1/consultations/${id}/attachments`, 'application/pdf', pdf)).body
    await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))
    const other = await begun(doctor, patient)
    const statuses = [id, other].map(
      async (one) => (await doctor.get(`/v1/consultations/${one}/attachments/${paper.id}`)).status,
    )
    assert.deepEqual(await Promise.all(statuses), [200, 404])
  })

  it('is found out where a file was exchanged behind the service', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient)
    await saved(doctor, id, { note: 'See the paper' })
    const paper = (await doctor.upload(`/v1/consultations/${id}/attachments`, 'application/pdf', pdf)).body
    await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(3))
    const other = Buffer.from(pdf.toString().replace('1.4', '1.5')).toString('base64')
    await house.owner.query(`update platform.fhir_resource set body = replace(body, $1, $2) where type = 'Binary'`, [
      pdf.toString('base64'),
      other,
    ])
    const { status, body } = await patient.get(`/v1/consultations/${id}/attachments/${paper.id}`)
    assert.deepEqual([status, body.code], [500, 'exception'])
  })
})
