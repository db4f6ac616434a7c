import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { aLicence, openRegistry, pdf, png } from '../testing.ts'
import { takeFiles } from './export-files.ts'

describe('pictures and certificates in a copy of everything', async () => {
  const { house, practitioner, patient, caregiver, given, rows, copyOf } = await openRegistry()
  const doctor = await practitioner()
  const own = await patient({}, doctor)
  const licence = (await doctor.post(`/v1/practitioners/${doctor.id}/licences`, aLicence)).body.id
  const certificate = `files/certificate-of-licence-${licence}.pdf`
  const photos = { practitioner: doctor.id, patient: own.id }
  const names = Object.entries(photos).map(([kind, id]) => `files/photo-of-${kind}-${id}.png`)
  const upload = async (path: string, type: string, content: Buffer) => {
    const { status, body } = await doctor.upload(path, type, content)
    assert.ok(status < 300, JSON.stringify(body))
  }
  for (const [kind, id] of Object.entries(photos)) await upload(`/v1/${kind}s/${id}/photo`, 'image/png', png)
  await upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
  const keyOf = async () => (await rows('select certificate_key as key from registry.licence'))[0].key as string

  it('are there as they are kept, under names that say what they are, and the page leads to them', async () => {
    const copy = await copyOf(doctor)
    const sent = Object.keys(copy).filter((name) => name.startsWith('files/'))
    assert.deepEqual(sent.sort(), [certificate, ...names].sort())
    assert.ok(copy[certificate]?.equals(pdf))
    const headers = { authorization: `Bearer ${doctor.token}` }
    const photo = await house.app.inject({ url: `/v1/patients/${own.id}/photo`, headers })
    assert.ok(copy[`files/photo-of-patient-${own.id}.png`]?.equals(photo.rawPayload))
    const { files } = JSON.parse(String(copy['everything.json']))
    const listed = files['Pictures and certificates'] as { file: string; bytes: number }[]
    for (const name of [...names, certificate]) {
      assert.equal(listed.find(({ file }) => file === name)?.bytes, copy[name]?.length)
      assert.ok(String(copy['index.html']).includes(`<a href="${name}">`))
    }
  })

  it('are no more than the patient’s for a caregiver', async () => {
    const hana = await caregiver()
    const powers = ['see-record', 'see-sensitive']
    await given(doctor, { patient: own.id, caregiver: hana.id, powers }, hana)
    const copy = await copyOf(hana, { patient: own.id })
    const sent = Object.keys(copy).filter((name) => name.startsWith('files/'))
    assert.deepEqual(sent, [`files/photo-of-patient-${own.id}.png`])
  })

  it('are named, with where they are had, when the copy would be too large', async () => {
    const { files, log } = house.house
    const one = {
      what: 'certificate',
      kind: 'licence',
      id: licence,
      key: await keyOf(),
      type: 'application/pdf',
    } as const
    const { rows, contents } = await takeFiles({ files, log }, [one], pdf.length - 1)
    assert.equal(contents.size, 0)
    assert.equal(rows[0]?.bytes, pdf.length)
    assert.match(String(rows[0]?.note), new RegExp(`/v1/licences/${licence}/certificate`))
    assert.ok((await takeFiles({ files, log }, [one], pdf.length)).contents.get(certificate)?.equals(pdf))
  })

  it('do not keep the copy from being made when the store has lost one', async () => {
    const key = await keyOf()
    rmSync(join(house.house.config.OPENHCS_HOME, 'files', key.slice(0, 2), key))
    const { files } = JSON.parse(String((await copyOf(doctor))['everything.json']))
    assert.match(files['Pictures and certificates'].at(-1).note, /missing/)
  })
})
