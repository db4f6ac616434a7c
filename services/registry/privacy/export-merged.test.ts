import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRegistry, png } from '../testing.ts'

describe('a copy of everything about somebody whose records had become one', async () => {
  const { patient, caregiver, administrator, given, copyOf } = await openRegistry()
  const ada = await administrator()
  const [survivor, replaced, hana] = [
    await patient(),
    await patient({ name: 'Sabba Tesfay', phone: '+251911000042' }),
    await caregiver(),
  ]
  for (const [who, end] of [
    [survivor, '1111'],
    [replaced, '2222'],
  ] as const) {
    const number = { kind: 'national', country: 'ET', value: `MERGED-000-${end}` }
    assert.equal((await who.post(`/v1/patients/${who.id}/identifiers`, number)).status, 201)
  }
  const { items: texts } = (await survivor.get('/v1/consent-texts')).body
  const { purpose, category, version: textVersion } = texts[0]
  const refusal = { purpose, category, decision: 'deny', textVersion }
  const recorded = await replaced.post(`/v1/patients/${replaced.id}/consents`, refusal)
  assert.ok(recorded.status < 300, JSON.stringify(recorded.body))
  await given(replaced, { patient: replaced.id, caregiver: hana.id, powers: ['book'] }, hana)
  assert.ok((await replaced.upload(`/v1/patients/${replaced.id}/photo`, 'image/png', png)).status < 300)
  const merge = { survivor: survivor.id, replaced: replaced.id, reason: 'Passport seen' }
  assert.equal((await ada.post('/v1/merges', merge)).status, 201)

  for (const [whose, who] of Object.entries({ survivor, replaced }))
    it(`has what either record had, asked for by the account of the ${whose}`, async () => {
      const copy = await copyOf(who)
      const { registry } = JSON.parse(String(copy['everything.json']))
      assert.deepEqual(
        registry['Patient profile'].map((row: Record<string, unknown>) => [row.id, row.name, row.replaced_by]),
        [
          [survivor.id, 'Saba Tesfaye', null],
          [replaced.id, 'Sabba Tesfay', survivor.id],
        ],
      )
      const ends = registry['National, tax and insurance numbers'].map((row: { ends_with: string }) => row.ends_with)
      assert.deepEqual(ends.sort(), ['1111', '2222'])
      assert.equal(registry['What is permitted and refused'][0].decision, 'deny')
      assert.deepEqual(registry.Mandates[0].powers, ['book'])
      assert.ok(copy[`files/photo-of-patient-${replaced.id}.png`])
      const log = Object.entries(registry).find(([title]) => title.startsWith('Who saw'))?.[1] as { entity: string }[]
      for (const { id } of [survivor, replaced])
        assert.ok(
          log.some(({ entity }) => entity === `Patient/${id}`),
          'the log of both',
        )
      assert.match(String(copy['index.html']), /Sabba Tesfay/)
    })

  it('says in FHIR which record stands for which', async () => {
    const bundle = JSON.parse(String((await copyOf(survivor))['fhir-r4-bundle.json']))
    const former = bundle.entry.find(({ resource }: { resource: { id: string } }) => resource.id === replaced.id)
    const link = [{ other: { reference: `Patient/${survivor.id}` }, type: 'replaced-by' }]
    assert.deepEqual([former.resource.active, former.resource.link], [false, link])
  })
})
