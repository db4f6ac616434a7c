import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const pdf = (more = '') =>
  Buffer.from(`%PDF-1.4\n1 0 obj<</Type/Catalog${more}>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`)

describe('a document of a record', () => {
  it('is what its content says, does nothing by itself, and is saved and never run', async () => {
    await using house = await openTestHouse(everything)
    const patient = await newPatient(house)
    const doctor = await practitionerOf(house, patient)
    const path = `/v1/patients/${patient.id}/documents`
    const type = 'application/pdf'
    const made = await doctor.upload(`${path}?title=Letter`, type, pdf())
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual([made.body.title, made.body.file.mediaType, made.body.file.bytes], ['Letter', type, pdf().length])
    const file = await patient.get(made.body.file.link)
    assert.equal(file.body, pdf().toString())
    assert.match(String(file.headers['content-disposition']), /^attachment; filename="document\.pdf"$/)
    assert.match(String(file.headers['content-security-policy']), /sandbox/)
    assert.equal(file.headers['x-content-type-options'], 'nosniff')
    assert.equal((await (await practitionerOf(house)).get(made.body.file.link)).status, 404)
    assert.equal((await (await practitionerOf(house)).upload(`${path}?title=x`, type, pdf())).status, 404)
    assert.equal((await patient.upload(`${path}?title=x`, type, pdf())).status, 403)
    const acts = pdf('/OpenAction<</S/JavaScript/JS(app.alert(1))>>')
    for (const content of [acts, Buffer.from('<script>alert(1)</script>'), Buffer.alloc(0)])
      assert.ok([400, 422].includes((await doctor.upload(`${path}?title=x`, type, content)).status))
    assert.equal((await doctor.upload(`${path}?title=x`, 'image/png', pdf())).status, 422)
    const { resourceType, content } = (await doctor.get(`/fhir/R4/DocumentReference/${made.body.id}`)).body
    assert.equal(resourceType, 'DocumentReference')
    assert.equal((await doctor.get(`/fhir/R4/${content[0].attachment.url}`)).status, 200)
    const reason = 'Of another patient'
    const one = `${path}/${made.body.id}`
    const struck = await doctor.post(`${one}/entered-in-error`, { reason }, { 'if-match': '"1"' })
    assert.deepEqual([struck.status, struck.body.status], [200, 'entered-in-error'])
    assert.deepEqual((await patient.get(path)).body.items, [])
    assert.equal((await patient.get(one)).body.status, 'entered-in-error')
    assert.equal((await patient.get(made.body.file.link)).status, 200, 'it is not gone')
    const told = await doctor.get(`/fhir/R4/Provenance?target=DocumentReference/${made.body.id}`)
    assert.equal(told.body.entry[0].resource.reason[0].text, reason)
  })
})
